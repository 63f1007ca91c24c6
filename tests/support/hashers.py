"""Argon2 as the site uses it, at its lowest cost: signing in is not what most tests measure."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 1

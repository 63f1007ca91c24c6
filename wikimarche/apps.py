"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class WikimarcheConfig(AppConfig):
    name = "wikimarche"

"""People, made by the services. Traits are named as situations."""

import time

import factory
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value

from procurement.accounts.models import User
from procurement.accounts.services import create_user, deactivate_user


PASSWORD = "quatre petits moutons blancs"


class UserFactory(factory.django.DjangoModelFactory):
    """A person whose address is verified and who signs in with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        platform_administrator = factory.Trait(is_administrateur=True)
        without_password = factory.Trait(password=None)
        with_short_password = factory.Trait(password="huit moutons")

    by = None
    prenom = factory.Faker("first_name", locale="fr_FR")
    nom = factory.Faker("last_name", locale="fr_FR")
    email = factory.Sequence(lambda n: f"personne{n}@region.example")
    password = PASSWORD

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return create_user(*args, **kwargs)

    @factory.post_generation
    def whose_account_was_closed(self, create, extracted, **kwargs):
        if extracted:
            deactivate_user(by=None, user=self, motif="Départ de l’organisation")
            self.refresh_from_db()

    @factory.post_generation
    def with_application(self, create, extracted, **kwargs):
        """Second factor set up: `UserFactory(with_application=True)`; see `totp_code`."""
        if extracted:
            secret = generate_totp_secret()
            TOTP.activate(self, secret)
            self.totp_secret = secret


def totp_code(user: User, at: float | None = None) -> str:
    """Return the code the person's application shows now."""
    counter = int((at or time.time()) // 30)
    return f"{hotp_value(user.totp_secret, counter):06d}"

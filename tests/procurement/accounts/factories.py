"""People, made by the services. Traits are named as situations."""

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


class CodeClock:
    """The time that the site and the telephones both read: codes change when told, not under way."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def time(self) -> float:
        return self.now

    def show_next_codes(self) -> None:
        """Thirty seconds later: a code serves once."""
        self.now += 30


CODE_CLOCK = CodeClock()


def totp_code(user: User) -> str:
    """Return the code the person's application shows now."""
    return f"{hotp_value(user.totp_secret, int(CODE_CLOCK.now // 30)):06d}"

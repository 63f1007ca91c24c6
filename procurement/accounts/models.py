"""User: a person who signs in with an e-mail address. Deactivated, never deleted."""

import uuid
from typing import NoReturn

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import ProtectedError, Q
from django.db.models.functions import Lower, Now

from procurement.accounts.querysets import UserQuerySet
from procurement.accounts.validators import LENGTH_ALONE, validate_person_name


class UserManager(BaseUserManager["User"]):
    """Creates people; the address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Write a person with the hash of the password; None leaves it unusable until a link sets one.

        Raises ValidationError. Nothing is journaled here: the service of the same name is.
        """
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean()
        user.save(using=self._db)
        return user

    def get_queryset(self) -> UserQuerySet:
        """Give the queryset that refuses deletion."""
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        """Give the people who may sign in."""
        return self.get_queryset().active()


class User(AbstractBaseUser):
    """The label that evidence keeps for a person is ``acheteur:<uuid>``, never the name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("adresse électronique", unique=True)
    prenom = models.CharField("prénom", max_length=80, validators=[validate_person_name])
    nom = models.CharField("nom", max_length=80, validators=[validate_person_name])
    is_active = models.BooleanField("actif", default=True)
    is_administrateur = models.BooleanField("administrateur de la plateforme", default=False)
    # Only the hash is kept, so the length is noted when the password is set: a short one is
    # allowed beside a second factor, which then cannot be taken away.
    is_password_short = models.BooleanField("mot de passe court", default=False, editable=False)
    created_at = models.DateTimeField("créé le", db_default=Now())
    deactivated_at = models.DateTimeField("désactivé le", null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["prenom", "nom"]

    objects = UserManager()

    class Meta:
        verbose_name = "personne"
        ordering = ["nom", "prenom"]
        constraints = [
            models.CheckConstraint(
                name="personne_desactivation_datee",
                condition=Q(is_active=True, deactivated_at=None)
                | Q(is_active=False, deactivated_at__isnull=False),
                violation_error_message="Un compte désactivé porte sa date, un compte actif n’en a pas.",
            ),
            models.CheckConstraint(
                name="personne_email_minuscules",
                condition=Q(email=Lower("email")),
                violation_error_message="L’adresse électronique s’écrit en minuscules.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name()

    def set_password(self, raw_password: str | None) -> None:
        """Hash the password, and note whether it is shorter than what stands alone without second factor."""
        super().set_password(raw_password)
        self.is_password_short = raw_password is not None and len(raw_password) < LENGTH_ALONE

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        """Refuse. Raises ProtectedError: evidence names people by their key."""
        raise ProtectedError("People are deactivated, never deleted.", {self})

    def get_full_name(self) -> str:
        """« Claire Le Goff »; also what a closed account goes on being called."""
        return f"{self.prenom} {self.nom}".strip()

    def get_short_name(self) -> str:
        """The prénom, for the first line of a mail."""
        return self.prenom

    @property
    def initiales(self) -> str:
        """Two letters at most, in capitals, for the disc that stands for a person."""
        return f"{self.prenom[:1]}{self.nom[:1]}".upper()

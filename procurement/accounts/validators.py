"""What a name and a password may be. Passwords: long rather than complicated (ASVS V6.2)."""

import re
import unicodedata

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from procurement.ui.typographie import is_visible


LENGTH_WITH_SECOND_FACTOR = 12
LENGTH_ALONE = 15
LENGTH_MAXIMUM = 1000
# Words a French-speaking person reaches for first, beside Django's list of common passwords.
FAMILIAR = ("motdepasse", "azertyuiop", "bonjour", "marchepublic", "marchespublics", "wikimarche")


def validate_person_name(value: str) -> None:
    """Refuse characters that no name holds and that could disguise a text or a link.

    Raises ValidationError for control, bidirectional and private characters, and for addresses.
    """
    # Cc and Cf: NUL, line breaks, U+202E and the other invisible ones; Co, Cs: not text at all.
    if any(unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs"} for char in value):
        raise ValidationError(
            "Un nom ne contient ni caractère invisible ni retour à la ligne.", code="caracteres"
        )
    if not is_visible(value):
        raise ValidationError("Un nom a au moins un signe visible.", code="invisible")
    if re.search(r"://|www\.|@", value, re.IGNORECASE):
        raise ValidationError("Un nom ne contient pas d’adresse.", code="adresse")


class PasswordLengthValidator:
    """12 characters when a second factor protects the account, 15 without; no other rule."""

    def validate(self, password: str, user: object | None = None) -> None:
        factors = getattr(user, "authenticator_set", None)
        protected = factors is not None and factors.exclude(type="recovery_codes").exists()
        minimum = LENGTH_WITH_SECOND_FACTOR if protected else LENGTH_ALONE
        if len(password) < minimum:
            raise ValidationError(
                f"Ce mot de passe est trop court : il faut au moins {minimum} caractères. "
                "Une suite de quatre ou cinq mots convient très bien.",
                code="password_too_short",
            )
        if len(password) > LENGTH_MAXIMUM:
            raise ValidationError(
                f"Ce mot de passe dépasse {LENGTH_MAXIMUM} caractères.", code="password_too_long"
            )

    def get_help_text(self) -> str:
        return (
            f"Au moins {LENGTH_ALONE} caractères ({LENGTH_WITH_SECOND_FACTOR} avec une double "
            "authentification) : une phrase de quatre ou cinq mots, facile à retenir."
        )


class CommonPasswordsValidator(CommonPasswordValidator):
    """Common passwords, also when only digits, signs or repetition make them long enough."""

    def validate(self, password: str, user: object | None = None) -> None:
        folded = unicodedata.normalize("NFKD", password.lower())
        folded = "".join(char for char in folded if not unicodedata.combining(char))
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
        plain = re.sub(r"[\W_]+", "", folded)
        if (
            len(set(folded)) < 5
            or folded in self.passwords
            or core in self.passwords
            or core.replace(" ", "") in FAMILIAR
            or _unit(plain) in self.passwords
            or _unit(plain) in FAMILIAR
            or _is_keyboard_run(plain)
        ):
            raise ValidationError(
                "Ce mot de passe est trop répandu : on le devinerait en quelques essais.",
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return "Ni un mot de passe courant, ni votre nom."


def _unit(text: str) -> str:
    """Return the shortest piece whose repetition makes the text: « abcabc » gives « abc »."""
    at = (text + text).find(text, 1)
    return text[:at] if 0 < at < len(text) else text


def _is_keyboard_run(text: str) -> bool:
    runs = (
        "01234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "azertyuiopqsdfghjklmwxcvbn",
        "qwertyuiopasdfghjklzxcvbnm",
    )
    return any(text in run or text in run[::-1] for run in runs if text)

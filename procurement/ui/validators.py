"""What a title, a name or an object may be, whichever door it comes through."""

from django.core.exceptions import ValidationError

from procurement.ui.typographie import is_visible, strip_bidi, strip_controls


def validate_ligne(value: str) -> None:
    """Refuse a text that shows nothing, and one that would not be read as it is written.

    Raises ValidationError. Forms and services clean what people type; commands are refused here.
    """
    if not is_visible(value):
        raise ValidationError("Ce texte n’a aucun signe visible.", code="invisible")
    if strip_bidi(value) != value:
        raise ValidationError(
            "Ce texte contient des signes qui en retournent le sens de lecture.", code="retourne"
        )
    if strip_controls(value) != value:
        raise ValidationError("Ce texte contient des signes de commande.", code="commande")

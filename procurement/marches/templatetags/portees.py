"""What a role is limited to, in the words of its pièce."""

from django import template

from procurement.marches.models import Invitation, Participation
from procurement.marches.registry import say_limit, say_portee


register = template.Library()


@register.filter
def portee(row: Invitation | Participation) -> str:
    """« sur « CCTP » seulement », or "" for the whole marché. One query for a limited role."""
    return say_limit(say_portee(row.marche, row.portee))

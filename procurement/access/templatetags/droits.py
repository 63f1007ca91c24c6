"""{% can "app:noun:verb" objet as droit %}: the decision, with its reason, in a template."""

from django import template
from django.db.models import Model

from procurement.access.domain import Decision, Unknown
from procurement.access.services import decide


register = template.Library()


@register.simple_tag(takes_context=True)
def can(context: template.Context, action: str, obj: Model | None = None) -> Decision:
    """Decide for the person of the request; an anonymous person may do nothing."""
    user = context["request"].user
    if not user.is_authenticated:
        return Unknown()
    return decide(user, action, obj)

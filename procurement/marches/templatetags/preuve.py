"""{% alerte_preuve %}: on every page, for those who must know that the history no longer agrees."""

from django import template

from procurement.marches.selectors.alerts import ShownAlert, alert_for, lately


register = template.Library()


@register.inclusion_tag("marches/_alerte.html", takes_context=True)
def alerte_preuve(context: template.Context) -> dict[str, ShownAlert | None]:
    """Show the alert to whoever must know; asks the database twice a minute at most, for everyone."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return {"alerte": None}
    return {"alerte": alert_for(user, lately.read())}

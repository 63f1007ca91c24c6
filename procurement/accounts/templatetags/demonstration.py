"""What the sign-in page shows in the demonstration, and nothing elsewhere."""

from itertools import groupby

from django import template

from procurement.accounts.registry import SignIn, sign_ins_shown


register = template.Library()


@register.simple_tag
def comptes_de_demonstration() -> list[tuple[str, list[SignIn]]]:
    """Accounts by organisation; empty wherever DEMO is off."""
    groups = groupby(sign_ins_shown(), key=lambda sign_in: sign_in.organisation)
    return [(name, list(people)) for name, people in groups]

"""Reads about who works for whom."""

from django.db.models import QuerySet

from procurement.accounts.models import User
from procurement.audit.querysets import Prepared
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


# Functions that read everything of their organisation or govern its members.
SENSITIVE = (Fonction.JURISTE, Fonction.ADMINISTRATEUR)


def memberships_of(user: User) -> QuerySet[Membership]:
    """List the organisations a person works for now: 1 query, nothing for a closed account."""
    return Membership.objects.filter(
        user=user, is_active=True, user__is_active=True
    ).select_related("organisation", "direction")


def sensitive_fonctions(user: User) -> QuerySet[Membership]:
    """Find where a person is juriste or administrateur: 1 query."""
    return memberships_of(user).filter(fonction__in=SENSITIVE)


def describe_member(user: User) -> dict[str, object]:
    """Say for the journal where a person works now: 1 query, part of every save."""
    places = [
        {"organisation": str(organisation), "nom": nom, "fonction": fonction}
        for organisation, nom, fonction in _PLACES.rows([user.pk])
    ]
    return {"organisations": places} if places else {}


_PLACES = Prepared("""
SELECT m.organisation_id, o.nom, m.fonction
  FROM organisations_membership m JOIN organisations_organisation o ON o.id = m.organisation_id
 WHERE m.user_id = %s AND m.is_active
""")

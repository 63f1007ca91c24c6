"""Said by manage.py check --deploy: what makes the evidence weaker than it should be."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from procurement.audit.selectors import hasty_settings, roles_separated


@register(Tags.security, deploy=True)
def check_roles(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The process that writes must not be able to rewrite."""
    try:
        if roles_separated():
            return []
    except DatabaseError:
        return [Error("Base de données injoignable\u202f: rôles non vérifiés.", id="audit.E002")]
    return [
        Error(
            "Rôles non séparés\u202f: le rôle de connexion peut modifier les tables de preuve.",
            hint="manage.py roles_sql imprime les instructions qui créent les rôles.",
            id="audit.E001",
        )
    ]


_LOST_HERE = "Un enregistrement acquitté peut se perdre"
# On the disk of the base it is: only what waits for a second server says more.
_LOST = {"local": "Un enregistrement acquitté peut manquer au serveur de secours"}


@register(Tags.security, deploy=True)
def check_durability(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What is told as saved must survive a power cut."""
    try:
        hasty = hasty_settings()
    except DatabaseError:
        return []  # check_roles says so
    return [
        Error(
            f"{_LOST.get(value, _LOST_HERE)}\u202f: {name} vaut «\u202f{value}\u202f» dans Postgres.",
            hint=f"Remettre {name} à on dans les réglages du serveur"
            + (
                ", et passer de nouveau ce qu’imprime manage.py roles_sql."
                if name == "synchronous_commit"
                else "."
            ),
            id="audit.E003",
        )
        for name, value in hasty.items()
    ]

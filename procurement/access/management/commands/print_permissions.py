"""Prints docs/permissions.md from the matrices: the policy that juristes read is the real one."""

from typing import Any

from django.core.management.base import BaseCommand

from procurement.access.selectors import PolicyTable, read_policy


PAGE = """\
# Qui peut quoi

Le droit de chacun, tel que le programme l’applique à chaque adresse, à chaque travail et à chaque
commande. Hors de l’organisation, un marché n’existe pas\u202f: la réponse est la même que pour une adresse
inventée. À une personne qui peut savoir que l’objet existe, le refus dit sa raison\u202f; il est inscrit
au journal de la plateforme.

Un rôle limité à une pièce vaut sur elle, et sur tout ce qu’elle contient, comme le disent ces tableaux.
Du marché qui l’entoure, la personne n’a que la colonne «\u202fLimité à une pièce\u202f»\u202f; les autres pièces
n’existent pas pour elle.

Cette page est imprimée par `./wm manage print_permissions` ; un test la compare.
{tables}"""


def permissions_page() -> str:
    """Return the page as Markdown."""
    return PAGE.format(tables="".join(_table(table) for table in read_policy()))


def _table(table: PolicyTable) -> str:
    lines = [
        "",
        f"## {table.app}",
        "",
        f"| action | {' | '.join(table.columns)} | à condition |",
        f"|---|{'---|' * len(table.columns)}---|",
    ]
    for row in table.rows:
        marks = " | ".join("✓" if held else "–" for held in row.roles)
        lines.append(f"| {row.words}<br>`{row.action}` | {marks} | {row.conditions} |")
    return "\n".join([*lines, ""])


class Command(BaseCommand):
    help = "Print docs/permissions.md."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(permissions_page(), ending="")

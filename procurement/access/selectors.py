"""The policy as a table in words."""

from dataclasses import dataclass

from procurement.access.enums import ROLE_WORDS, Role
from procurement.access.registry import all_rules


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """An action in words, its roles and what the state of the object adds."""

    action: str
    words: str
    roles: list[bool]
    conditions: str


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """The matrix of an app. columns: names of the roles that appear in it."""

    app: str
    columns: list[str]
    rows: list[PolicyRow]


APP_WORDS = {
    "access": "Droits",
    "jobs": "Travaux",
    "marches": "Marché",
    "wikimarche": "Pièces et articles",
}


def read_policy() -> list[PolicyTable]:
    """Print every matrix from the code. No query."""
    rules = all_rules()
    tables = []
    for app in dict.fromkeys(action.split(":")[0] for action in rules):
        own = {action: rule for action, rule in rules.items() if action.startswith(f"{app}:")}
        roles = [role for role in Role if any(role in rule.roles for rule in own.values())]
        rows = [
            PolicyRow(
                action,
                rule.words,
                [role in rule.roles for role in roles],
                ", ".join(condition.words for condition in rule.conditions),
            )
            for action, rule in own.items()
        ]
        tables.append(PolicyTable(APP_WORDS.get(app, app), [ROLE_WORDS[r] for r in roles], rows))
    return tables

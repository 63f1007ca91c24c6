"""The steps of a marché: where it stands, and what going to another one changes for whom."""

from dataclasses import dataclass
from datetime import datetime

from procurement.access.enums import ROLE_WORDS, Role
from procurement.access.registry import Rule, all_rules
from procurement.audit.selectors import list_entries
from procurement.marches.enums import STEP_HELP, RoleParticipation, StatutMarche
from procurement.marches.models import Marche
from procurement.marches.permissions import StepCondition
from procurement.marches.registry import Point, lacks_of, points_of
from procurement.marches.selectors.people import list_people
from procurement.marches.workflow import BACK, FORWARD, ORDER, is_back, needs_reason
from procurement.ui.typographie import format_date, format_instant


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the marché as the page draws it. statut: « fait », « ici », « arret » (it stopped there) or ""."""

    words: str
    statut: str
    detail: str


@dataclass(frozen=True, slots=True)
class LastMove:
    """How the marché came to stand where it does: who, when, why."""

    avant: str
    instant: datetime
    personne: str
    motif: str


def last_move(marche: Marche) -> LastMove | None:
    """The latest move, None when the marché has not moved. At most two queries."""
    moves = [
        entry
        for action in ("marches:marche:moved", "marches:marche:returned")
        for entry in list_entries(marche.pk, action=action, limit=1)
    ]
    if not moves:
        return None
    entry = max(moves, key=lambda move: move.seq)
    details = entry.corps.get("details", {})
    return LastMove(
        avant=details.get("avant", ""),
        instant=entry.instant,
        personne=entry.nom_acteur,
        motif=details.get("motif", ""),
    )


def steps_of(marche: Marche, last: LastMove | None = None) -> list[Step]:
    """The steps from need to execution, with the dates of the fiche. No query.

    A purchase that stopped shows as done what lies before the step it stopped at.
    """
    dates = {
        StatutMarche.PUBLICATION: marche.publication_prevue
        and format_date(marche.publication_prevue),
        StatutMarche.OFFRES: marche.date_limite_offres
        and format_instant(marche.date_limite_offres),
        StatutMarche.ATTRIBUTION: marche.attribution_prevue
        and format_date(marche.attribution_prevue),
        StatutMarche.EXECUTION: marche.debut_execution and format_date(marche.debut_execution),
    }
    here = _rank(marche, last)
    at = "ici" if marche.statut in ORDER else "arret"
    return [
        Step(
            statut.label,
            "fait" if rank < here else at if rank == here else "",
            dates.get(statut) or "",
        )
        for rank, statut in enumerate(ORDER)
    ]


def _rank(marche: Marche, last: LastMove | None) -> int:
    if marche.statut in ORDER:
        return ORDER.index(StatutMarche(marche.statut))
    if marche.statut == StatutMarche.CLOS or last is None or last.avant not in ORDER:
        return len(ORDER)
    return ORDER.index(StatutMarche(last.avant))


def next_step(marche: Marche) -> StatutMarche | None:
    """The ordinary way on, None when the purchase has ended. No query."""
    return next(iter(FORWARD[StatutMarche(marche.statut)]), None)


def steps_back(marche: Marche) -> list[tuple[str, str]]:
    """Where the marché may come back to, the nearest first: value, words. No query."""
    return [(step.value, step.label) for step in BACK[StatutMarche(marche.statut)]]


@dataclass(frozen=True, slots=True)
class Change:
    """What a move changes for a role. perd, gagne: what its holder stops or starts changing.

    actes: the same, action by action, in the words of « Qui peut quoi ».
    """

    role: str
    qui: list[str]
    perd: list[str]
    gagne: list[str]
    actes: list[str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A move that a person is about to decide. manque: what is not done yet; none of it forbids."""

    ici: StatutMarche
    vers: StatutMarche
    sens: str
    recule: bool
    motive: bool
    changements: list[Change]
    inchanges: list[str]
    manque: list[Point]
    ailleurs: list[tuple[str, str]]


def read_passage(marche: Marche, vers: StatutMarche) -> Passage:
    """Say what going to a step changes for whom, read from the matrices themselves.

    As many queries as the points of the marché, and two.
    """
    ici = StatutMarche(marche.statut)
    recule = is_back(ici, vers)
    rules = [rule for rule in all_rules().values() if _steps(rule)]
    stops = [rule for rule in rules if _holds(rule, ici) and not _holds(rule, vers)]
    starts = [rule for rule in rules if _holds(rule, vers) and not _holds(rule, ici)]
    holders: dict[str, list[str]] = {}
    for person in list_people(marche):
        held, who = person.participation, str(person.participation.user)
        limit = " (une pièce seulement)" if held.portee else ""
        holders.setdefault(held.role, []).append(who + limit)
    roles = [Role(role) for role in reversed(RoleParticipation.values) if role in holders]
    if marche.partage_juridique:
        roles.append(Role.JURISTE)
    changes = [
        Change(
            role=ROLE_WORDS[role],
            qui=holders.get(role, []),
            perd=_doors(stops, role),
            gagne=_doors(starts, role),
            actes=[rule.words for rule in stops + starts if role in rule.roles],
        )
        for role in roles
    ]
    return Passage(
        ici=ici,
        vers=vers,
        sens=STEP_HELP[vers],
        recule=recule,
        motive=needs_reason(ici, vers),
        changements=[change for change in changes if change.actes],
        inchanges=[change.role for change in changes if not change.actes],
        manque=[] if recule else _missing(marche),
        ailleurs=[(step.value, step.label) for step in FORWARD[ici] if step != vers],
    )


def _missing(marche: Marche) -> list[Point]:
    return [
        point
        for point in [*points_of(marche), *lacks_of(marche)]
        if point.manque and not point.fait
    ]


def _steps(rule: Rule) -> list[StepCondition]:
    return [condition for condition in rule.conditions if isinstance(condition, StepCondition)]


def _holds(rule: Rule, step: StatutMarche) -> bool:
    return all(step in condition.steps for condition in _steps(rule))


def _doors(rules: list[Rule], role: Role) -> list[str]:
    return list(
        dict.fromkeys(
            condition.porte for rule in rules if role in rule.roles for condition in _steps(rule)
        )
    )

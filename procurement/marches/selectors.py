"""Reads shaped for the pages of a marché."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from procurement.accounts.models import User
from procurement.audit.selectors import JournalEntry, list_entries
from procurement.marches.domain.variables import say_date, say_instant
from procurement.marches.enums import RoleParticipation, StatutMarche
from procurement.marches.models import Critere, Invitation, Lot, Marche, Participation
from procurement.marches.registry import Point, event_words
from procurement.marches.workflow import ORDER
from procurement.organisations.enums import Fonction, TypeOrganisation
from procurement.organisations.models import Membership, Organisation


def marches_visible_to(user: User) -> QuerySet[Marche]:
    """Restrict to what a person may see: own participations, and shared ones for a juriste."""
    works_for = Membership.objects.filter(user=user, is_active=True)
    as_juriste = works_for.filter(fonction=Fonction.JURISTE)
    return (
        Marche.objects.filter(
            Q(
                pk__in=Participation.objects.filter(user=user, is_active=True).values("marche"),
                organisation__in=works_for.values("organisation"),
            )
            | Q(partage_juridique=True, organisation__in=as_juriste.values("organisation"))
        )
        .select_related("organisation", "direction")
        .order_by("-created_at")
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as the page of a marché shows one."""

    participation: Participation
    fonction: str
    """« gestionnaire · achats »: role, then direction."""


def list_people(marche: Marche) -> list[Person]:
    """Participants by strength of role, then name. Two queries."""
    participations = list(
        Participation.objects.filter(marche=marche, is_active=True)
        .select_related("user")
        .order_by("user__nom", "user__prenom")
    )
    directions = {
        user: direction or ""
        for user, direction in Membership.objects.filter(
            organisation=marche.organisation_id,
            user__in=[participation.user_id for participation in participations],
        ).values_list("user", "direction__nom")
    }
    strength = list(Participation._meta.get_field("role").choices or [])
    order = {value: -rank for rank, (value, _) in enumerate(strength)}
    participations.sort(key=lambda participation: order[participation.role])
    return [
        Person(
            participation,
            " · ".join(
                words
                for words in (
                    participation.get_role_display().lower(),
                    directions.get(participation.user_id, ""),
                )
                if words
            ),
        )
        for participation in participations
    ]


def list_invitations(marche: Marche) -> list[Invitation]:
    """Invitations still waiting, oldest first. One query."""
    return list(
        Invitation.objects.filter(marche=marche, acceptee_le__isnull=True, revoquee_le__isnull=True)
    )


def invitations_for(user: User) -> list[Invitation]:
    """Invitations that wait for a person, by their verified address. One query."""
    return list(
        Invitation.objects.filter(
            email=user.email, acceptee_le__isnull=True, revoquee_le__isnull=True
        ).select_related("marche__organisation", "invited_by")
    )


def lots_of(marche: Marche) -> list[Lot]:
    """Lots in order, each with its criteria. Two queries."""
    criteres = Critere.objects.filter(retire=False)
    return list(
        marche.lots.filter(retire=False).prefetch_related(Prefetch("criteres", queryset=criteres))
    )


def criteres_of(marche: Marche) -> list[Critere]:
    """Criteria of the whole marché, in order. One query."""
    return list(marche.criteres.filter(retire=False, lot__isnull=True))


def organisations_buying_for(user: User) -> QuerySet[Organisation]:
    """Public buyers a person works for: where she may open a marché."""
    return Organisation.objects.filter(
        type=TypeOrganisation.ACHETEUR,
        pk__in=Membership.objects.filter(user=user, is_active=True).values("organisation"),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the marché as the page draws it. statut: « fait », « ici » or ""."""

    words: str
    statut: str
    detail: str


def steps_of(marche: Marche) -> list[Step]:
    """The steps from need to execution, with the dates of the fiche. No query."""
    dates = {
        StatutMarche.PUBLICATION: marche.publication_prevue and say_date(marche.publication_prevue),
        StatutMarche.OFFRES: marche.date_limite_offres and say_instant(marche.date_limite_offres),
        StatutMarche.ATTRIBUTION: marche.attribution_prevue and say_date(marche.attribution_prevue),
        StatutMarche.EXECUTION: marche.debut_execution and say_date(marche.debut_execution),
    }
    here = ORDER.index(StatutMarche(marche.statut)) if marche.statut in ORDER else len(ORDER)
    return [
        Step(
            statut.label,
            "fait" if rank < here else "ici" if rank == here else "",
            dates.get(statut) or "",
        )
        for rank, statut in enumerate(ORDER)
    ]


def fiche_points(marche: Marche) -> Iterator[Point]:
    """What the fiche still lacks, who is still alone. Three queries."""
    missing = [
        words
        for words, value in (
            ("direction", marche.direction_id),
            ("nature", marche.nature),
            ("code CPV", marche.cpv),
            ("procédure", marche.procedure),
            ("montant", marche.montant_estime),
            ("durée", marche.duree_mois),
            ("remise des offres", marche.date_limite_offres),
        )
        if value in ("", None)
    ]
    yield Point(
        rang=30,
        titre="Compléter la fiche",
        acte="Compléter la fiche",
        detail=f"À dire : {', '.join(missing)}." if missing else "La fiche est complète.",
        href=reverse("marches:marche_update", args=[marche.pk]),
        fait=not missing,
    )
    criteres = marche.criteres.filter(retire=False, lot__isnull=True).exists()
    yield Point(
        rang=40,
        titre="Fixer les critères",
        acte="Fixer les critères",
        detail="Les critères sont fixés." if criteres else "Leur poids doit faire 100\u202f%.",
        href=reverse("marches:criteres_set", args=[marche.pk]),
        fait=criteres,
    )
    team = marche.participations.filter(is_active=True).count()
    yield Point(
        rang=20,
        titre="Inviter un collègue",
        acte="Inviter un collègue",
        detail=f"{team} personnes y travaillent." if team > 1 else "Vous y êtes encore seul.",
        href=reverse("marches:invitation_create", args=[marche.pk]),
        fait=team > 1,
    )


def find_invitation(jeton: str) -> Invitation | None:
    """The invitation of a link that still waits, or None. One query."""
    return (
        Invitation.objects.filter(
            jeton_sha256=sha256(jeton.encode()).hexdigest(),
            acceptee_le__isnull=True,
            revoquee_le__isnull=True,
            expire_le__gt=timezone.now(),
        )
        .select_related("marche__organisation", "invited_by")
        .first()
    )


QUIET_DETAILS = frozenset(
    {
        *("empreinte_ecartes", "empreinte_pas", "empreinte_piece", "enregistrement", "genre"),
        *("nom", "pas", "resume", "seance", "structure", "titre_donne", "version_faite"),
        *("article", "criteres", "lots", "personne", "type"),
    }
)
"""Details that only a machine reads."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: who, when, what in words. ecritures: rows of the journal it stands for.

    version: of the pièce, when the act made one.
    """

    seq: int
    ecritures: int
    version: int | None
    instant: datetime
    personne: str
    acteur: str
    phrase: str
    details: list[tuple[str, str]]
    caviarde: bool
    empreinte: str

    @property
    def jour(self) -> date:
        """The day it happened, here."""
        return timezone.localtime(self.instant).date()


@dataclass(frozen=True, slots=True)
class History:
    """A page of the story of a marché. suite: number to read on before, None at the beginning."""

    events: list[Event]
    suite: int | None
    familles: list[tuple[str, str]]
    personnes: list[tuple[str, str]]
    famille: str
    acteur: str


FAMILIES = (
    ("marches:", "Fiche et personnes"),
    ("wikimarche:article:", "Texte des articles"),
    ("wikimarche:version:", "Versions nommées"),
    ("wikimarche:piece:", "Pièces"),
)
HISTORY_PAGE = 50
_ROLES = {role.value: role.label.lower() for role in RoleParticipation}
HISTORY_ROWS = 1000
"""Rows of the journal read for one page: an import writes one per article."""


def read_history(
    marche: Marche, *, before: int | None = None, famille: str = "", acteur: str = ""
) -> History:
    """One page of events, newest first. Three queries.

    One act is one line however many rows it wrote, and the edits one person made in a row in one
    article are one line too.
    """
    entries = list_entries(
        marche.pk, before=before, limit=HISTORY_ROWS, action=famille, acteur=acteur
    )
    groups: list[list[JournalEntry]] = []
    for entry in entries:
        if groups and _same_act(groups[-1][-1], entry):
            groups[-1].append(entry)
        elif len(groups) < HISTORY_PAGE:
            groups.append([entry])
        else:
            break
    read = sum(len(group) for group in groups)
    last = entries[read - 1].seq if read else 1
    words = event_words()
    return History(
        events=[_event(group, words) for group in groups],
        suite=last if last > 1 else None,
        familles=list(FAMILIES),
        personnes=[
            (f"acheteur:{person.participation.user_id}", str(person.participation.user))
            for person in list_people(marche)
        ],
        famille=famille,
        acteur=acteur,
    )


def _same_act(newer: JournalEntry, older: JournalEntry) -> bool:
    if newer.operation and newer.operation == older.operation:
        return True
    edited = newer.action.endswith(":edited")
    return edited and (newer.acteur, newer.action, newer.objet) == (
        older.acteur,
        older.action,
        older.objet,
    )


def _event(group: Sequence[JournalEntry], words: dict[str, str]) -> Event:
    """Say an act by the row that holds its details; ``seq`` and hash are those of its newest row."""
    entry = max(group, key=lambda row: len(row.corps.get("details", {})))
    details = entry.corps.get("details", {})
    said = {
        **{name: _say(value) for name, value in details.items()},
        "libelle": entry.corps.get("libelle", ""),
    }
    sentence = words.get(entry.action, entry.action)
    return Event(
        seq=group[0].seq,
        ecritures=len(group),
        version=details.get("version_faite"),
        instant=group[0].instant,
        personne=entry.nom_acteur or "La plateforme",
        acteur=entry.acteur,
        phrase=_typeset(sentence.format_map(_Blank(said))),
        details=[
            (name, str(_say(value)))
            for name, value in details.items()
            if f"{{{name}}}" not in sentence and name not in QUIET_DETAILS and value
        ],
        caviarde=any(row.caviarde for row in group),
        empreinte=group[0].empreinte,
    )


def _typeset(sentence: str) -> str:
    return sentence.replace("« ", "«\u202f").replace(" »", "\u202f»")


def _say(value: object) -> object:
    """A role is said in words; the rest as it is."""
    return _ROLES.get(value, value) if isinstance(value, str) else value


class _Blank(dict):
    """A detail that an old event does not have prints as nothing."""

    def __missing__(self, key: str) -> str:
        return ""

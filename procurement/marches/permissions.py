"""Who may do what on a marché. The whole policy of the purchase itself, in one table."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Exists, QuerySet

from procurement.access.enums import Role
from procurement.access.registry import Condition, Resource, Rule
from procurement.accounts.models import User
from procurement.audit.selectors import database_now
from procurement.marches.enums import StatutMarche
from procurement.marches.models import (
    AccesExceptionnel,
    Invitation,
    Marche,
    Participation,
    SavedFilter,
)
from procurement.marches.workflow import WRITABLE
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


class Action(StrEnum):
    """Actions on a marché, in alphabetical order."""

    ACCES_CLOSE = "marches:acces:close"
    """End an exceptional access before its time. Its holder, or a gestionnaire of the marché."""
    ACCES_LIST = "marches:acces:list"
    """See who opened an exceptional access, when and why."""
    ACCES_OPEN = "marches:acces:open"
    """Open to oneself the reading of one marché, for a reason and for a while."""
    FILTER_DELETE = "marches:filter:delete"
    """Forget a search kept under a name. Only one's own."""
    FILTER_SAVE = "marches:filter:save"
    """Keep the present search of the list under a name."""
    HISTORY_EXPORT = "marches:history:export"
    """Take out the evidence pack: the journal, its seals and receipts, and what checks them."""
    HISTORY_READ = "marches:history:read"
    """Read the journal of the marché: who did what and when."""
    HISTORY_REDACT = "marches:history:redact"
    """Empty a passage from the history, with another person: one asks, the other confirms."""
    HISTORY_VERIFY = "marches:history:verify"
    """Recompute the chain of the journal and compare it with what the database holds."""
    INVITATION_ACCEPT = "marches:invitation:accept"
    """Take the role offered by e-mail. Only the person invited."""
    INVITATION_CREATE = "marches:invitation:create"
    INVITATION_REVOKE = "marches:invitation:revoke"
    MARCHE_CREATE = "marches:marche:create"
    MARCHE_FOLLOW = "marches:marche:follow"
    """See who works on the marché, and what is left to do there."""
    MARCHE_LIST = "marches:marche:list"
    MARCHE_MOVE = "marches:marche:move"
    """Take the marché to another step, or back to an earlier one."""
    MARCHE_READ = "marches:marche:read"
    MARCHE_SHARE = "marches:marche:share"
    """Share the marché with the legal department."""
    MARCHE_UPDATE = "marches:marche:update"
    """Change the fiche: its data, lots and criteria."""
    PARTICIPATION_CHANGE = "marches:participation:change"
    PARTICIPATION_END = "marches:participation:end"
    RECEIPT_READ = "marches:receipt:read"
    """Take away the receipts of one's own acts."""


PARTICIPANTS = frozenset(
    {
        Role.OBSERVATEUR,
        Role.COMMENTATEUR,
        Role.MODERATEUR,
        Role.EDITEUR,
        Role.GESTIONNAIRE,
    }
)
READERS = PARTICIPANTS | {Role.JURISTE}
NEIGHBOURS = READERS | {Role.LIMITE}
"""Who reads the marché around what she works on, and those whose role is limited to one thing of it."""
GESTIONNAIRE = frozenset({Role.GESTIONNAIRE})


def roles_on_marche(user: User, marche: Marche, objet: UUID | None = None) -> frozenset[Role]:
    """Roles of a person on a marché: the participation, and the legal department once it is shared.

    objet: a thing of the marché that a role may be limited to, with all it holds: the roles on it.
    Whoever is limited to it is LIMITE on the marché, and nothing on the other things. A person who no longer works for the organisation holds none. Who runs the platform is
    observateur while an exceptional access of hers stands. One query, on every request.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT fonction, roles FROM public.marches_roles(%s, %s, %s, %s)",
            [marche.pk, user.pk, marche.organisation_id, objet],
        )
        return roles_said(marche, *cursor.fetchone())


def nobodys_marche() -> Marche:
    """Make a marché of nobody, stored nowhere, of which one may ask the roles."""
    return Marche(organisation_id=uuid4())


def roles_said(marche: Marche, fonction: str | None, held: list[str] | None) -> frozenset[Role]:
    """Tell the roles from what ``marches_roles`` says of a person, asked alone or within a longer query."""
    if fonction is None:
        return frozenset()
    roles = {Role(role) for role in held or ()}
    if fonction == Fonction.JURISTE and marche.partage_juridique:
        roles.add(Role.JURISTE)
    return frozenset(roles)


def _get_marche(pk: UUID) -> Marche | None:
    return Marche.objects.select_related("organisation", "direction").filter(pk=pk).first()


def _get_participation(pk: UUID) -> Participation | None:
    return (
        Participation.objects.select_related("marche__organisation", "user")
        .filter(pk=pk, is_active=True)
        .first()
    )


def _get_invitation(pk: UUID) -> Invitation | None:
    return (
        Invitation.objects.select_related("marche__organisation", "invited_by")
        .filter(pk=pk)
        .first()
    )


def roles_on_all(user: User, marche: Marche) -> frozenset[Role]:
    """Roles that hold for the whole marché: none for whoever is limited to one thing of it."""
    return roles_on_marche(user, marche) - {Role.LIMITE}


def _roles_on_invitation(user: User, invitation: Invitation) -> frozenset[Role]:
    roles = roles_on_all(user, invitation.marche)
    if invitation.email == user.email:
        roles |= {Role.CONNECTE}
    return roles


def _get_filter(pk: UUID) -> SavedFilter | None:
    return SavedFilter.objects.filter(pk=pk).first()


def _roles_on_filter(user: User, saved: SavedFilter) -> frozenset[Role]:
    return frozenset({Role.CONNECTE}) if saved.user_id == user.pk else frozenset()


def _get_acces(pk: UUID) -> AccesExceptionnel | None:
    return (
        AccesExceptionnel.objects.select_related("marche__organisation", "user")
        .filter(pk=pk)
        .first()
    )


def roles_on_acces(user: User, acces: AccesExceptionnel) -> frozenset[Role]:
    """Roles on the marché, and ADMINISTRATEUR for the holder; another administrateur is a stranger."""
    roles = roles_on_all(user, acces.marche)
    if acces.user_id == user.pk and user.is_administrateur:
        roles |= {Role.ADMINISTRATEUR}
    return roles


MARCHE = Resource(
    "marches:marche",
    "un marché",
    Marche,
    _get_marche,
    roles_on_marche,
    nobodys=nobodys_marche,
)
PARTICIPATION = Resource(
    "marches:participation",
    "une participation",
    Participation,
    _get_participation,
    lambda user, participation: roles_on_all(user, participation.marche),
    nobodys=lambda: Participation(marche=nobodys_marche()),
)
INVITATION = Resource(
    "marches:invitation",
    "une invitation",
    Invitation,
    _get_invitation,
    _roles_on_invitation,
    nobodys=lambda: Invitation(marche=nobodys_marche()),
)
ACCES = Resource(
    "marches:acces",
    "un accès exceptionnel",
    AccesExceptionnel,
    _get_acces,
    roles_on_acces,
    nobodys=lambda: AccesExceptionnel(marche=nobodys_marche()),
)
FILTER = Resource(
    "marches:filter", "une recherche gardée", SavedFilter, _get_filter, _roles_on_filter
)
RESOURCES = (MARCHE, PARTICIPATION, INVITATION, ACCES, FILTER)


@dataclass(frozen=True, slots=True)
class StepCondition(Condition):
    """A condition that holds in some steps of the marché only, whatever else it asks.

    porte: what it keeps, as the page that changes the step names it (« la fiche »).
    """

    steps: frozenset[StatutMarche] = frozenset(StatutMarche)
    porte: str = ""


def _refuse_unless_writable(marche: Marche) -> str:
    if marche.statut in WRITABLE:
        return ""
    return f"Le marché est à l’étape «\u202f{marche.get_statut_display()}\u202f»\u202f: sa fiche ne change plus."


def _refuse_unless_waiting(invitation: Invitation) -> str:
    if invitation.revoquee_le:
        return "Cette invitation a été révoquée."
    if invitation.acceptee_le:
        return "Cette invitation a déjà servi."
    return ""


def _refuse_unless_standing(acces: AccesExceptionnel) -> str:
    if acces.fini_le or acces.expire_le <= database_now():
        return "Cet accès est déjà terminé."
    return ""


WRITABLE_FICHE = StepCondition(
    "avant l’étape «\u202fPublication\u202f»",
    _refuse_unless_writable,
    steps=WRITABLE,
    porte="la fiche, les lots et les critères",
)
STILL_STANDING = Condition("tant que l’accès dure", _refuse_unless_standing)
STILL_WAITING = Condition("tant que l’invitation attend", _refuse_unless_waiting)

ADDRESSED_ELSEWHERE = (
    "Cette invitation est adressée à une autre adresse que la vôtre. Si cette autre adresse est à"
    " vous, reconnectez-vous avec elle ; sinon, demandez à la personne qui gère le marché de vous"
    " inviter à votre adresse."
)

MATRIX = {
    Action.ACCES_CLOSE: Rule(
        "Fermer un accès exceptionnel avant son terme, le sien ou sur le marché que l’on gère",
        frozenset({Role.GESTIONNAIRE, Role.ADMINISTRATEUR}),
        ACCES.name,
        (STILL_STANDING,),
    ),
    Action.ACCES_LIST: Rule("Voir les accès exceptionnels", frozenset({Role.ADMINISTRATEUR})),
    Action.ACCES_OPEN: Rule(
        "S’ouvrir un accès exceptionnel, en lecture, à un marché",
        frozenset({Role.ADMINISTRATEUR}),
    ),
    Action.FILTER_DELETE: Rule(
        "Oublier une recherche gardée", frozenset({Role.CONNECTE}), FILTER.name
    ),
    Action.FILTER_SAVE: Rule(
        "Garder une recherche de la liste des marchés", frozenset({Role.CONNECTE})
    ),
    Action.HISTORY_EXPORT: Rule(
        "Faire sortir le dossier de preuve",
        frozenset({Role.GESTIONNAIRE, Role.JURISTE}),
        MARCHE.name,
    ),
    Action.HISTORY_READ: Rule(
        "Lire l’histoire complète du marché",
        frozenset({Role.GESTIONNAIRE, Role.JURISTE}),
        MARCHE.name,
    ),
    Action.HISTORY_REDACT: Rule(
        "Caviarder un passage de l’histoire, à deux",
        frozenset({Role.GESTIONNAIRE, Role.JURISTE}),
        MARCHE.name,
    ),
    Action.HISTORY_VERIFY: Rule(
        "Vérifier l’intégrité de l’histoire", frozenset({Role.JURISTE}), MARCHE.name
    ),
    Action.INVITATION_ACCEPT: Rule(
        "Accepter une invitation reçue",
        frozenset({Role.CONNECTE}),
        INVITATION.name,
        (STILL_WAITING,),
        refus=ADDRESSED_ELSEWHERE,
    ),
    Action.INVITATION_CREATE: Rule("Inviter une personne", GESTIONNAIRE, MARCHE.name),
    Action.INVITATION_REVOKE: Rule(
        "Révoquer une invitation", GESTIONNAIRE, INVITATION.name, (STILL_WAITING,)
    ),
    Action.MARCHE_CREATE: Rule("Ouvrir un marché", frozenset({Role.AGENT})),
    Action.MARCHE_FOLLOW: Rule(
        "Voir toutes les pièces, qui y travaille et ce qui reste à faire", READERS, MARCHE.name
    ),
    Action.MARCHE_LIST: Rule("Voir la liste de ses marchés", frozenset({Role.CONNECTE})),
    Action.MARCHE_MOVE: Rule(
        "Faire passer le marché d’une étape à une autre", GESTIONNAIRE, MARCHE.name
    ),
    Action.MARCHE_READ: Rule("Lire la fiche", NEIGHBOURS, MARCHE.name),
    Action.MARCHE_SHARE: Rule(
        "Partager le marché avec le service juridique", GESTIONNAIRE, MARCHE.name
    ),
    Action.MARCHE_UPDATE: Rule(
        "Modifier la fiche, les lots et les critères",
        frozenset({Role.EDITEUR, Role.GESTIONNAIRE}),
        MARCHE.name,
        (WRITABLE_FICHE,),
    ),
    Action.PARTICIPATION_CHANGE: Rule(
        "Changer le rôle d’une personne", GESTIONNAIRE, PARTICIPATION.name
    ),
    Action.PARTICIPATION_END: Rule(
        "Retirer une personne du marché", GESTIONNAIRE, PARTICIPATION.name
    ),
    Action.RECEIPT_READ: Rule("Emporter les reçus de ses propres actes", NEIGHBOURS, MARCHE.name),
}


def general_roles(user: User) -> set[Role]:
    """AGENT for who works for a public buyer, ADMINISTRATEUR for who runs the platform. One query.

    Never both: who holds the accounts and the settings opens no marché and writes none. An agent is
    JURISTE too by fonction, and GESTIONNAIRE who manages a marché, whichever it is.
    """
    if user.is_administrateur:
        return {Role.ADMINISTRATEUR}
    works = Membership.objects.filter(user=user, is_active=True, organisation__type="acheteur")
    roles = set()
    for fonction, manages in works.values_list("fonction", Exists(gestions(user))):
        roles |= {Role.AGENT} if fonction != Fonction.INVITE else set()
        roles |= {Role.JURISTE} if fonction == Fonction.JURISTE else set()
        roles |= {Role.GESTIONNAIRE} if manages else set()
    return roles


def gestions(user: User) -> QuerySet[Participation]:
    """Find what a person manages: whoever does needs a second factor."""
    return Participation.objects.filter(user=user, is_active=True, role=Role.GESTIONNAIRE)

"""Who may do what on a marché. The whole policy of the purchase itself, in one table."""

from enum import StrEnum
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from procurement.access.enums import Role
from procurement.access.registry import Condition, Resource, Rule
from procurement.accounts.models import User
from procurement.marches.models import Invitation, Marche, Participation
from procurement.marches.workflow import WRITABLE
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership


class Action(StrEnum):
    """Actions on a marché, in alphabetical order."""

    HISTORY_READ = "marches:history:read"
    """Read the journal of the marché: who did what and when."""
    HISTORY_VERIFY = "marches:history:verify"
    """Recompute the chain of the journal and compare it with what the database holds."""
    INVITATION_ACCEPT = "marches:invitation:accept"
    """Take the role offered by e-mail. Only the person invited."""
    INVITATION_CREATE = "marches:invitation:create"
    INVITATION_REVOKE = "marches:invitation:revoke"
    MARCHE_CREATE = "marches:marche:create"
    MARCHE_LIST = "marches:marche:list"
    MARCHE_READ = "marches:marche:read"
    MARCHE_SHARE = "marches:marche:share"
    """Share the marché with the legal department."""
    MARCHE_UPDATE = "marches:marche:update"
    """Change the fiche: its data, lots and criteria."""
    PARTICIPATION_CHANGE = "marches:participation:change"
    PARTICIPATION_END = "marches:participation:end"


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
GESTIONNAIRE = frozenset({Role.GESTIONNAIRE})


def roles_on_marche(user: User, marche: Marche) -> frozenset[Role]:
    """Roles of a person on a marché: the participation, and the legal department once it is shared.

    A person who no longer works for the organisation holds none. One query, on every request.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, [marche.pk, user.pk, marche.organisation_id])
        found = cursor.fetchone()
    if found is None:
        return frozenset()
    fonction, held = found
    roles = {Role(role) for role in held}
    if fonction == Fonction.JURISTE and marche.partage_juridique:
        roles.add(Role.JURISTE)
    return frozenset(roles)


_ROLES = """
SELECT m.fonction, ARRAY(SELECT p.role FROM marches_participation p
                          WHERE p.marche_id = %s AND p.user_id = m.user_id AND p.is_active)
  FROM organisations_membership m
 WHERE m.user_id = %s AND m.organisation_id = %s AND m.is_active
"""


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


def _roles_on_invitation(user: User, invitation: Invitation) -> frozenset[Role]:
    roles = roles_on_marche(user, invitation.marche)
    if invitation.email == user.email:
        roles |= {Role.CONNECTE}
    return roles


MARCHE = Resource("marches:marche", "un marché", Marche, _get_marche, roles_on_marche)
PARTICIPATION = Resource(
    "marches:participation",
    "une participation",
    Participation,
    _get_participation,
    lambda user, participation: roles_on_marche(user, participation.marche),
)
INVITATION = Resource(
    "marches:invitation", "une invitation", Invitation, _get_invitation, _roles_on_invitation
)
RESOURCES = (MARCHE, PARTICIPATION, INVITATION)


def _refuse_unless_writable(marche: Marche) -> str:
    if marche.statut in WRITABLE:
        return ""
    return f"Le marché est à l’étape « {marche.get_statut_display()} » : sa fiche ne change plus."


def _refuse_unless_waiting(invitation: Invitation) -> str:
    if invitation.revoquee_le:
        return "Cette invitation a été révoquée."
    if invitation.acceptee_le:
        return "Cette invitation a déjà servi."
    return ""


WRITABLE_FICHE = Condition("tant que le marché n’est pas publié", _refuse_unless_writable)
STILL_WAITING = Condition("tant que l’invitation attend", _refuse_unless_waiting)

MATRIX = {
    Action.HISTORY_READ: Rule(
        "Lire l’histoire complète du marché",
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
    ),
    Action.INVITATION_CREATE: Rule("Inviter une personne", GESTIONNAIRE, MARCHE.name),
    Action.INVITATION_REVOKE: Rule(
        "Révoquer une invitation", GESTIONNAIRE, INVITATION.name, (STILL_WAITING,)
    ),
    Action.MARCHE_CREATE: Rule("Ouvrir un marché", frozenset({Role.AGENT})),
    Action.MARCHE_LIST: Rule("Voir la liste de ses marchés", frozenset({Role.CONNECTE})),
    Action.MARCHE_READ: Rule("Lire la fiche et voir qui y travaille", READERS, MARCHE.name),
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
}


def general_roles(user: User) -> set[Role]:
    """AGENT for a member of a public buyer, ADMINISTRATEUR for who runs the platform.

    Never both: who holds the accounts and the settings opens no marché and writes none.
    """
    if user.is_administrateur:
        return {Role.ADMINISTRATEUR}
    if Membership.objects.filter(user=user, is_active=True, organisation__type="acheteur").exists():
        return {Role.AGENT}
    return set()


def gestions(user: User) -> QuerySet[Participation]:
    """Find what a person manages: whoever does needs a second factor."""
    return Participation.objects.filter(user=user, is_active=True, role=Role.GESTIONNAIRE)

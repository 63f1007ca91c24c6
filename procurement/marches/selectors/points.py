"""What is left to do in a marché, as the fiche knows it."""

from collections.abc import Iterator

from django.db.models.functions import Now
from django.urls import reverse

from procurement.marches.domain.weights import is_whole, say_shares
from procurement.marches.enums import StatutMarche
from procurement.marches.models import Critere, Lot, Marche
from procurement.marches.permissions import Action
from procurement.marches.registry import Point
from procurement.marches.selectors.donnees import shares_of
from procurement.marches.workflow import FORWARD, WRITABLE


def fiche_points(marche: Marche) -> Iterator[Point]:
    """What the fiche still lacks, who is still alone, the step that follows. Four queries at most."""
    if marche.statut in WRITABLE:
        yield from _writing_points(marche)
    if onward := FORWARD[StatutMarche(marche.statut)]:
        yield Point(
            rang=90,
            titre=f"Passer à l’étape «\u202f{onward[0].label}\u202f»",
            acte="Voir ce qui change",
            detail="Vous verrez ce que chacun pourra faire avant de décider.",
            href=reverse("marches:marche_move", args=[marche.pk]),
            action=Action.MARCHE_MOVE,
            manque=False,
        )


def _writing_points(marche: Marche) -> Iterator[Point]:
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
        detail=f"À dire\u202f: {', '.join(missing)}." if missing else "La fiche est complète.",
        href=reverse("marches:marche_update", args=[marche.pk]),
        fait=not missing,
        action=Action.MARCHE_UPDATE,
    )
    criteres = list(marche.criteres.filter(retire=False))
    shares = shares_of(criteres, _lots_weighed(marche, criteres))
    fixed = bool(criteres) and is_whole(shares)
    title = "Compléter les critères" if criteres else "Fixer les critères"
    detail = say_shares(shares) if criteres else "Leurs poids doivent faire 100\u00a0%."
    yield Point(
        rang=40,
        titre=title,
        acte=title,
        detail="Les critères sont fixés." if fixed else detail,
        href=reverse("marches:criteres_set", args=[marche.pk]),
        fait=fixed,
        action=Action.MARCHE_UPDATE,
    )
    team = marche.participations.filter(is_active=True).count()
    invited = 0 if team > 1 else _count_waiting(marche)
    yield Point(
        rang=20,
        titre="Inviter un collègue",
        acte="Inviter un collègue",
        detail=_say_team(team, invited),
        href=reverse("marches:invitation_create", args=[marche.pk]),
        fait=team > 1 or invited > 0,
        action=Action.INVITATION_CREATE,
    )


def _lots_weighed(marche: Marche, criteres: list[Critere]) -> list[Lot]:
    """The lots, where a criterion is of one of them: no query otherwise."""
    if not any(critere.lot_id for critere in criteres):
        return []
    return list(marche.lots.filter(retire=False))


def _count_waiting(marche: Marche) -> int:
    return marche.invitations.filter(
        acceptee_le=None, revoquee_le=None, expire_le__gt=Now()
    ).count()


def _say_team(team: int, invited: int) -> str:
    if team > 1:
        return f"{team} personnes y travaillent."
    if not invited:
        return "Personne d’autre n’y travaille encore."
    if invited == 1:
        return "Une invitation attend une réponse."
    return f"{invited} invitations attendent une réponse."

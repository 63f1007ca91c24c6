"""Reads of the pièces of a marché, for its page."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from procurement.access.services import can
from procurement.accounts.models import User
from procurement.marches.models import Marche
from procurement.marches.permissions import Action as MarcheAction
from procurement.marches.registry import Point, Portee, Waiting
from procurement.marches.selectors import parts_held_by, parts_visible_to
from procurement.marches.workflow import WRITABLE
from wikimarche.domain.numbering import Place, number_articles
from wikimarche.enums import StatutArticle, StatutImport, StatutPiece
from wikimarche.models import Article, Importation, Piece, Version
from wikimarche.permissions import COMMENTERS, WRITERS, Action
from wikimarche.workflow import WRITABLE as OPEN


def number_of(article: Article) -> str:
    """The number an article is printed under now, "" out of the text. One query."""
    return number_all(article.piece_id).get(article.pk, "")


def number_all(piece: UUID) -> dict[UUID, str]:
    """The number of each article of a pièce that has one. One query."""
    return number_within({piece})


def number_within(pieces: Collection[UUID]) -> dict[UUID, str]:
    """The number of each article of some pièces that has one. One query."""
    rows = Article.objects.filter(piece__in=pieces).values_list(
        "piece", "pk", "parent", "rang", "statut", "numerote"
    )
    places = defaultdict(list)
    for piece, pk, parent, rang, statut, numerote in rows:
        places[piece].append(Place(pk, parent, rang, statut == StatutArticle.ACTIF, numerote))
    return {pk: number for held in places.values() for pk, number in number_articles(held).items()}


def pieces_visible_to(user: User) -> QuerySet[Piece]:
    """Restrict to the pièces a person may see: those of her marchés, or the one her role is limited to."""
    return parts_visible_to(user, Piece.objects.all())


def pieces_shown_to(user: User, marche: Marche) -> QuerySet[Any]:
    """The pièces of the page of a marché, as ``list_pieces``, for whoever opened it. One query."""
    pieces = list_pieces(marche)
    return (
        pieces if can(user, MarcheAction.MARCHE_FOLLOW, marche) else parts_visible_to(user, pieces)
    )


def list_portees(marche: Marche) -> Iterator[Portee]:
    """The pièces that a role may be limited to, in order, and those withdrawn since. One query."""
    for piece in Piece.objects.filter(marche=marche).order_by("rang"):
        yield Portee(piece.pk, str(piece), offerte=piece.statut != StatutPiece.RETIRE)


def piece_points(marche: Marche) -> Iterator[Point]:
    """What the pièces of a marché still wait for, while they may change. Two queries at most."""
    if marche.statut not in WRITABLE:
        return
    pieces = [piece for piece in list_pieces(marche) if piece.statut != StatutPiece.RETIRE]
    if not pieces:
        yield Point(
            rang=10,
            titre="Ajouter une première pièce",
            acte="Ajouter une pièce",
            detail="Règlement, cahiers des clauses, acte d’engagement.",
            href=reverse("wikimarche:piece_create", args=[marche.pk]),
            action=Action.PIECE_CREATE,
        )
        return
    empty = [piece for piece in pieces if not piece.nb_articles]
    read = set(_to_check(piece__in=empty).values_list("piece", flat=True)) if empty else set()
    for piece in empty:
        yield Point(
            rang=15,
            titre=f"Écrire «\u202f{piece}\u202f»",
            acte="Écrire la pièce",
            detail="Un document importé attend que son découpage soit vérifié."
            if piece.pk in read
            else "Encore vide\u202f: écrivez ici, ou importez un document.",
            href=piece.get_absolute_url(),
        )
    drafts = [
        piece for piece in pieces if piece.nb_articles and piece.statut == StatutPiece.BROUILLON
    ]
    for piece in drafts:
        yield Point(
            rang=50,
            titre=f"Relire «\u202f{piece}\u202f»",
            acte="Ouvrir la pièce",
            detail="Brouillon, à envoyer en relecture.",
            href=piece.get_absolute_url(),
        )


def waiting_importations(user: User) -> Iterator[Waiting]:
    """Documents a person brought in, whose cutting waits to be checked. One query."""
    hers = importations_open_to(user).filter(created_by=user)
    for importation in hers.select_related("piece__marche")[:5]:
        yield Waiting(
            depuis=importation.created_at,
            etiquette="Découpage à vérifier",
            icone="file-earmark-arrow-up",
            ton="ocre",
            titre=str(importation),
            texte=f"{importation.piece}, {importation.piece.marche}",
            acte="Vérifier le découpage",
            href=reverse("wikimarche:importation_detail", args=[importation.pk]),
        )


def importations_open_to(user: User) -> QuerySet[Importation]:
    """Documents whose cutting waits to be checked and that a person may correct, latest first."""
    return _to_check(
        piece__in=parts_held_by(user, Piece.objects.all(), roles=WRITERS),
        piece__statut__in=OPEN,
        piece__marche__statut__in=WRITABLE,
    )


def importations_to_check(piece: Piece) -> QuerySet[Importation]:
    """Documents read for a pièce, whose cutting waits to be checked, latest first. One query."""
    return _to_check(piece=piece)


def find_article(piece: Piece, pk: UUID) -> Article | None:
    """One article of this pièce, and of no other. One query."""
    return Article.objects.filter(piece=piece, pk=pk).defer("corps").first()


def count_articles(piece: Piece) -> int:
    """How many articles the text of a pièce has. One query."""
    return Article.objects.filter(piece=piece, statut=StatutArticle.ACTIF).count()


def _to_check(**where: Any) -> QuerySet[Importation]:
    return (
        Importation.objects.filter(statut=StatutImport.A_VERIFIER, **where)
        .select_related("fichier")
        .defer("decoupage", "annulations")
        .order_by("-created_at")
    )


def waiting_readings(user: User) -> Iterator[Waiting]:
    """Pièces sent for reading by somebody else, among those a person may comment. One query."""
    for piece in _list_readings(parts_held_by(user, Piece.objects.all(), roles=COMMENTERS)):
        if piece.auteur != user.pk and piece.modifiee_le:
            yield Waiting(
                depuis=piece.modifiee_le,
                etiquette="En relecture",
                icone="eye",
                ton="bleu",
                titre=str(piece),
                texte=f"{piece.marche} · dernière main\u202f: {piece.auteur_prenom} {piece.auteur_nom}",
                acte="Relire la pièce",
                href=piece.get_absolute_url(),
            )


def _list_readings(pieces: QuerySet[Piece]) -> QuerySet[Any]:
    """Those being read over, latest first. One query."""
    last = Version.objects.filter(piece=OuterRef("pk")).order_by("-numero")
    return (
        pieces.filter(marche__statut__in=WRITABLE, statut=StatutPiece.EN_RELECTURE)
        .select_related("marche")
        .annotate(
            modifiee_le=Subquery(last.values("instant")[:1]),
            auteur=Subquery(last.values("auteur")[:1]),
            auteur_prenom=Subquery(last.values("auteur__prenom")[:1]),
            auteur_nom=Subquery(last.values("auteur__nom")[:1]),
        )
        .order_by("-modifiee_le")[:5]
    )


def list_pieces(marche: Marche) -> QuerySet[Any]:
    """Pièces in order, each with its number of articles, last version, author and instant. One query."""
    last = Version.objects.filter(piece=OuterRef("pk")).order_by("-numero")
    return marche.pieces.annotate(
        nb_articles=Count("articles", filter=Q(articles__statut=StatutArticle.ACTIF)),
        version=Subquery(last.values("numero")[:1]),
        modifiee_le=Subquery(last.values("instant")[:1]),
        auteur_prenom=Subquery(last.values("auteur__prenom")[:1]),
        auteur_nom=Subquery(last.values("auteur__nom")[:1]),
    ).order_by("rang")


def version_links(versions: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Pages of the versions that acts made of pièces and of their articles. One query at most."""
    articles = [objet for objet, _ in versions if objet.startswith("wikimarche_article:")]
    pieces = (
        {
            f"wikimarche_article:{pk}": piece
            for pk, piece in Article.objects.filter(
                pk__in=[objet.partition(":")[2] for objet in articles]
            ).values_list("pk", "piece")
        }
        if articles
        else {}
    )
    links = {}
    for objet, numero in versions:
        kind, _, key = objet.partition(":")
        piece = key if kind == "wikimarche_piece" else pieces.get(objet)
        if piece:
            links[objet, numero] = reverse("wikimarche:version_detail", args=[piece, numero])
    return links

"""Pièces and articles as the journal names them, in the words of people."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import Model, Q
from django.urls import reverse

from procurement.marches.registry import Named
from procurement.marches.selectors.objets import is_key, keys_of
from wikimarche.domain.render import say_target
from wikimarche.enums import StatutImport
from wikimarche.models import Article, Commentaire, Fil, Image, Importation, Piece
from wikimarche.selectors.pieces import number_all


def name_objects(objets: Sequence[str]) -> Mapping[str, Named]:
    """Name pièces and articles, each by the page that shows it.

    One query for the pièces, one for the articles and one more for each pièce that holds some.
    """
    return dict(_named(objets))


def _named(objets: Sequence[str]) -> Iterator[tuple[str, Named]]:
    if keys := keys_of(objets, Piece._meta.db_table):
        for piece in Piece.objects.filter(pk__in=keys):
            words = f"la pièce «\u202f{piece}\u202f»"
            yield (
                f"{Piece._meta.db_table}:{piece.pk}",
                Named(words, piece.get_absolute_url(), piece.marche_id),
            )
    if keys := keys_of(objets, Article._meta.db_table):
        articles = list(
            Article.objects.filter(pk__in=keys)
            .select_related("piece")
            .only("titre", "piece__titre", "piece__marche")
        )
        numbers = {piece: number_all(piece) for piece in {one.piece_id for one in articles}}
        for article in articles:
            yield (
                f"{Article._meta.db_table}:{article.pk}",
                _of_article(article, numbers[article.piece_id].get(article.pk, "")),
            )


def _of_article(article: Article, number: str) -> Named:
    titled = f" «\u202f{article.titre}\u202f»" if number and article.titre else ""
    words = (
        f"l’{say_target(number, article.titre)}{titled} de la pièce «\u202f{article.piece}\u202f»"
    )
    href = f"{article.piece.get_absolute_url()}#a-{article.pk}"
    return Named(words, href, article.piece.marche_id)


_HELD: tuple[tuple[type[Model], str], ...] = (
    (Article, "piece"),
    (Commentaire, "fil__piece"),
    (Fil, "piece"),
    (Image, "piece"),
    (Importation, "piece"),
    (Piece, "pk"),
)
"""What stands in a pièce, and the way to it."""


def place_objects(objets: Sequence[str]) -> Mapping[str, str]:
    """The pièce that each thing stands in, by its title. A query for each kind of thing, one for the pièces."""
    held: dict[str, UUID] = {}
    for model, way in _HELD:
        table = model._meta.db_table
        if keys := keys_of(objets, table):
            rows = model._default_manager.filter(pk__in=keys).values_list("pk", way)
            held |= {f"{table}:{pk}": piece for pk, piece in rows}
    pieces = Piece.objects.in_bulk(set(held.values())) if held else {}
    return {objet: str(pieces[piece]) for objet, piece in held.items()}


def document_links(acts: Sequence[tuple[str, int | None]]) -> Mapping[tuple[str, int | None], str]:
    """Pages of the documents that came into a pièce: of their own acts, and of their import. One query at most.

    Those that wait or were refused have a page for fewer people: it is not said here.
    """
    own: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    made: dict[tuple[str, int | None], tuple[str, int | None]] = {}
    for act in acts:
        table, _, key = act[0].partition(":")
        if table == Importation._meta.db_table and is_key(key):
            own[key].append(act)
        elif table == Piece._meta.db_table and act[1] and is_key(key):
            made[key, act[1]] = act
    if not (own or made):
        return {}
    came = Importation.objects.filter(
        Q(pk__in=own) | Q(piece__in={piece for piece, _ in made}, version__in={v for _, v in made}),
        statut=StatutImport.ACCEPTE,
    )
    links: dict[tuple[str, int | None], str] = {}
    for pk, piece, version in came.order_by().values_list("pk", "piece", "version"):
        page = reverse("wikimarche:importation_detail", args=[pk])
        links |= dict.fromkeys(own.get(str(pk), ()), page)
        if (str(piece), version) in made:
            links[made[str(piece), version]] = page
    return links

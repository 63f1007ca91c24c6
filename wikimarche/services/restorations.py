"""Coming back to an earlier text: always a new version, in the name of who restores."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.selectors import fields_at
from wikimarche.domain.rewriting import rewrite
from wikimarche.enums import GenreVersion, StatutArticle
from wikimarche.models import Article, Piece, Version
from wikimarche.permissions import Action
from wikimarche.services.structure import give_children_back
from wikimarche.services.tree import Tree
from wikimarche.services.versions import Writing, lock_piece, writing


@transaction.atomic
def restore_article(*, by: User, article: Article, numero: int, vu: int | None = None) -> int:
    """Give an article the title, body and numbering it had in version ``numero`` of its pièce.

    A retired article comes back, at the end of the pièce when what held it is still retired.
    vu: the last version that the person saw. Returns the number of the version made. Raises
    AccessRefused (404) when the version does not exist or the article was not yet born, (409) on a
    frozen pièce, Conflict when somebody has restored this article, or the pièce, since ``vu``.
    """
    piece = lock_piece(article.piece)
    _refuse_second(piece, vu, Q(article=article) | Q(article=None))
    past = _fields(piece, numero, [article.pk])
    if article.pk not in past:
        raise AccessRefused(f"L’article n’existait pas à la version {numero}.", status=404)
    article = Article.objects.select_for_update(of=("self",), no_key=True).get(pk=article.pk)
    article.piece = piece
    with writing(
        by=by,
        piece=piece,
        action=Action.ARTICLE_RESTORE,
        on=article,
        tag="wikimarche:article:restored",
        genre=GenreVersion.RESTAURATION,
        article=article,
        structure=article.statut != StatutArticle.ACTIF,
        resume=f"Restaure «\u202f{article}\u202f» dans sa version {numero}",
        details={"version": numero, "article": article.titre},
    ) as version:
        was = past[article.pk]
        changed = _restore_text(version, article, was)
        changed |= _restore_numbering(article, was)
        changed |= _bring_back(article)
        if not changed:
            version.rec.add_version(article)
    return version.numero


@transaction.atomic
def restore_piece(*, by: User, piece: Piece, numero: int, vu: int | None = None) -> int:
    """Give the whole pièce the tree and texts it had in version ``numero``.

    Articles born later are retired, those retired since come back. vu: the last version that the
    person saw. Returns the new version. Raises Conflict when somebody has restored anything of the
    pièce since ``vu``.
    """
    piece = lock_piece(piece)
    _refuse_second(piece, vu, Q())
    articles = {a.pk: a for a in Article.objects.select_for_update(no_key=True).filter(piece=piece)}
    past = _fields(piece, numero, list(articles))
    with writing(
        by=by,
        piece=piece,
        action=Action.PIECE_RESTORE,
        on=None,
        tag="wikimarche:piece:restored",
        genre=GenreVersion.RESTAURATION,
        structure=True,
        resume=f"Restaure la pièce dans sa version {numero}",
        details={"version": numero},
    ) as version:
        changed = 0
        for pk, was in past.items():
            article = articles[pk]
            article.piece = piece
            changed += (
                _restore_place(article, was)
                + _restore_numbering(article, was)
                + _restore_text(version, article, was)
            )
        for pk in articles.keys() - past.keys():
            changed += _retire_later(articles[pk], numero)
        changed += _make_way(Tree(piece), past)
        if not changed:
            version.rec.add_version(version.piece)
    return version.numero


def _refuse_second(piece: Piece, vu: int | None, bears: Q) -> None:
    """Two who restore at once chose from the same text: the second reads what the first has made.

    What is typed meanwhile hinders nobody: it stays in the history, and people type all day.
    """
    if vu is None:
        return
    since = Version.objects.filter(
        bears, piece=piece, numero__gt=vu, genre=GenreVersion.RESTAURATION
    ).select_related("auteur")
    if first := since.order_by("numero").first():
        raise Conflict(
            f"{first.auteur} vient de restaurer un autre texte (version {first.numero})."
            " Rien d’autre n’a changé\u202f: relisez, puis décidez."
        )


def _fields(piece: Piece, numero: int, pks: list[UUID]) -> dict[UUID, dict[str, Any]]:
    revision = (
        Version.objects.filter(piece=piece, numero=numero)
        .values_list("revision", flat=True)
        .first()
    )
    if revision is None:
        raise AccessRefused(f"La version {numero} n’existe pas.", status=404)
    past = fields_at(Article, pks, revision)
    if not all(past.values()):
        raise AccessRefused(
            f"Un texte de la version {numero} a été caviardé\u202f: elle ne se restaure plus.",
            status=409,
        )
    return past


def _restore_text(version: Writing, article: Article, past: dict[str, Any]) -> bool:
    if article.empreinte == past["empreinte"]:
        return False
    corps, steps = rewrite(article.corps, past["corps"])
    version.save_article(article, corps=corps, titre=past["titre"], pas=steps)
    return True


def _restore_place(article: Article, past: dict[str, Any]) -> bool:
    parent = UUID(past["parent"]) if past["parent"] else None
    wanted = (parent, past["rang"], past["statut"], past["motif_retrait"])
    if (article.parent_id, article.rang, article.statut, article.motif_retrait) == wanted:
        return False
    article.parent_id, article.rang, article.statut, article.motif_retrait = wanted
    article.save(update_fields=["parent", "rang", "statut", "motif_retrait"])
    return True


def _restore_numbering(article: Article, past: dict[str, Any]) -> bool:
    """Print it with or without a number, as it was then."""
    if article.numerote == past["numerote"]:
        return False
    article.numerote = past["numerote"]
    article.save(update_fields=["numerote"])
    return True


def _bring_back(article: Article) -> bool:
    """Put a retired article back in the text, at its end when what held it is still retired."""
    if article.statut == StatutArticle.ACTIF:
        return False
    tree = Tree(article.piece)
    give_children_back(tree, article)
    article.statut, article.motif_retrait = StatutArticle.ACTIF, ""
    if tree.is_out_of_the_text(article):
        article.parent_id, article.rang = None, tree.rank_last(None)
    article.save(update_fields=["statut", "motif_retrait", "parent", "rang"])
    return True


def _retire_later(article: Article, numero: int) -> bool:
    if article.statut == StatutArticle.RETIRE:
        return False
    article.statut = StatutArticle.RETIRE
    article.motif_retrait = f"Absent de la version {numero} restaurée"
    article.save(update_fields=["statut", "motif_retrait"])
    return True


def _make_way(tree: Tree, past: dict[UUID, dict[str, Any]]) -> int:
    """Put just after it an article born later whose place another has taken back: no two share one."""
    taken = {(tree.get(pk).parent_id, tree.get(pk).rang) for pk in past}
    later = [article for pk, article in tree.by_id.items() if pk not in past]
    moved = [article for article in later if (article.parent_id, article.rang) in taken]
    for article in moved:
        article.rang = tree.rank_after(article)
        article.save(update_fields=["rang"])
    return len(moved)

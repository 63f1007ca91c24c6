"""An article printed with its number, or without: a preamble, a page of definitions.

Numbers are never stored: those of the others, and the renvois, follow from the plan.
"""

from django.db import transaction

from procurement.access.services import Conflict
from procurement.accounts.models import User
from wikimarche.models import Article
from wikimarche.permissions import Action
from wikimarche.services.tree import Tree
from wikimarche.services.versions import lock_piece, writing


@transaction.atomic
def set_numbering(*, by: User, article: Article, numerote: bool) -> Article:
    """Print an article with a number, or without one, and so what it holds.

    Asked for what it is already, makes no version. Raises Conflict for a retired article, and under
    an article without number: it takes none either, whatever is asked.
    """
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get_active(article.pk)
    holder = _without_number_above(tree, article)
    if holder is not None:
        raise Conflict(
            f"Cet article est rangé sous {tree.name(holder)}, qui est sans numéro\u202f: il n’en a pas non plus."
        )
    if article.numerote == numerote:
        return article
    name = tree.name(article)
    with writing(
        by=by,
        piece=piece,
        action=Action.ARTICLE_STRUCTURE,
        on=article,
        tag=f"wikimarche:article:{'numbered' if numerote else 'unnumbered'}",
        resume=f"Numérote {name}" if numerote else f"Ne numérote plus {name}",
        article=article,
        structure=True,
        details={"article": article.titre},
    ):
        article.numerote = numerote
        article.save(update_fields=["numerote"])
    return article


def _without_number_above(tree: Tree, article: Article) -> Article | None:
    """The nearest article without number that holds this one, None when there is none."""
    while article.parent_id:
        article = tree.get(article.parent_id)
        if not article.numerote:
            return article
    return None

"""The plan of a pièce as its operations read and change it."""

from uuid import UUID

from procurement.access.services import AccessRefused, Conflict
from wikimarche.domain.numbering import Place, number_articles
from wikimarche.domain.rank import rank_between
from wikimarche.enums import StatutArticle
from wikimarche.models import Article, Piece


MAX_DEPTH = 6


class Tree:
    """The articles of a pièce as they stand under the lock, without their bodies' cost twice."""

    def __init__(self, piece: Piece) -> None:
        self.by_id = {a.pk: a for a in Article.objects.filter(piece=piece).order_by("rang", "pk")}
        for article in self.by_id.values():
            article.piece = piece

    def get(self, pk: UUID) -> Article:
        """Raise AccessRefused (404) for an article of another pièce."""
        if pk not in self.by_id:
            raise AccessRefused("Cet article n’est pas dans la pièce.", status=404)
        return self.by_id[pk]

    def get_active(self, pk: UUID) -> Article:
        """Raise Conflict for a retired article."""
        article = self.get(pk)
        if article.statut == StatutArticle.RETIRE:
            raise Conflict("Cet article vient d’être retiré.")
        return article

    def host_of(self, article: Article) -> Article | None:
        """The article a retired one was merged into, None when it was retired for another reason."""
        host = article.fusionne_dans
        return self.by_id.get(host) if host else None

    def name(self, article: Article) -> str:
        """Name an article in a sentence: by its title, or by its number; one being added included."""
        if article.titre:
            return f"«\u202f{article}\u202f»"
        held = {**self.by_id, article.pk: article}.values()
        numbers = number_articles(
            Place(a.pk, a.parent_id, a.rang, a.statut == StatutArticle.ACTIF, a.numerote)
            for a in held
        )
        number = numbers.get(article.pk)
        return f"l’article {number}, sans titre" if number else "un article sans titre"

    def children(self, parent: UUID | None) -> list[Article]:
        """Children in order, retired ones included: they keep their place."""
        return [a for a in self.by_id.values() if a.parent_id == parent]

    def ids_under(self, article: Article) -> list[UUID]:
        """Identifiers of the article and of all it contains, the article first."""
        found = [article.pk]
        for pk in found:
            found.extend(child.pk for child in self.children(pk))
        return found

    def is_out_of_the_text(self, article: Article) -> bool:
        """Tell whether an article is held by a retired one, at any height."""
        while article.parent_id:
            article = self.get(article.parent_id)
            if article.statut == StatutArticle.RETIRE:
                return True
        return False

    def height(self, article: Article) -> int:
        """Levels the article spans, itself included."""
        return 1 + max((self.height(child) for child in self.children(article.pk)), default=0)

    def depth(self, parent: UUID | None) -> int:
        """Levels above what stands under a parent."""
        depth = 0
        while parent is not None:
            depth += 1
            parent = self.get(parent).parent_id
        return depth

    def refuse_too_deep(self, parent: UUID | None, height: int) -> None:
        """Raise Conflict past MAX_DEPTH levels."""
        if self.depth(parent) + height > MAX_DEPTH:
            raise Conflict("Un plan a au plus six niveaux.")

    def has_room(self, parent: Article, child: Article) -> bool:
        """Tell whether an article may go under another: not its own descendant, nor beyond MAX_DEPTH."""
        if parent.pk in self.ids_under(child):
            return False
        return self.depth(parent.pk) + self.height(child) <= MAX_DEPTH

    def rank_after(self, article: Article) -> str:
        """Key between an article and the next sibling that has another key."""
        return rank_between(article.rang, self.rank_above(article.parent_id, article.rang))

    def rank_above(self, parent: UUID | None, rang: str) -> str | None:
        """The first key of a child that is past a given one, None when there is none."""
        return next((a.rang for a in self.children(parent) if a.rang > rang), None)

    def rank_first(self, parent: UUID | None) -> str:
        """Key before every child."""
        children = self.children(parent)
        return rank_between(None, children[0].rang if children else None)

    def rank_last(self, parent: UUID | None) -> str:
        """Key after every child."""
        return rank_between(self.last_rank(parent), None)

    def last_rank(self, parent: UUID | None) -> str | None:
        """Key of the last child, None when there is none."""
        children = self.children(parent)
        return children[-1].rang if children else None

    def is_between(self, article: Article, after: UUID | None) -> bool:
        """Tell whether the article already stands just after ``after`` among its siblings."""
        siblings = self.children(article.parent_id)
        at = next(i for i, sibling in enumerate(siblings) if sibling.pk == article.pk)
        return (siblings[at - 1].pk if at else None) == after

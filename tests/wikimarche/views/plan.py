"""A plan written as it reads."""

from django.urls import reverse

from tests.support.equipe import Equipe, state_of
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.models import Article
from wikimarche.selectors import read_piece


WHOLE = "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.2 B2, 3 C"


class Plan:
    """A pièce whose articles are named A, B, B1… and moved by their names."""

    def __init__(self, equipe: Equipe, *outline: str) -> None:
        self.equipe, self.piece = equipe, PieceFactory(marche=equipe.marche)
        self.by_name: dict[str, Article] = {}
        for entry in outline:
            parent, _, name = entry.rpartition("/")
            self.by_name[name] = ArticleFactory(
                piece=self.piece,
                parent=self.by_name.get(parent),
                titre=name,
                texte=f"Texte {name}.",
            )
        self.browser = equipe.browser()

    def __getitem__(self, name: str) -> Article:
        article = self.by_name[name]
        article.refresh_from_db()
        return article

    def do(self, verb: str, name: str, *, status: int = 302, browser=None, **data) -> object:
        """Ask for an operation by its form; a refusal must change nothing."""
        before = state_of(self.piece)
        url = reverse(f"wikimarche:article_{verb}", args=[self.by_name[name].pk])
        answer = (browser or self.browser).post(url, data)
        assert answer.status_code == status, answer.content.decode()[:2000]
        if status >= 400:
            assert state_of(self.piece) == before
        return answer

    @property
    def printed(self) -> str:
        """What the reader sees: « 1 A, 2 B, 2.1 B1 »."""
        views = read_piece(self.piece).articles
        return ", ".join(f"{view.number} {view.titre}".strip() for view in views)

"""A small team around one pièce of two articles, made by the services."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from django.urls import reverse

from procurement.accounts.models import User
from procurement.marches.models import Marche, Participation
from procurement.organisations.enums import Fonction
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import MarcheFactory, ParticipationFactory
from tests.procurement.organisations.factories import MembershipFactory
from tests.support.client import Browser
from tests.wikimarche.domain.factories import insert
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.domain.canonical import plain_text
from wikimarche.models import Article, Commit, Piece, Version


@dataclass
class Equipe:
    """One marché, its gestionnaire, and whoever the test asks for. browse: opens their browsers."""

    marche: Marche
    piece: Piece
    article: Article
    second: Article
    gestionnaire: User
    browse: Callable[[User], Browser] = Browser
    people: dict[str, User] = field(default_factory=dict)

    def person(self, role: str = "editeur", name: str = "") -> User:
        """The one who holds a role; another name gives another person."""
        key = name or role
        if key not in self.people:
            user = UserFactory(without_password=True, email=f"{key}-{uuid4().hex[:8]}@test.example")
            if role == "juriste":
                MembershipFactory(
                    organisation=self.marche.organisation, user=user, fonction=Fonction.JURISTE
                )
            elif role == "etranger":
                MarcheFactory(by=user)
            else:
                ParticipationFactory(marche=self.marche, user=user, role=role)
            self.people[key] = user
        return self.people[key]

    def participation(self, user: User) -> Participation:
        return Participation.objects.get(marche=self.marche, user=user, is_active=True)

    def browser(self, role: str = "editeur", name: str = "") -> Browser:
        """A browser of the person who holds a role."""
        user = self.gestionnaire if role == "gestionnaire" else self.person(role, name)
        return self.browse(user)


def make_equipe(browse: Callable[[User], Browser] = Browser) -> Equipe:
    """Four versions: two articles added, nothing typed yet."""
    marche = MarcheFactory()
    piece = PieceFactory(marche=marche)
    return Equipe(
        marche=marche,
        piece=piece,
        article=ArticleFactory(piece=piece, titre="Délais", texte="Le délai est de trente jours."),
        second=ArticleFactory(piece=piece, titre="Prix", texte="Les prix sont fermes."),
        gestionnaire=marche.author,
        browse=browse,
    )


def commits_url(article: Article) -> str:
    return reverse("wikimarche:article_commits", args=[article.pk])


def commit(base: int = 0, *steps, **said) -> dict:
    """A commit as the editor sends it."""
    return {"id": str(uuid4()), "prev": None, "base": base, "steps": list(steps), **said}


def words(text: str, base: int = 0, at: int = 1, **said) -> dict:
    """A commit that types words at the beginning of the first paragraph."""
    return commit(base, insert(at, text), **said)


def text_of(article: Article) -> str:
    """The plain text of an article as it is stored now."""
    return plain_text(Article.objects.values_list("corps", flat=True).get(pk=article.pk))


def state_of(piece: Piece) -> tuple:
    """Everything that a refused request must leave as it was."""
    rows = Article.objects.filter(piece=piece).order_by("pk")
    return (
        list(rows.values_list("pk", "numero", "empreinte", "parent", "rang", "statut", "titre")),
        list(rows.values_list("corps", flat=True)),
        Version.objects.filter(piece=piece).count(),
        Commit.objects.filter(article__piece=piece).count(),
    )


def refused(equipe, sent, status, code=None, *, role="editeur", article=None):
    """Send a commit that must be refused in words and change nothing; return what was said."""
    browser, before = equipe.browser(role), state_of(equipe.piece)
    answer = browser.send_json(commits_url(article or equipe.article), sent)
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/json"
    data = answer.json()
    assert data["erreur"]
    if code:
        assert data["code"] == code
    assert state_of(equipe.piece) == before
    return data

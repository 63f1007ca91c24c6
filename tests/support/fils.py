"""Comments as a page sends them."""

import json
from uuid import uuid4

from django.urls import reverse

from tests.support.client import Browser
from wikimarche.enums import GenreFil
from wikimarche.models import Article, Fil


def blocs_of(article: Article) -> list[str]:
    """Identifiers of the blocks of an article, in order."""
    corps = Article.objects.values_list("corps", flat=True).get(pk=article.pk)
    return [block["attrs"]["id"] for block in corps["content"]]


def passage(article: Article, de: int, a: int, *, bloc: int = 0, fin: int | None = None) -> dict:
    """Words of an article, by the places of their ends in two of its paragraphs."""
    blocs = blocs_of(article)
    article.refresh_from_db(fields=["numero"])
    return {
        "passage": ends((blocs[bloc], 0, de), (blocs[bloc if fin is None else fin], 0, a)),
        "base": article.numero,
    }


def ends(debut: tuple, fin: tuple) -> str:
    """Both ends of a passage as a page sends them."""
    return json.dumps([debut, fin])


def open_url(article: Article) -> str:
    return reverse("wikimarche:fil_open", args=[article.pk])


def act_url(verb: str, fil: Fil) -> str:
    return reverse(f"wikimarche:fil_{verb}", args=[fil.pk])


def comment_on(
    browser: Browser,
    article: Article,
    texte: str = "Est-ce assez long ?",
    *,
    genre: GenreFil = GenreFil.QUESTION,
    on: dict | None = None,
) -> Fil:
    """Open a thread as the page does, and give it back."""
    sent = {"id": str(uuid4()), "genre": genre, "texte": texte, **(on or {})}
    answer = browser.post(open_url(article), sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content[:500]
    return Fil.objects.get(pk=sent["id"])

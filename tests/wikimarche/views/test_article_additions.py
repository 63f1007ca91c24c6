"""Adding articles, over HTTP, and the numbers after."""

import json

import pytest
from django.urls import reverse

from tests.wikimarche.factories import type_words
from tests.wikimarche.views.plan import WHOLE
from wikimarche.models import Article, Version
from wikimarche.selectors import last_version


def test_numbers_are_those_of_the_tree(plan):
    assert plan.printed == WHOLE
    assert Version.objects.filter(piece=plan.piece, structure=True).count() == 6


def test_a_version_names_an_untitled_article_by_its_number(plan):
    plan.do("add_after", "B1")
    assert last_version(plan.piece).resume == "Ajoute l’article 2.2, sans titre"
    plan.by_name["N"] = Article.objects.get(piece=plan.piece, titre="")
    plan.do("outdent", "N")
    assert last_version(plan.piece).resume == "Remonte d’un niveau l’article 2.2, sans titre"


def test_add_at_the_end(plan):
    url = reverse("wikimarche:article_add", args=[plan.piece.pk])
    assert plan.browser.post(url, {"titre": "D"}).status_code == 302
    assert plan.printed == f"{WHOLE}, 4 D"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A", "1 A, 2 N, 3 B, 3.1 B1, 3.1.1 B1a, 3.2 B2, 4 C"),
        ("B", "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.2 B2, 3 N, 4 C"),
        ("B1", "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.2 N, 2.3 B2, 3 C"),
        ("B1a", "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.1.2 N, 2.2 B2, 3 C"),
        ("C", f"{WHOLE}, 4 N"),
    ],
)
def test_add_after(plan, name, expected):
    plan.do("add_after", name)
    new = Article.objects.get(piece=plan.piece, titre="")
    type_words(plan.equipe.gestionnaire, new, "x", titre="N")
    assert plan.printed == expected


def test_the_script_gets_the_new_plan_and_the_new_article(plan):
    url = reverse("wikimarche:article_add", args=[plan.piece.pk])
    answer = plan.browser.post(url, {"titre": "D"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer["X-WM-Article"] == str(Article.objects.get(piece=plan.piece, titre="D").pk)
    assert "D" in answer.content.decode()


def test_a_title_too_long_is_refused_and_nothing_is_added(plan):
    url = reverse("wikimarche:article_add", args=[plan.piece.pk])
    answer = plan.browser.post(url, {"titre": "é" * 301})
    assert answer.status_code == 400
    assert "Ce titre compte 301 signes" in answer.content.decode()
    assert plan.printed == WHOLE


@pytest.mark.parametrize("titre", ["é" * 300, "a\x00b", "prix \u202e00", "<b>x</b>"])
def test_odd_titles_of_a_new_article(plan, titre):
    url = reverse("wikimarche:article_add", args=[plan.piece.pk])
    assert plan.browser.post(url, {"titre": titre}).status_code == 302
    page = plan.browser.get(plan.piece.get_absolute_url())
    assert b"<b>x</b>" not in page.content


def test_the_editor_is_told_what_was_done(plan):
    """The sentence travels in the header that shows messages, accents and all."""
    url = reverse("wikimarche:article_retire", args=[plan["C"].pk])
    answer = plan.browser.post(url, {"motif": "Inutile"}, HTTP_HX_REQUEST="true")
    said = json.loads(answer["HX-Trigger"])["wm:message"]["texte"]
    assert said == "L’article est retiré. Il reste dans l’histoire."


def test_what_stands_around_the_text_follows_it(plan):
    """The latest sessions, the last version and the retired articles, without the page."""
    plan.do("retire", "C", motif="Inutile <b>")
    url = reverse("wikimarche:piece_traces", args=[plan.piece.pk])
    text = plan.browser.get(url).content.decode()
    assert f'data-version="{last_version(plan.piece).numero}"' in text
    assert "Inutile &lt;b&gt;" in text
    assert "csrfmiddlewaretoken" in text
    assert "Retire" in text or "retire" in text
    reader = plan.equipe.browser("observateur").get(url).content.decode()
    assert "Inutile" in reader
    assert "csrfmiddlewaretoken" not in reader

"""An article with or without its number, over HTTP: the others, the renvois and the journal follow."""

import lxml.html
import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from tests.support.equipe import commit, commits_url
from tests.wikimarche.views.plan import WHOLE, Plan
from wikimarche.models import Version
from wikimarche.selectors import find_version, last_version, read_comparison
from wikimarche.services import restore_piece, set_numbering


def cite(plan, name, target):
    """Write at the beginning of an article a renvoi to another."""
    node = {"type": "renvoi", "attrs": {"article": str(plan[target].pk)}}
    step = {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [node]}}
    answer = plan.browser.send_json(commits_url(plan[name]), commit(plan[name].numero, step))
    assert answer.status_code == 200, answer.content


def cited(plan):
    page = plan.browser.get(plan.piece.get_absolute_url()).content.decode()
    return [node.text_content() for node in lxml.html.fromstring(page).find_class("wm-renvoi")]


def test_an_article_without_number_gives_its_number_to_the_next_one(plan):
    plan.do("number", "A", numerote="non")
    assert plan.printed == "A, 1 B, 1.1 B1, 1.1.1 B1a, 1.2 B2, 2 C"


def test_what_it_holds_has_no_number_either(plan):
    plan.do("number", "B", numerote="non")
    assert plan.printed == "1 A, B, B1, B1a, B2, 2 C"


def test_the_same_gesture_undoes_it(plan):
    for said in ("non", "oui"):
        plan.do("number", "B", numerote=said)
    assert plan.printed == WHOLE


def test_asked_for_what_it_is_it_makes_no_version(plan):
    before = last_version(plan.piece).numero
    plan.do("number", "A", numerote="oui")
    assert last_version(plan.piece).numero == before
    plan.do("number", "A", numerote="non")
    plan.do("number", "A", numerote="non")
    assert last_version(plan.piece).numero == before + 1


@pytest.mark.parametrize("said", ["oui", "non"])
def test_under_an_article_without_number_nothing_is_numbered(plan, said):
    plan.do("number", "B", numerote="non")
    for name in ("B1", "B1a"):
        page = plan.do("number", name, status=409, numerote=said).content.decode()
        assert "est rangé sous «\u202fB\u202f», qui est sans numéro" in page


def test_a_retired_article_takes_no_number(plan):
    plan.do("retire", "C", motif="Doublon")
    plan.do("number", "C", status=409, numerote="non")


@pytest.mark.parametrize("data", [{}, {"numerote": ""}, {"numerote": "peut-être"}])
def test_an_unreadable_request_is_refused(plan, data):
    plan.do("number", "A", status=400, **data)


def test_a_renvoi_follows_by_the_title_then_by_the_number_again(plan):
    cite(plan, "A", "C")
    cite(plan, "A", "B1a")
    assert cited(plan) == ["article\u00a02.1.1", "article\u00a03"]
    plan.do("number", "C", numerote="non")
    plan.do("number", "B", numerote="non")
    assert cited(plan) == ["article «\u202fB1a\u202f»", "article «\u202fC\u202f»"]
    plan.do("number", "C", numerote="oui")
    assert cited(plan) == ["article «\u202fB1a\u202f»", "article\u00a02"]


def test_the_journal_and_the_version_say_it(plan):
    plan.do("number", "A", numerote="non")
    plan.do("number", "A", numerote="oui")
    history = plan.equipe.browser("gestionnaire").get(
        reverse("marches:history_read", args=[plan.equipe.marche.pk])
    )
    page = history.content.decode()
    assert "a laissé sans numéro l’article «\u202fA\u202f»" in page
    assert "a numéroté l’article «\u202fA\u202f»" in page
    last = Version.objects.filter(piece=plan.piece).order_by("-numero")[:2]
    assert [version.resume for version in last] == [
        "Numérote «\u202fA\u202f»",
        "Ne numérote plus «\u202fA\u202f»",
    ]
    assert all(version.structure for version in last)


def test_a_comparison_tells_the_numbers_that_changed_those_given_too(plan):
    start = last_version(plan.piece)
    plan.do("number", "A", numerote="non")
    without = last_version(plan.piece)
    plan.do("number", "A", numerote="oui")

    def told(de, a):
        rows = read_comparison(plan.piece, de, a).renumerotations
        return [(row.titre, row.avant, row.apres) for row in rows]

    away = told(start, without)
    assert away[:2] == [("A", "1", ""), ("B", "2", "1")]
    assert told(without, last_version(plan.piece))[:2] == [("A", "", "1"), ("B", "1", "2")]
    url = reverse("wikimarche:piece_compare", args=[plan.piece.pk])
    page = plan.browser.get(url, {"de": start.numero, "a": without.numero}).content.decode()
    assert "<td>1</td><td>sans</td>" in page


def test_a_restoration_gives_back_the_number(plan):
    before = last_version(plan.piece).numero
    plan.do("number", "A", numerote="non")
    restore_piece(by=plan.equipe.person(), piece=plan.piece, numero=before)
    assert plan.printed == WHOLE
    assert find_version(plan.piece, before) is not None


def test_the_page_of_the_article_offers_the_other_state(plan):
    url = reverse("wikimarche:article_detail", args=[plan["A"].pk])
    assert 'name="numerote" value="non"' in plan.browser.get(url).content.decode()
    plan.do("number", "A", numerote="non")
    page = plan.browser.get(url).content.decode()
    assert 'name="numerote" value="oui"' in page
    assert "Article sans numéro" in page


def test_the_evidence_is_sound_after(equipe_durable):
    equipe = equipe_durable
    plan = Plan(equipe, "A", "B")
    for numerote in (False, True, False):
        set_numbering(by=equipe.person(), article=plan["A"], numerote=numerote)
    report = verify_evidence(chain=equipe.marche.pk)
    assert report.ok, report.breaks
    assert len(list_entries(equipe.marche.pk, action="wikimarche:article:numbered")) == 1

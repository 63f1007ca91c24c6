"""A page that goes away sends what follows a commit whose answer it has not seen: once, and in order."""

import random

import pytest

from tests.support.equipe import commit, commits_url, text_of, words
from tests.wikimarche.domain.factories import delete, insert
from wikimarche.models import Commit


START = "Le délai est de trente jours."


def suite(at, text):
    return {**insert(at, text), "suite": True}


def chain(first="un deux ", rest="trois quatre ", at=1):
    """The commit on its way, and what was typed right after it."""
    before = words(first, at=at)
    after = commit(0, suite(at + len(first), rest), prev=before["id"])
    return before, {**after, "before": before}


@pytest.mark.parametrize(
    "order",
    [
        pytest.param("a", id="the first is lost"),
        pytest.param("ba", id="the first arrives first"),
        pytest.param("ab", id="the first arrives last"),
        pytest.param("babaab", id="all is sent again"),
    ],
)
def test_both_stand_once_and_in_order(equipe, order):
    before, after = chain()
    browser, url = equipe.browser(), commits_url(equipe.article)
    for letter in order:
        answer = browser.send_json(url, before if letter == "b" else after)
        assert answer.status_code == 200, answer.content
    assert text_of(equipe.article) == f"un deux trois quatre {START}"
    rows = Commit.objects.filter(article=equipe.article).order_by("numero")
    assert [(str(row.pk), str(row.precedent)) for row in rows] == [
        (before["id"], "None"),
        (after["id"], before["id"]),
    ]


def test_what_goes_inside_the_first_is_placed_inside(equipe):
    """Typed in the middle of a word that the server may not hold yet."""
    before = words("undeux ")
    after = {**commit(0, suite(3, "virgule"), prev=before["id"]), "before": before}
    equipe.browser("editeur", "autre").send_json(commits_url(equipe.article), words("AVANT "))
    equipe.browser().send_json(commits_url(equipe.article), after)
    assert "unvirguledeux" in text_of(equipe.article)


def test_what_the_first_wrote_can_be_taken_back_by_the_rest(equipe):
    before = words("un deux ")
    after = {**commit(0, delete(4, 9), prev=before["id"]), "before": before}
    equipe.browser().send_json(commits_url(equipe.article), after)
    assert text_of(equipe.article) == f"un {START}"


def test_a_first_that_is_refused_refuses_the_rest(equipe):
    before, after = chain()
    after["before"] = {**before, "base": 9}
    answer = equipe.browser().send_json(commits_url(equipe.article), after)
    assert (answer.status_code, answer.json()["code"]) == (409, "base_future")
    assert text_of(equipe.article) == START


def test_a_rest_that_is_refused_leaves_the_first(equipe):
    _before, after = chain()
    after["steps"] = [insert(9999, "x")]
    answer = equipe.browser().send_json(commits_url(equipe.article), after)
    assert answer.status_code == 400
    assert text_of(equipe.article) == f"un deux {START}"


@pytest.mark.parametrize("before", [[], "x", {"before": {"id": "x"}}, {}, {"id": "x"}])
def test_an_odd_first_is_unreadable(equipe, before):
    _, after = chain()
    answer = equipe.browser().send_json(
        commits_url(equipe.article), {**after, "before": before or [1]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "invalide")


def test_a_first_of_another_article_or_person_is_refused(equipe):
    before, after = chain()
    equipe.browser().send_json(commits_url(equipe.second), before)
    answer = equipe.browser().send_json(commits_url(equipe.article), after)
    assert (answer.status_code, answer.json()["code"]) == (409, "identifiant")
    assert text_of(equipe.article) == START
    answer = equipe.browser("commentateur").send_json(commits_url(equipe.second), after)
    assert answer.status_code == 409
    answer = equipe.browser("observateur").send_json(commits_url(equipe.article), chain()[1])
    assert answer.status_code == 403


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrivals_gives_each_word_once(equipe, seed):
    """Two people; each commit of the first travels alone, with its rest, twice, late, or not at all."""
    chance = random.Random(seed)  # noqa: S311 (the same scenario each time)
    browser, other = equipe.browser(), equipe.browser("editeur", "autre")
    url = commits_url(equipe.article)
    count = 0
    for _ in range(4):
        # Each page: opened on the last version, cursor at the very end, two commits.
        text = text_of(equipe.article)
        end = len(text) + 1
        numero = Commit.objects.filter(article=equipe.article).count()
        first, rest = f" m{count:02}", f" m{count + 1:02}"
        count += 2
        before = words(first, at=end, base=numero)
        after = commit(numero, suite(end + len(first), rest), prev=before["id"])
        after["before"] = before
        arrivals = [before] * chance.randrange(3) + [after] * (1 + chance.randrange(2))
        chance.shuffle(arrivals)
        for sent in arrivals:
            if chance.random() < 0.5:
                other.send_json(url, words("h ", base=numero))
            assert browser.send_json(url, sent).status_code == 200
    found = [word for word in text_of(equipe.article).split() if word.startswith("m")]
    assert found == [f"m{i:02}" for i in range(count)]

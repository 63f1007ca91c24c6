"""What a commit leaves as it was: no place for its steps any more, or a change of nothing. Neither makes a version."""

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from tests.support.equipe import commit, commits_url, state_of, text_of, words
from tests.support.fils import comment_on
from tests.wikimarche.domain.factories import add_mark, comment, delete, insert, p
from wikimarche.models import Article, Commit


@pytest.fixture
def emptied(equipe):
    """Somebody deleted the paragraph in which another page is about to write."""
    size = len("Le délai est de trente jours.")
    blank = {"stepType": "replace", "from": 0, "to": size + 2, "slice": {"content": [p()]}}
    answer = equipe.browser("editeur", "autre").send_json(
        commits_url(equipe.article), commit(0, blank)
    )
    assert answer.status_code == 200
    return equipe


def told(equipe, action):
    """Entries of the journal of the marché for one action."""
    return list_entries(equipe.marche.pk, action=action)


def test_a_commit_that_finds_no_place_at_all_makes_no_version(emptied):
    before = state_of(emptied.piece)
    sent = commit(0, insert(4, "long "), insert(9, "très "))
    answer = emptied.browser().send_json(commits_url(emptied.article), sent).json()
    assert (answer["numero"], answer["version"]) == (1, before[2])
    assert (answer["steps"], answer["dropped"]) == ([], [0, 1])
    assert [missed["numero"] for missed in answer["missing"]] == [1]
    assert state_of(emptied.piece)[:3] == before[:3]
    kept = Commit.objects.get(pk=sent["id"])
    assert (kept.numero, kept.pas, kept.auteur) == (None, [], emptied.person())
    assert [row["pas"] for row in kept.ecartes] == sent["steps"]


def test_what_found_no_place_sent_again_is_answered_and_kept_once(emptied):
    browser, sent = emptied.browser(), commit(0, insert(4, "long "))
    first, again = (browser.send_json(commits_url(emptied.article), sent).json() for _ in range(2))
    assert {**again, "instant": ""} == {**first, "instant": ""}
    assert Commit.objects.filter(pk=sent["id"]).count() == 1
    assert len(told(emptied, "wikimarche:article:set_aside")) == 1


def test_what_is_typed_next_follows_the_commit_that_found_no_place(emptied):
    browser, lost = emptied.browser(), commit(0, insert(4, "long "))
    browser.send_json(commits_url(emptied.article), lost)
    answer = browser.send_json(commits_url(emptied.article), words("Ici", base=1, prev=lost["id"]))
    assert (answer.status_code, answer.json()["numero"]) == (200, 2)
    assert text_of(emptied.article) == "Ici"


def test_a_title_sent_with_text_that_found_no_place_still_makes_its_version(emptied):
    sent = commit(0, insert(4, "long "), titre="Délais d’exécution")
    answer = emptied.browser().send_json(commits_url(emptied.article), sent).json()
    assert (answer["numero"], answer["dropped"]) == (2, [0])
    assert Article.objects.get(pk=emptied.article.pk).titre == "Délais d’exécution"


def test_the_history_says_whose_text_found_no_place(emptied):
    sent = commit(0, insert(4, "long "))
    emptied.browser().send_json(commits_url(emptied.article), sent)
    page = emptied.browser("gestionnaire").get(
        reverse("marches:history_read", args=[emptied.marche.pk])
    )
    assert "n’a pas pu écrire dans l’article «\u202fDélais\u202f»" in page.content.decode()
    (entry,) = told(emptied, "wikimarche:article:set_aside")
    assert entry.acteur == f"acheteur:{emptied.person().pk}"


# ── Nothing changes: no version ─────────────────────────────────────────────────────────

TEXT = "Le délai est de trente jours."
SAME_WORD = insert(4, "délai") | {"to": 9}
EMPTY_CHANGES = {
    "words replaced by themselves": commit(1, SAME_WORD),
    "nothing replaced by nothing": commit(1, delete(4, 4)),
    "typed then taken back": commit(1, insert(4, "x"), delete(4, 5)),
    "the same title": commit(1, titre="Durée"),
    "the same title, blanks aside": commit(1, titre="  Durée "),
}


@pytest.fixture
def named(equipe):
    equipe.browser().send_json(commits_url(equipe.article), commit(titre="Durée"))
    return equipe


@pytest.mark.parametrize("sent", EMPTY_CHANGES.values(), ids=EMPTY_CHANGES)
def test_a_commit_that_changes_nothing_makes_no_version(named, sent):
    before = state_of(named.piece)[:3]
    answer = named.browser().send_json(commits_url(named.article), sent)
    assert answer.status_code == 200
    data = answer.json()
    assert (data["numero"], data["missing"], data["dropped"]) == (1, [], [])
    assert state_of(named.piece)[:3] == before
    assert len(told(named, "wikimarche:article:unchanged")) == 1
    assert told(named, "wikimarche:article:set_aside") == []


def test_what_is_typed_after_nothing_changed_follows_what_stands(equipe):
    browser, url = equipe.browser(), commits_url(equipe.article)
    kept, empty = words("Ici, "), commit(1, insert(4, ",") | {"to": 5})
    browser.send_json(url, kept)
    browser.send_json(url, empty | {"prev": kept["id"]})
    again = browser.send_json(url, words("puis ", base=1, prev=empty["id"]))
    assert again.status_code == 200
    assert text_of(equipe.article) == f"puis Ici, {TEXT}"


def test_an_empty_change_sent_again_takes_no_word_written_since(equipe):
    """Its answer was lost; placed again on the new text, it would replace the word with its additions."""
    sent, url = commit(0, SAME_WORD), commits_url(equipe.article)
    equipe.browser().send_json(url, sent)
    equipe.browser("editeur", "autre").send_json(url, commit(0, insert(6, "X")))
    answer = equipe.browser().send_json(url, sent)
    assert answer.status_code == 200
    assert text_of(equipe.article) == TEXT.replace("délai", "déXlai")


def test_an_empty_change_sent_again_takes_no_word_typed_after_it(equipe):
    """A page that closes sends the next words with it; the page after sends both again."""
    first, url = commit(0, SAME_WORD), commits_url(equipe.article)
    rest = commit(0, insert(6, "X"), prev=first["id"])
    equipe.browser().send_json(url, first)
    for _time in range(2):
        answer = equipe.browser().send_json(url, rest | {"before": first})
        assert answer.status_code == 200
    assert text_of(equipe.article) == TEXT.replace("délai", "déXlai")


def test_two_commits_of_one_id_are_refused_together(equipe):
    """One of them would be kept, and both told to be."""
    first, before = words("Un "), state_of(equipe.piece)
    same = words("Deux ") | {"id": first["id"].upper(), "before": first}
    answer = equipe.browser().send_json(commits_url(equipe.article), same)
    assert (answer.status_code, answer.json()["erreur"]) == (400, "Enregistrement illisible.")
    assert state_of(equipe.piece) == before


def test_what_carries_an_empty_change_goes_on_without_it(equipe):
    """A page that goes away: the first commit changes nothing, and the rest must not miss it."""
    first = commit(0, SAME_WORD)
    rest = commit(0, insert(9, " ferme"), prev=first["id"], before=first)
    answer = equipe.browser().send_json(commits_url(equipe.article), rest)
    assert answer.status_code == 200
    assert text_of(equipe.article) == "Le délai ferme est de trente jours."


def test_an_empty_change_on_a_stale_text_says_what_it_missed(equipe):
    equipe.browser("editeur", "autre").send_json(commits_url(equipe.article), words("AVANT "))
    sent = commit(0, SAME_WORD)
    data = equipe.browser().send_json(commits_url(equipe.article), sent).json()
    assert [missed["numero"] for missed in data["missing"]] == [1]
    assert data["steps"] == [SAME_WORD | {"from": 10, "to": 15}]
    assert text_of(equipe.article) == f"AVANT {TEXT}"


def test_a_title_sent_again_with_new_words_is_no_new_title(named):
    sent = words("Ici, ", base=1) | {"titre": "Durée"}
    named.browser().send_json(commits_url(named.article), sent)
    assert Commit.objects.get(pk=sent["id"]).titre is None
    assert text_of(named.article) == f"Ici, {TEXT}"


def test_a_comment_alone_is_a_change(named):
    browser = named.browser()
    mark = add_mark(4, 9, comment(str(comment_on(browser, named.article).pk)))
    answer = browser.send_json(commits_url(named.article), commit(1, mark))
    assert answer.json()["numero"] == 2

"""A text emptied from the history: every reader says so, nothing breaks, nothing brings it back."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from procurement.access.services import AccessRefused
from procurement.audit.selectors import list_entries
from procurement.audit.services import export_chain, redact_entry, verify_evidence
from procurement.marches.services import share_marche
from tests.support.equipe import commit, commits_url
from tests.wikimarche.domain.factories import add_mark, insert
from tests.wikimarche.factories import type_words
from wikimarche.models import Article, Commit, Version
from wikimarche.services import (
    merge_article,
    restore_article,
    restore_piece,
    split_article,
    unmerge_article,
    unsplit_article,
)


SECRET = "06 12 34 56 78 "


@pytest.fixture
def caviarde(equipe_durable):
    """A phone number typed, taken away, then emptied from the history: version and number of it."""
    equipe = equipe_durable
    type_words(equipe.person(), equipe.article, "avant ")
    type_words(equipe.person(), equipe.article, SECRET)
    version = Version.objects.filter(piece=equipe.piece).order_by("-numero").first()
    equipe.before = equipe.article.numero - 1
    size = len(SECRET)
    taken = {"stepType": "replace", "from": 1, "to": 1 + size}
    type_words(equipe.person(), equipe.article, "", steps=[taken])
    type_words(equipe.person(), equipe.article, "ensuite ")
    objet = f"wikimarche_article:{equipe.article.pk}"
    held = list_entries(equipe.marche.pk, objet=objet, action="wikimarche:article:edited")
    seq = next(e.seq for e in held if e.operation == version.operation)
    redact_entry(
        chain=equipe.marche.pk, seq=seq, motif="Numéro personnel",
        asked_by=equipe.gestionnaire, approved_by=equipe.person(),
    )  # fmt: skip
    equipe.numero = version.numero
    return equipe


def pages(equipe):
    """Everything that shows the redacted version, or reads over it."""
    browser, piece = equipe.browser(), equipe.piece
    yield browser.get(reverse("wikimarche:version_detail", args=[piece.pk, equipe.numero]))
    yield browser.get(reverse("wikimarche:version_list", args=[piece.pk]))
    compare = reverse("wikimarche:piece_compare", args=[piece.pk])
    for de, a in ((equipe.numero - 1, equipe.numero), (equipe.numero, equipe.numero + 1)):
        yield browser.get(f"{compare}?de={de}&a={a}")
    yield browser.get(reverse("wikimarche:article_detail", args=[equipe.article.pk]))
    yield browser.get(piece.get_absolute_url())


def test_every_page_still_answers_and_none_shows_the_words(caviarde):
    answers = list(pages(caviarde))
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert all("06 12 34" not in answer.content.decode() for answer in answers)
    assert "Version caviardée" in answers[0].content.decode()
    assert "Version caviardée" in answers[2].content.decode()
    assert verify_evidence().breaks == []


def test_a_redacted_version_is_not_restored(caviarde):
    before = caviarde.article.corps
    with pytest.raises(AccessRefused, match="caviardé"):
        restore_article(by=caviarde.gestionnaire, article=caviarde.article, numero=caviarde.numero)
    with pytest.raises(AccessRefused, match="caviardé"):
        restore_piece(by=caviarde.gestionnaire, piece=caviarde.piece, numero=caviarde.numero)
    caviarde.article.refresh_from_db()
    assert caviarde.article.corps == before


def test_a_page_opened_before_the_redaction_is_told_to_reload(caviarde):
    """Its steps cannot be placed over steps that are no more; after them, they can."""
    browser, url = caviarde.browser(), commits_url(caviarde.article)
    answer = browser.send_json(url, commit(caviarde.before, insert(1, "x")))
    assert (answer.status_code, answer.json()["code"]) == (409, "trop_ancien")
    told = browser.get(f"{url}?depuis={caviarde.before}").json()
    assert told["commits"] == []
    assert told["corps"] == caviarde.article.corps
    near = browser.get(f"{url}?depuis={caviarde.before + 1}").json()
    assert len(near["commits"]) == 2
    assert browser.send_json(url, commit(caviarde.before + 1, insert(1, "x"))).status_code == 200


def test_a_commit_sent_again_after_its_redaction_is_not_answered_with_its_words(caviarde):
    lost = next(row for row in Commit.objects.filter(article=caviarde.article) if row.caviarde)
    again = commit(caviarde.before, insert(1, SECRET))
    again["id"] = str(lost.pk)
    answer = caviarde.browser().send_json(commits_url(caviarde.article), again)
    assert answer.status_code == 409
    assert "06 12" not in answer.content.decode()


def cut(equipe) -> Article:
    """What is cut off the article."""
    return split_article(by=equipe.gestionnaire, article=equipe.article, position=5)


def merged(equipe) -> Article:
    """An article whose text went to the article."""
    second = Article.objects.get(pk=equipe.second.pk)
    merge_article(by=equipe.gestionnaire, article=second)
    return second


@pytest.mark.parametrize(("act", "undo"), [(cut, unsplit_article), (merged, unmerge_article)])
def test_what_would_give_redacted_words_back_is_not_undone(equipe_durable, act, undo):
    equipe = equipe_durable
    type_words(equipe.person(), equipe.article, SECRET)
    held = list_entries(equipe.marche.pk, action="wikimarche:article:edited")
    other = act(equipe)
    redact_entry(
        chain=equipe.marche.pk, seq=held[0].seq, motif="Numéro personnel",
        asked_by=equipe.gestionnaire, approved_by=equipe.person(),
    )  # fmt: skip
    with pytest.raises(AccessRefused, match="caviardé"):
        undo(by=equipe.gestionnaire, article=other)


def run(equipe, *options, par=None, avec=None):
    """The command, typed on the server in the name of two persons; what it answers."""
    said = StringIO()
    call_command(
        "redact_history", f"--marche={equipe.marche.pk}", *options, stdout=said,
        par=(par or equipe.gestionnaire).email, avec=(avec or equipe.person("juriste")).email,
    )  # fmt: skip
    return json.loads(said.getvalue())


@pytest.fixture
def tenu(equipe_durable):
    """A phone number kept by three versions, in bold for a part, then taken out of the text."""
    equipe = equipe_durable
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    type_words(equipe.person(), equipe.article, SECRET)
    bold = add_mark(4, 9, {"type": "strong"})
    type_words(equipe.person(), equipe.article, "", steps=[bold])
    type_words(equipe.person(), equipe.article, "suite ", at=len(SECRET) + 1)
    return equipe


def take_away(equipe):
    taken = {"stepType": "replace", "from": 1, "to": 1 + len(SECRET)}
    type_words(equipe.person(), equipe.article, "", steps=[taken])


CONFIRM = ("--passage=06 12 34", "--motif=Numéro personnel", "--confirmer")


def test_the_command_lists_every_version_that_holds_the_words_and_empties_nothing(tenu):
    take_away(tenu)
    said = run(tenu, "--passage= 06  12 34 ")
    assert len(said["lignes"]) == 3
    assert "la version" in said["lignes"][1]["tient"]
    assert not any(line["texte_actuel"] for line in said["lignes"])
    assert "sauvegardes" in said["hors_de_portee"]
    assert "caviarde_par" not in said
    assert verify_evidence().redacted == 0


def test_the_command_empties_them_all(tenu):
    take_away(tenu)
    assert len(run(tenu, *CONFIRM)["caviarde_par"]) == 3
    assert run(tenu, "--passage=06 12 34")["lignes"] == []
    report = verify_evidence()
    assert (report.breaks, report.redacted) == ([], 3)
    assert "06 12 34" not in "".join(export_chain(tenu.marche.pk))


def test_while_the_text_still_holds_the_words_nothing_is_emptied(tenu):
    with pytest.raises(CommandError, match="d’abord du texte"):
        run(tenu, *CONFIRM)
    assert verify_evidence().redacted == 0


@pytest.mark.parametrize("who", ["editeur", "etranger", "same"])
def test_the_second_person_has_the_right_too_and_is_another(tenu, who):
    take_away(tenu)
    avec = tenu.gestionnaire if who == "same" else tenu.person(who)
    with pytest.raises(CommandError):
        run(tenu, *CONFIRM, avec=avec)
    with pytest.raises(CommandError):
        run(tenu, *CONFIRM, par=avec, avec=tenu.gestionnaire)
    assert verify_evidence().redacted == 0


@pytest.mark.parametrize("motif", ["", "Le 06 12 34 de Mme X"])
def test_the_motive_is_there_and_does_not_say_the_words_again(tenu, motif):
    take_away(tenu)
    with pytest.raises(CommandError, match=r"motif"):
        run(tenu, "--passage=06 12 34", f"--motif={motif}", "--confirmer")
    assert verify_evidence().redacted == 0


def test_who_verifies_is_told_that_something_was_redacted(caviarde):
    share_marche(by=caviarde.gestionnaire, marche=caviarde.marche, partage=True)
    address = reverse("marches:history_verify", args=[caviarde.marche.pk])
    answer = caviarde.browser("juriste").post(address)
    assert answer.context["rapport"].ok
    said = " ".join(answer.content.decode().split())
    assert "1 ligne caviardée" in said
    assert "Rien n’a été modifié après coup" not in said

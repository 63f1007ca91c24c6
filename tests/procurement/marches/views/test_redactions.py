"""A passage is emptied from the screen by two persons; what one asked alone empties nothing."""

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import find_passage, verify_evidence
from procurement.marches.services import share_marche
from tests.procurement.accounts.factories import PASSWORD, UserFactory
from tests.procurement.marches.factories import ParticipationFactory
from tests.wikimarche.factories import type_words


PROVE = "/compte/confirmer-identite/"
SECRET = "06 12 34 56 78"


@pytest.fixture
def equipe(equipe_durable):
    """A phone number typed, then taken away from the text."""
    equipe = equipe_durable
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    type_words(equipe.person(), equipe.article, f"{SECRET} ")
    equipe.address = reverse("marches:history_redact", args=[equipe.marche.pk])
    return equipe


@pytest.fixture
def taken_away(equipe):
    steps = [{"stepType": "replace", "from": 1, "to": 1 + len(SECRET)}]
    type_words(equipe.person(), equipe.article, "", steps=steps)
    return equipe


def ask(browser, equipe, **fields):
    said = {"etape": "demander", "passage": SECRET, "motif": "Numéro personnel"}
    return browser.post(equipe.address, said | fields)


def asked_seq(equipe):
    return list_entries(equipe.marche.pk, action="marches:redaction:asked", limit=1)[0].seq


def held(equipe):
    return find_passage(chain=equipe.marche.pk, passage=SECRET)


def test_one_asks_and_another_confirms(taken_away):
    equipe = taken_away
    juriste, gestionnaire = equipe.browser("juriste"), equipe.browser("gestionnaire")
    shown = juriste.post(equipe.address, {"etape": "chercher", "passage": SECRET}).content.decode()
    assert "la version" in shown
    assert ask(juriste, equipe).status_code == 302
    assert held(equipe)
    page = gestionnaire.get(equipe.address).content.decode()
    assert "Une demande attend votre décision" in page
    assert "Numéro personnel" in page
    settle = {"etape": "confirmer", "demande": str(asked_seq(equipe))}
    # Alone, one may not confirm what one asked.
    assert juriste.post(equipe.address, settle).status_code == 409
    assert held(equipe)
    assert "Confirmer, sans retour" not in juriste.get(equipe.address).content.decode()
    assert gestionnaire.post(equipe.address, settle).status_code == 302
    assert held(equipe) == []
    assert gestionnaire.post(equipe.address, settle).status_code == 409
    assert verify_evidence().breaks == []
    story = juriste.get(reverse("marches:history_read", args=[equipe.marche.pk])).content.decode()
    assert "a demandé un caviardage" in story
    assert "a confirmé le caviardage" in story
    assert SECRET not in story
    said = str(
        [entry.corps for entry in list_entries(equipe.marche.pk, action="marches:redaction:")]
    )
    assert SECRET not in said


def test_who_confirms_shows_again_who_is_there(taken_away):
    """A session left open empties nothing for ever; the passage itself never waits in a session."""
    equipe, second = taken_away, UserFactory()
    ParticipationFactory(marche=equipe.marche, user=second, role="gestionnaire")
    browser = equipe.browse(second)
    assert ask(equipe.browser("juriste"), equipe).status_code == 302
    settle = {"etape": "confirmer", "demande": str(asked_seq(equipe))}
    answer = browser.post(equipe.address, settle)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, PROVE)
    assert held(equipe)
    assert browser.post(answer.url, {"password": PASSWORD}).url == equipe.address
    assert held(equipe) == []
    assert verify_evidence().breaks == []


def test_an_ask_that_is_given_up_empties_nothing(taken_away):
    equipe = taken_away
    ask(equipe.browser("juriste"), equipe)
    settle = {"demande": str(asked_seq(equipe))}
    gestionnaire = equipe.browser("gestionnaire")
    gestionnaire.post(equipe.address, settle | {"etape": "abandonner"})
    assert gestionnaire.post(equipe.address, settle | {"etape": "confirmer"}).status_code == 409
    assert held(equipe)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"motif": f"Il y avait {SECRET}"}, "n’y écrivez pas le passage"),
        ({"motif": ""}, "«\u202fMotif\u202f» est obligatoire"),
        ({"passage": "rien de tel"}, "Aucune ligne de l’histoire ne"),
        ({"passage": ""}, "obligatoire"),
    ],
)
def test_an_ask_that_makes_no_sense_is_refused(taken_away, fields, words):
    answer = ask(taken_away.browser("juriste"), taken_away, **fields)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert list_entries(taken_away.marche.pk, action="marches:redaction:") == []


def test_the_present_text_is_changed_first(equipe):
    answer = ask(equipe.browser("juriste"), equipe)
    assert answer.status_code == 422
    assert "retirez-le d’abord du texte" in answer.content.decode()


def test_who_confirms_must_still_have_the_right_and_the_ask_must_exist(taken_away):
    equipe = taken_away
    ask(equipe.browser("gestionnaire"), equipe)
    settle = {"etape": "confirmer", "demande": str(asked_seq(equipe))}
    assert equipe.browser("editeur").post(equipe.address, settle).status_code == 403
    juriste = equipe.browser("juriste")
    for odd in ("", "x", "9" * 30, "1"):
        assert juriste.post(equipe.address, settle | {"demande": odd}).status_code == 404
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=False)
    assert juriste.post(equipe.address, settle).status_code == 404
    assert held(equipe)


def test_who_asked_must_still_have_the_right_when_another_confirms(taken_away):
    equipe = taken_away
    ask(equipe.browser("juriste"), equipe)
    settle = {"etape": "confirmer", "demande": str(asked_seq(equipe))}
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=False)
    refused = equipe.browser("gestionnaire").post(equipe.address, settle)
    assert refused.status_code == 409
    assert "n’a plus le droit" in refused.content.decode()
    assert held(equipe)

"""Whoever did something on a marché takes its receipt away, and nobody else's."""

import json

from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import redact_entry, verify_receipt
from tests.wikimarche.factories import type_words


def address(equipe):
    return reverse("marches:receipt_list", args=[equipe.marche.pk])


def line_of(equipe, user):
    return list_entries(equipe.marche.pk, acteur=f"acheteur:{user.pk}", limit=1)[0].seq


def test_my_acts_and_their_receipts(equipe):
    editeur = equipe.person()
    type_words(editeur, equipe.article, "trente jours ")
    browser = equipe.browser()
    page = browser.get(address(equipe)).content.decode()
    assert "Mes reçus" in page
    assert "a ouvert le marché" not in page
    assert "Vous avez écrit dans l’article" in page
    seq = line_of(equipe, editeur)
    assert f"Reçu n°&nbsp;{seq}" in page
    answer = browser.post(address(equipe), {"ligne": str(seq)})
    assert answer["Content-Disposition"] == f'attachment; filename="recu-{seq}.json"'
    said = json.loads(answer.content)
    assert (said["seq"], said["contenu"]["auteur"]) == (seq, str(editeur))
    assert verify_receipt(said) == []
    # Asked again, it is the same receipt.
    assert json.loads(browser.post(address(equipe), {"ligne": str(seq)}).content) == said


def test_a_line_of_somebody_else_has_no_receipt_for_me(equipe):
    type_words(equipe.person(), equipe.article, "x")
    browser = equipe.browser()
    theirs = line_of(equipe, equipe.gestionnaire)
    for odd in (str(theirs), "", "x", "0", "9" * 30):
        assert browser.post(address(equipe), {"ligne": odd}).status_code == 404


def test_a_redacted_line_says_so(equipe_durable):
    equipe = equipe_durable
    type_words(equipe.person(), equipe.article, "06 12 ")
    seq = line_of(equipe, equipe.person())
    type_words(equipe.person(), equipe.article, "y")
    redact_entry(
        chain=equipe.marche.pk, seq=seq, motif="Numéro", asked_by=equipe.gestionnaire,
        approved_by=equipe.person("juriste"),
    )  # fmt: skip
    answer = equipe.browser().post(address(equipe), {"ligne": str(seq)})
    assert answer.status_code == 409

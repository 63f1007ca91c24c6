"""Titles of pièces over HTTP."""

import pytest
from django.urls import reverse

from tests.wikimarche.factories import PieceFactory
from wikimarche.models import Piece, Version


pytestmark = pytest.mark.django_db
INVISIBLE = ["\u200b", "\u2060\u200d", "\u202e", "\u3164"]


@pytest.mark.parametrize("titre", INVISIBLE)
def test_a_piece_keeps_a_title_that_one_sees(equipe, titre):
    before = equipe.piece.titre
    url = reverse("wikimarche:piece_rename", args=[equipe.piece.pk])
    equipe.browser("gestionnaire").post(url, {"titre": titre})
    equipe.piece.refresh_from_db()
    assert equipe.piece.titre == before


def test_two_renames_at_once_the_second_is_told(equipe):
    """No last word: who gave a title over another, unseen, reads both and says hers again."""
    url = reverse("wikimarche:piece_rename", args=[equipe.piece.pk])
    seen = equipe.piece.titre
    equipe.browser().post(url, {"titre": "Nettoyage", "vu": seen})
    answer = equipe.browser("gestionnaire").post(
        url, {"titre": "Entretien", "vu": seen}, follow=True
    )
    equipe.piece.refresh_from_db()
    assert equipe.piece.titre == "Nettoyage"
    page = answer.content.decode()
    assert "a changé pendant que vous écriviez" in page
    assert "«\u202fEntretien\u202f»" in page
    assert 'name="vu" value="Nettoyage"' in page
    equipe.browser("gestionnaire").post(url, {"titre": "Entretien", "vu": "Nettoyage"})
    equipe.piece.refresh_from_db()
    assert equipe.piece.titre == "Entretien"


def test_the_same_title_given_twice_is_no_disagreement(equipe):
    url = reverse("wikimarche:piece_rename", args=[equipe.piece.pk])
    seen = equipe.piece.titre
    equipe.browser().post(url, {"titre": "Nettoyage", "vu": seen})
    answer = equipe.browser("gestionnaire").post(
        url, {"titre": "Nettoyage", "vu": seen}, follow=True
    )
    assert "a changé pendant" not in answer.content.decode()


@pytest.mark.parametrize("titre", INVISIBLE)
def test_a_new_piece_without_a_visible_title_takes_the_name_of_its_type(equipe, titre):
    url = reverse("wikimarche:piece_create", args=[equipe.marche.pk])
    equipe.browser("gestionnaire").post(url, {"type": "CCAP", "titre": titre})
    made = Piece.objects.exclude(pk=equipe.piece.pk).get(marche=equipe.marche)
    assert made.titre == made.get_type_display()


@pytest.mark.parametrize("nom", INVISIBLE)
def test_a_version_takes_no_name_that_nobody_sees(equipe, nom):
    url = reverse("wikimarche:version_name", args=[equipe.piece.pk])
    before = Version.objects.filter(piece=equipe.piece).count()
    equipe.browser("gestionnaire").post(url, {"nom": nom})
    assert Version.objects.filter(piece=equipe.piece).count() == before


def test_an_empty_piece_is_not_told_as_saved(equipe):
    empty = equipe.browser().get(PieceFactory(marche=equipe.marche).get_absolute_url())
    written = equipe.browser().get(equipe.piece.get_absolute_url())
    for page, saved in ((empty, False), (written, True)):
        shown = page.content.decode().partition('<span class="wm-enreg')[2][:400]
        assert shown.startswith(" e-sapin") is saved
        assert ("cloud-check" in shown) is saved
        assert ("Rien d’enregistré encore" in shown) is not saved

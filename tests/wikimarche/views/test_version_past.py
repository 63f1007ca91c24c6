"""Reading a version of the past, by whom, and what it costs."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.wikimarche.factories import PieceFactory, type_words
from tests.wikimarche.views.histoire import write_a_history
from wikimarche.models import Piece, Version
from wikimarche.selectors import (
    find_version,
    last_version,
    list_seances,
    read_piece,
    read_state,
)
from wikimarche.services import (
    name_version,
    restore_piece,
)


def test_each_version_reads_as_it_was_stored(equipe):
    kept = write_a_history(equipe)
    assert list(kept) == list(range(2, 11))
    for numero, wanted in kept.items():
        state = read_state(equipe.piece, find_version(equipe.piece, numero))
        read = {
            row.id: (
                row.parent, row.rang, row.titre, json.dumps(row.corps, sort_keys=True),
                "actif" if row.actif else "retire",
            )
            for row in state
        }  # fmt: skip
        assert read == wanted, numero
        url = reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero])
        assert equipe.browser("observateur").get(url).status_code == 200


def test_the_hash_of_a_version_tells_the_text_and_only_the_text(equipe):
    start = last_version(equipe.piece).empreinte
    type_words(equipe.person(), equipe.article, "x")
    changed = last_version(equipe.piece).empreinte
    name_version(by=equipe.person(), piece=equipe.piece, nom="N")
    assert last_version(equipe.piece).empreinte == changed != start
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=2)
    assert last_version(equipe.piece).empreinte == start


@pytest.mark.attaque("A03")
@pytest.mark.attaque("A05")
@pytest.mark.parametrize("role", ["etranger"])
def test_the_past_is_as_closed_as_the_present(equipe, role):
    browser, piece = equipe.browser(role), equipe.piece
    for name, *args in (
        ("piece_detail",), ("version_list",), ("version_detail", 1), ("seance_detail", 1),
        ("piece_compare",), ("piece_changes",), ("piece_outline",), ("piece_traces",),
    ):  # fmt: skip
        url = reverse(f"wikimarche:{name}", args=[piece.pk, *args])
        assert browser.get(url).status_code == 404, name


def test_the_version_of_another_piece_is_not_found(equipe):
    sister = PieceFactory(marche=equipe.marche)
    url = reverse("wikimarche:version_detail", args=[sister.pk, 1])
    assert equipe.browser().get(url).status_code == 404


def count_queries(act):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def test_history_costs_the_same_with_500_versions(equipe):
    """L6: the number of queries does not grow with the history."""
    browser = equipe.browser()

    def pages():
        # As a request reads it: a marché keeps its data once they are read.
        piece = Piece.objects.select_related("marche__organisation").get(pk=equipe.piece.pk)
        last = last_version(piece)
        found = {
            "sessions": count_queries(lambda: list_seances(piece)),
            "page": count_queries(lambda: read_piece(piece)),
            "state": count_queries(lambda: read_state(piece, last)),
        }
        for name, *args in (
            ("piece_detail",), ("version_list",), ("version_detail", 5), ("piece_compare",),
        ):  # fmt: skip
            url = reverse(f"wikimarche:{name}", args=[piece.pk, *args])
            browser.get(url)
            found[name] = count_queries(lambda url=url: browser.get(url))
        url = reverse("wikimarche:article_detail", args=[equipe.article.pk])
        found["article_detail"] = count_queries(lambda: browser.get(url))
        return found

    people = [equipe.person(), equipe.person("editeur", "autre")]
    for number in range(8):
        type_words(people[number % 2], equipe.article, f"{number} ")
    few = pages()
    for number in range(490):
        type_words(people[number % 2], equipe.article, f"{number} ")
    assert Version.objects.filter(piece=equipe.piece).count() == 500
    assert pages() == few
    assert (few["sessions"], few["page"], few["state"]) == (1, 4, 2)

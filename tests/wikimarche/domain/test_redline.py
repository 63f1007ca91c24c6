"""HTML of a comparison."""

import re
from html import unescape

import pytest

from tests.wikimarche.domain.factories import (
    article,
    cellule,
    comment,
    liste,
    p,
    piece,
    tableau,
    texte,
)
from tests.wikimarche.domain.test_render import HOSTILE, check
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.comparison import compare, compare_blocks
from wikimarche.domain.redline import (
    move_sentence,
    redline_blocs,
    redline_corps,
    redline_titre,
    side_by_side,
)
from wikimarche.domain.specimen import generate_piece, revise_piece


def redline(before, after):
    html = redline_blocs(compare_blocks(before, after))
    check(html)
    return html


def test_words_in_the_text():
    assert redline(
        [p("chaque année un relevé", id="aaaaaaaa")],
        [p("chaque trimestre un relevé", id="aaaaaaaa")],
    ) == ('<p data-b="aaaaaaaa">chaque <del>année</del> <ins>trimestre</ins> un relevé</p>')


def test_words_of_a_footnote_are_marked_in_it_and_on_each_side():
    def body(words):
        note = {"type": "note_bas_de_page", "attrs": {"texte": words}}
        return [p(texte("Sous"), note, id="aaaaaaaa")]

    before, after = body("Délai de cinq jours <b>."), body("Délai de huit jours <b>.")
    opening = '<p data-b="aaaaaaaa">Sous<span class="wm-note-bas" role="note">Délai de '
    closing = " jours &lt;b&gt;.</span></p>"
    assert redline(before, after) == f"{opening}<del>cinq</del> <ins>huit</ins>{closing}"
    [change] = compare(piece(article(1, *before)), piece(article(1, *after))).changements
    [rang] = side_by_side(change)
    assert rang.avant == f"{opening}<del>cinq</del>{closing}"
    assert rang.apres == f"{opening}<ins>huit</ins>{closing}"


def test_whole_blocks():
    html = redline(
        [p("un", id="aaaaaaaa")], [p("tout autre chose", id="bbbbbbbb"), liste("a", id="cccccccc")]
    )
    assert '<p data-b="aaaaaaaa"><del>un</del></p>' in html
    assert '<p data-b="bbbbbbbb"><ins>tout autre chose</ins></p>' in html
    assert '<ul data-b="cccccccc"><li><p><ins>a</ins></p></li></ul>' in html


def test_cells_are_framed_and_named():
    head = ("Consommable", "Exigence")
    html = redline(
        [tableau(head, ("Savon", "x"), ("Sacs", "50 %"), id="aaaaaaaa")],
        [tableau(head, ("Savon", "x"), ("Sacs", "80 %"), id="aaaaaaaa")],
    )
    assert (
        '<td class="chg" title="Cellule modifiée, ligne Sacs, colonne Exigence"><del>50</del> <ins>80</ins> %</td>'
        in html
    )
    assert html.count("chg") == 1
    assert html.count("<thead>") == html.count("</thead>") == 1


def test_typography_and_moves_have_words_too():
    assert 'title="Mise en forme modifiée"' in redline(
        [p("a", id="aaaaaaaa")], [p(texte("a", "strong"), id="aaaaaaaa")]
    )
    html = redline(
        [p("un", id="aaaaaaaa"), p("deux", id="bbbbbbbb")],
        [p("deux", id="bbbbbbbb"), p("un", id="aaaaaaaa")],
    )
    assert html.count("Paragraphe déplacé") == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([p(HOSTILE, id="aaaaaaaa")], [p("x" + HOSTILE, id="aaaaaaaa")]),
        (
            [tableau((HOSTILE,), (HOSTILE,), id="aaaaaaaa")],
            [tableau((HOSTILE, "b"), (HOSTILE + "x", "c"), id="aaaaaaaa")],
        ),
        ([liste(HOSTILE, id="aaaaaaaa")], [liste(HOSTILE, "b", id="aaaaaaaa")]),
        (
            [tableau(("A",), ("1",), ("2",), id="aaaaaaaa")],
            [tableau(("B",), ("2",), id="aaaaaaaa")],
        ),
        (
            [tableau(("A", "B"), (cellule("x", colspan=2),), id="aaaaaaaa")],
            [tableau(("A", "B"), ("x", "y"), id="aaaaaaaa")],
        ),
        (
            [{"type": "critere", "attrs": {"id": "aaaaaaaa"}}],
            [p("x", texte("y", comment()), id="aaaaaaaa")],
        ),
        (
            [{"type": "image", "attrs": {"id": "aaaaaaaa", "fichier": "f", "alt": HOSTILE}}],
            [{"type": "image", "attrs": {"id": "aaaaaaaa", "fichier": "g", "alt": "b"}}],
        ),
    ],
)
def test_markup_is_balanced_and_safe(before, after):
    html = redline(before, after)
    assert "<script" not in html
    assert "wm-ancre" not in html


def test_articles():
    old = piece(
        article(1, p("a", id="aaaaaaaa"), titre="Suivi"),
        article(2, p("b", id="bbbbbbbb"), rang="m1"),
    )
    new = piece(
        article(1, p("a", id="aaaaaaaa"), rang="m2", titre="Suivi annuel"),
        article(2, p("b", id="bbbbbbbb"), rang="m1"),
    )
    result = compare(old, new)
    change = result.articles[old.articles[0].id]
    assert redline_titre(change) == "Suivi<ins> annuel</ins>"
    assert redline_corps(change) == '<p data-b="aaaaaaaa">a</p>'
    moved = [c for c in result.changements if move_sentence(c)]
    assert len(moved) == 1
    assert move_sentence(moved[0]).startswith("Déplacé\u202f: était ")


def test_side_by_side_shows_each_text_on_its_side():
    old = piece(article(1, p("chaque année", id="aaaaaaaa"), p("parti", id="bbbbbbbb")))
    new = piece(article(1, p("chaque mois", id="aaaaaaaa"), p("tout neuf et bleu", id="cccccccc")))
    [change] = compare(old, new).changements
    rows = side_by_side(change)
    assert rows[0].avant == '<p data-b="aaaaaaaa">chaque <del>année</del></p>'
    assert rows[0].apres == '<p data-b="aaaaaaaa">chaque <ins>mois</ins></p>'
    assert ("", True) in [(row.avant, "<ins>tout neuf" in row.apres) for row in rows]
    assert ("", True) in [(row.apres, "<del>parti" in row.avant) for row in rows]


def text_of(html):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace(" ", "")


def test_each_side_reads_as_its_version():
    old = generate_piece(chars=20_000)
    for change in compare(old, revise_piece(old)).changements:
        rows = side_by_side(change)
        html = redline_corps(change)
        check(html)
        for row in rows:
            check(row.avant)
            check(row.apres)
        before, after = (plain_text(state.corps) for state in (change.avant, change.apres))
        assert text_of("".join(row.avant for row in rows)) == text_of(before)
        assert text_of("".join(row.apres for row in rows)) == text_of(after)

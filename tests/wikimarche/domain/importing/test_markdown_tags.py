"""Markdown with tags of HTML, and with images that no file holds."""

import pytest

from tests.wikimarche.domain.importing.reading import read, read_file
from tests.wikimarche.reference import reference_files
from wikimarche.domain.importing.pieces import plain_of


def _read(text):
    piece = read(f"# Objet\n\n{text}\n".encode(), "markdown")
    return piece, [plain_of(block) for block in piece.articles[0].blocs]


@pytest.mark.parametrize("tag", ["<br>", "<br/>", "<br />", "<BR>"])
def test_a_line_break_is_one_in_a_text_and_in_a_cell(tag):
    piece, [text, table] = _read(f"Un{tag}deux.\n\n| Lot | Prix |\n|---|---:|\n| a{tag}b | 3 |")
    assert text == "Un\ndeux."
    assert "a\nb" in table
    assert piece.report.non_reconnu == {}


def test_it_leaves_the_columns_of_a_drawn_table_where_they_are():
    rows = "+--------+-----+\n| a<br>b | 3   |\n+--------+-----+"
    piece, [table] = _read(rows)
    assert (table, piece.report.tables) == ("a\nb3", 1)


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("<div>du html</div>", ["du html"]),
        ('<div class="x">\n\nUn.\n\n</div>\n\nDeux.', ["Un.", "Deux."]),
        ("<p align=center>Un.</p>", ["Un."]),
    ],
)
def test_boxes_are_taken_out_both_halves_and_counted(text, blocks):
    piece, found = _read(text)
    assert found == blocks
    told = piece.report.non_reconnu["balise_html"]
    assert (told["nombre"], told["exemple"]) == (2, text.partition(">")[0] + ">")


def test_what_is_quoted_as_code_or_compared_stays():
    """Positive control."""
    piece, [quoted, compared] = _read("La balise `<br>` et `<div>`, \\<br>.\n\nSi 3 < 4 et p > 2.")
    assert quoted == "La balise <br> et <div>, <br>."
    assert compared == "Si 3 < 4 et p > 2."
    assert piece.report.non_reconnu == {}


def test_an_absent_image_is_told_by_its_name_and_not_counted():
    piece, _ = _read("![Plan du site](absente.png)")
    assert piece.report.images == 0
    assert piece.report.non_reconnu["image_absente_du_fichier"] == {
        "nombre": 1,
        "exemple": "absente.png",
    }


@pytest.mark.parametrize("path", reference_files("dce", "*.md"), ids=lambda p: p.stem)
def test_reference_documents_show_no_tag(path):
    text = "\n".join(
        plain_of(block) for article in read_file(path).articles for block in article.blocs
    )
    assert "<br" not in text
    assert "</div" not in text

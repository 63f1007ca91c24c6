"""No character of private use enters a text: it shows as an empty box, or as anything at all."""

import docx
import pytest
from docx.oxml import parse_xml

from tests.wikimarche.domain.importing.reading import read, read_file
from tests.wikimarche.domain.importing.samples import W, saved
from tests.wikimarche.reference import reference_files
from wikimarche.domain.importing.labels import LABELS
from wikimarche.domain.importing.pieces import plain_of
from wikimarche.domain.importing.symbols import SYMBOLS


def _symbols(*codes, font="Wingdings"):
    document = docx.Document()
    document.add_heading("Objet", 1)
    runs = "".join(f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>' for code in codes)
    document.element.body.insert(-1, parse_xml(f"<w:p {W}>{runs}<w:r><w:t>Oui</w:t></w:r></w:p>"))
    return read(saved(document))


def _text(piece):
    return "\n".join(plain_of(block) for article in piece.articles for block in article.blocs)


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        (("F06E", "F0A0"), "■ Oui"),
        (("f06e", "f0a0"), "■ Oui"),
        (("F06F", "F020"), "□ Oui"),
        (("F0FE", "0020"), "☑ Oui"),
        (("F0B7",), "•Oui"),
        (("2612", "0020"), "☒ Oui"),
        (("F052", "F020"), "☑ Oui"),
    ],
)
def test_a_known_sign_is_an_ordinary_one(codes, text):
    fonts = {"F0B7": "Symbol", "2612": "MS Gothic", "F052": "Wingdings 2"}
    piece = _symbols(*codes, font=fonts.get(codes[0], "Wingdings"))
    assert _text(piece) == text
    assert "signe_de_police_de_symboles" not in piece.report.non_reconnu


@pytest.mark.parametrize("code", ["E123", "F8FF", "F001"])
def test_an_unknown_sign_keeps_its_place_and_the_report_says_so(code):
    piece = _symbols(code, font="Logos maison")
    assert _text(piece) == "▯Oui"
    told = piece.report.non_reconnu["signe_de_police_de_symboles"]
    assert (told["nombre"], told["exemple"]) == (1, "▯Oui")
    assert "signe_de_police_de_symboles" in LABELS


@pytest.mark.parametrize("sign", ["\ue000", "\uf8ff", "\U000f1234", "\U00100000"])
def test_none_enters_by_a_title_a_cell_or_a_note_either(sign):
    text = (
        f"# Objet {sign}\n\nTexte {sign}.[^1] `{sign}`\n\n| {sign} |\n|---|\n| a{sign} |\n\n"
        f"![{sign}](https://exemple.fr/a.png)\n\n[^1]: Note {sign}.\n"
    )
    piece = read(text.encode(), "markdown")
    assert not SYMBOLS.search(str(piece.articles) + str(piece.images) + str(piece.notes))
    assert piece.report.non_reconnu["signe_de_police_de_symboles"]["nombre"] >= 6


def test_a_box_that_the_text_draws_itself_is_not_counted():
    """Positive control."""
    assert read("# Objet\n\nOui ▯\n".encode(), "markdown").report.non_reconnu == {}


@pytest.mark.parametrize("path", reference_files("dce", "*.docx"), ids=lambda p: p.stem)
def test_reference_documents_bring_none(path):
    piece = read_file(path)
    assert not SYMBOLS.search(str(piece.articles))
    assert "signe_de_police_de_symboles" not in piece.report.non_reconnu

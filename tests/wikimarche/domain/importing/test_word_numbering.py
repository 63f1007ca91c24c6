"""Lists of Word whose levels print no number: nobody reads one that nobody wrote."""

import docx
import pytest
from docx.oxml import parse_xml

from tests.wikimarche.domain.importing.reading import read, read_file
from tests.wikimarche.domain.importing.samples import W, saved
from tests.wikimarche.reference import reference_files
from wikimarche.domain.importing.pieces import plain_of


def _listed(kind, text, *, styled=False, override=False):
    """Two paragraphs of a list whose first level prints `text` with the format `kind`."""
    document = docx.Document()
    document.add_heading("Choix", 1)
    numbering = document.part.numbering_part.element
    level = f'<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
    held = level if not override else level.replace(kind, "decimal").replace(text or "\0", "%1.")
    numbering.insert(
        0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{held}</w:abstractNum>')
    )
    changed = f'<w:lvlOverride w:ilvl="0">{level}</w:lvlOverride>' if override else ""
    numbering.append(
        parse_xml(f'<w:num {W} w:numId="78"><w:abstractNumId w:val="77"/>{changed}</w:num>')
    )
    number = f'<w:numPr {W}><w:ilvl w:val="0"/><w:numId w:val="78"/></w:numPr>'
    document.add_paragraph("Texte.")
    if styled:
        style = document.styles.add_style("Case", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
        style.element.get_or_add_pPr().append(parse_xml(number))
    for words in ("pour un lot", "pour tous"):
        paragraph = document.add_paragraph(words, style="Case" if styled else None)
        if not styled:
            paragraph._p.get_or_add_pPr().append(parse_xml(number))
    document.add_paragraph("Fin.")
    return saved(document)


def _blocks(content):
    [article] = read(content).articles
    return [(block["type"], plain_of(block)) for block in article.blocs]


PLAIN = [
    ("paragraph", "Texte."), ("paragraph", "pour un lot"), ("paragraph", "pour tous"), ("paragraph", "Fin."),
]  # fmt: skip


@pytest.mark.parametrize("styled", [False, True])
@pytest.mark.parametrize("override", [False, True])
@pytest.mark.parametrize("text", ["", "%1", "%1."])
def test_a_level_without_number_makes_paragraphs(text, styled, override):
    assert _blocks(_listed("none", text, styled=styled, override=override)) == PLAIN


@pytest.mark.parametrize("text", ["•", "-", "\uf0b7"])
def test_the_sign_it_prints_is_a_bullet(text):
    assert [kind for kind, _ in _blocks(_listed("none", text))] == [
        "paragraph", "bullet_list", "paragraph",
    ]  # fmt: skip


def test_the_words_it_prints_are_read():
    assert _blocks(_listed("none", "Nota\u00a0:"))[1] == ("paragraph", "Nota\u00a0: pour un lot")


def test_a_level_with_a_number_stays_a_list():
    """Positive control."""
    assert [kind for kind, _ in _blocks(_listed("decimal", "%1."))] == [
        "paragraph", "ordered_list", "paragraph",
    ]  # fmt: skip


@pytest.mark.parametrize("path", reference_files("dce", "DC1_2019.docx"), ids=lambda p: p.stem)
def test_the_boxes_of_the_form_have_no_number(path):
    article = next(a for a in read_file(path).articles if a.numero_imprime == "C")
    assert {block["type"] for block in article.blocs} == {"paragraph"}
    lines = [" ".join(plain_of(block).split()) for block in article.blocs]
    assert any(line.startswith("☐ pour tous les lots") for line in lines)

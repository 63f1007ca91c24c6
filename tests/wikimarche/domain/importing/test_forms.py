"""Forms to fill, DC1 and DC2 among them: lettered headings, labels in the style of titles, boxes."""

import docx
import pytest
from docx.oxml import parse_xml

from tests.wikimarche.domain.importing.reading import outline, read, read_file
from tests.wikimarche.domain.importing.samples import W, plain_word, saved
from tests.wikimarche.reference import DATA
from wikimarche.domain.importing import number_by_level
from wikimarche.domain.importing.pieces import plain_of


TEXTE = "Le candidat renseigne la rubrique dans les conditions de la consultation. " * 2
ASIDE = (
    "(applicable également aux marchés de défense, lorsque l’acheteur a autorisé les candidats à ne "
    "pas fournir ces documents en application de l’article R. 2343-14)"
)


def _form():
    """A form as they are typed: bold lettered lines, a heading style on what is to fill."""
    document = docx.Document()
    for text in ("A - Acheteur", "B - Engagements", "B1 – Exclusions"):
        document.add_paragraph().add_run(text).bold = True
        document.add_paragraph(TEXTE)
    paragraph = document.add_paragraph()
    paragraph.add_run("B2 – Documents de preuve disponibles en ligne ").bold = True
    paragraph.add_run(ASIDE)
    document.add_paragraph(TEXTE)
    worded = "B3 - Le candidat ne fournit que les renseignements qui lui sont demandés et qu’il peut réunir ici"
    document.add_paragraph().add_run(worded).bold = True
    document.add_heading("Adresse électronique :", 2)
    document.add_heading("Numéros de téléphone :", 2)
    document.add_paragraph(TEXTE)
    return saved(document)


def test_a_lettered_heading_is_one_however_it_is_worded():
    assert outline(read(_form())) == [
        (1, "Acheteur"),
        (1, "Engagements"),
        (2, "Exclusions"),
        (2, "Documents de preuve disponibles en ligne"),
        (2, "Le candidat ne fournit que les renseignements qui lui sont demandés et qu’il peut réunir ici"),
    ]  # fmt: skip


def test_the_aside_of_a_heading_begins_its_text():
    article = read(_form()).articles[3]
    assert [plain_of(block).strip() for block in article.blocs] == [ASIDE, TEXTE.strip()]


def test_a_label_in_the_style_of_a_title_is_a_paragraph_and_the_report_says_so():
    piece = read(_form())
    last = [plain_of(block).strip() for block in piece.articles[-1].blocs]
    assert last[:2] == ["Adresse électronique :", "Numéros de téléphone :"]
    told = piece.report.non_reconnu["libelle_en_style_de_titre"]
    assert told == {"nombre": 2, "exemple": "Adresse électronique :"}


def test_titles_that_end_with_a_colon_are_titles_where_none_is_numbered():
    document = docx.Document()
    for title in ("Objet :", "Durée :", "Prix :"):
        document.add_heading(title, 1)
        document.add_paragraph(TEXTE)
    assert outline(read(saved(document))) == [(1, "Objet :"), (1, "Durée :"), (1, "Prix :")]


def test_a_bold_sentence_out_of_the_sequence_is_no_heading():
    lines = [("A - Acheteur", "gras"), TEXTE, ("B - Engagements", "gras"), TEXTE]
    sentence = "F7 - Le candidat ne fournit que les renseignements qui lui sont demandés et qu’il peut réunir ici"
    piece = read(plain_word(*lines, ("B1 – Exclusions", "gras"), TEXTE, (sentence, "gras"), TEXTE))
    assert outline(piece) == [(1, "Acheteur"), (1, "Engagements"), (2, "Exclusions")]


BOX = (
    f"<w:p {W}><w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:checkBox><w:sizeAuto/>"
    "<w:default w:val='0'/>%s</w:checkBox></w:ffData></w:fldChar></w:r>"
    "<w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r>"
    "<w:r><w:t xml:space='preserve'> %s</w:t></w:r></w:p>"
)


def test_boxes_to_tick_are_kept():
    document = docx.Document()
    document.add_heading("Choix", 1)
    for state, text in (("", "Oui"), ("<w:checked/>", "Non"), ("<w:checked w:val='0'/>", "Vu")):
        document.element.body.insert(-1, parse_xml(BOX % (state, text)))
    [article] = read(saved(document)).articles
    assert [plain_of(block) for block in article.blocs] == ["☐ Oui", "☒ Non", "☐ Vu"]


PRINTED = {
    "DC1_2019": "A B C D E F F1 F2 F3 G",
    "DC2_formulaire": "A B C C1 C2 C3 E E1 E2 E3 F F1 F2 F3 F4 G G1 G2 H I I1 I2",
}


@pytest.mark.parametrize("name", PRINTED)
def test_the_forms_of_the_ministry_are_cut_as_they_are_printed(name):
    path = DATA / "dce" / "formulaires-daj" / f"{name}.docx"
    if not path.exists():
        pytest.skip("données de référence absentes : ../shared/data/dce/formulaires-daj")
    piece = read_file(path)
    lead, *articles = piece.articles
    assert lead.numero_imprime == ""
    assert [a.numero_imprime for a in articles] == PRINTED[name].split()
    numbers = number_by_level(piece.articles)
    assert [numbers[a.id].count(".") for a in articles] == [
        len(printed) - 1 for printed in PRINTED[name].split()
    ]

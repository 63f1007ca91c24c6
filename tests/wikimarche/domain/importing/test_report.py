"""The report counts what the file holds, then says what was opened and what was cut."""

import io
import zipfile

import docx
import pytest
from lxml import etree

from tests.wikimarche.domain.importing.reading import read, read_file
from tests.wikimarche.domain.importing.samples import rich_word
from tests.wikimarche.reference import reference_files
from wikimarche.domain.importing.labels import LABELS


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
VML = "{urn:schemas-microsoft-com:vml}imagedata"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def _counted(content):
    """Counts read from the XML, without the importer."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        root = etree.fromstring(package.read("word/document.xml"))
        names = package.namelist()
        comments = 0
        if "word/comments.xml" in names:
            part = etree.fromstring(package.read("word/comments.xml"))
            comments = len(part.findall(f"{W}comment"))
    for node in list(root.iter(FALLBACK)):
        node.getparent().remove(node)

    def count(*tags):
        return sum(1 for _ in root.iter(*tags))

    return {
        "tables": count(f"{W}tbl"),
        "images": count(BLIP, VML),
        "footnotes": count(f"{W}footnoteReference", f"{W}endnoteReference"),
        "comments": comments,
    }


def _tables(nodes):
    return sum((n["type"] == "table") + _tables(n.get("content", ())) for n in nodes)


def _assert_counted(piece, content):
    report = piece.report.as_json()
    counted = _counted(content)
    assert {name: report[name] for name in counted} == counted
    drawn = sum(_tables(article.blocs) for article in piece.articles)
    if not report["tableaux_coupes"]:
        assert report["tables"] - report["tableaux_ouverts"] == drawn
    placed = sum(str(article.corps).count("'type': 'image'") for article in piece.articles)
    left = report["non_reconnu"].get("image_non_reprise", {"nombre": 0})["nombre"]
    assert report["images"] - left == placed


@pytest.mark.parametrize("path", reference_files("dce", "*.docx"), ids=lambda p: p.stem)
def test_counts_of_reference_documents_are_those_of_their_xml(path):
    _assert_counted(read_file(path), path.read_bytes())


def test_counts_are_those_of_the_xml():
    content = rich_word()
    _assert_counted(read(content), content)


def _saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_framed_title_is_a_table_opened_and_named():
    document = docx.Document()
    document.add_heading("Objet", 1)
    frame = document.add_table(rows=1, cols=1)
    frame.cell(0, 0).paragraphs[0].add_run("A - Identification").bold = True
    grid = document.add_table(rows=2, cols=2)
    grid.cell(0, 0).text = "Prix"
    grid.cell(1, 1).add_table(rows=1, cols=1).cell(0, 0).text = "dedans"
    report = read(_saved(document)).report.as_json()
    assert (report["tables"], report["tableaux_ouverts"], report["tableaux_coupes"]) == (3, 2, 0)
    assert report["non_reconnu"]["tableau_ouvert"]["nombre"] == 1
    assert report["non_reconnu"]["tableau_imbrique"]["nombre"] == 1


def test_one_long_table_is_one_table_cut():
    rows = "\n".join(f"| {n} | {'valeur ' * 6}{n} |" for n in range(4000))
    content = f"# Grand\n\n| a | b |\n|---|---|\n{rows}\n\n# Fin\n\nFin.\n".encode()
    piece = read(content, "markdown")
    report = piece.report.as_json()
    assert (report["tables"], report["tableaux_ouverts"], report["tableaux_coupes"]) == (1, 0, 1)
    assert report["levels"] == {"1": 2}
    assert report["articles"] == len(piece.articles) == 2 + report["articles_coupes"]
    assert len(report["remarques"]) == len(set(report["remarques"])) == 2
    assert any(
        "«\u202fGrand\u202f» est trop long" in remark
        and f"en {1 + report['articles_coupes']}." in remark
        for remark in report["remarques"]
    )


def test_hidden_text_is_counted_where_there_is_some_and_said_to_be_in_the_text():
    document = docx.Document()
    document.add_heading("Objet", 1)
    paragraph = document.add_paragraph("Vu, ")
    for text, hidden in (("masqué", True), (" et vu", False), ("", True)):
        paragraph.add_run(text).font.hidden = hidden
    paragraph.paragraph_format.element.get_or_add_pPr().append(
        etree.fromstring(f'<w:rPr xmlns:w="{W[1:-1]}"><w:vanish/></w:rPr>')
    )
    piece = read(_saved(document))
    assert "Vu, masqué et vu" in str(piece.articles[0].corps)
    assert piece.report.non_reconnu["texte_masque"] == {"nombre": 1, "exemple": "masqué"}
    assert LABELS["texte_masque"][1].startswith("Il est dans le texte")

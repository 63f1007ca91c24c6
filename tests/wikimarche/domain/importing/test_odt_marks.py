"""OpenDocument as LibreOffice writes it: what pandoc alone would lose."""

import io
import zipfile

from tests.wikimarche.domain.importing.reading import read


NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"),
        ("draw", "drawing"), ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip
STYLES = """
<style:style style:name="Souligne" style:family="text">
<style:text-properties style:text-underline-style="solid" style:text-underline-width="auto"/></style:style>
"""
AUTOMATIC = """
<style:style style:name="T1" style:family="text" style:parent-style-name="Souligne">
<style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="T2" style:family="text">
<style:text-properties style:text-underline-style="none"/></style:style>
<style:style style:name="T3" style:family="text"><style:text-properties fo:font-style="italic"/></style:style>
<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Standard">
<style:text-properties fo:font-weight="bold" style:text-underline-style="solid"/></style:style>
<style:style style:name="P2" style:family="paragraph" style:parent-style-name="Standard">
<style:paragraph-properties fo:text-align="end"/></style:style>
"""
HEAD = '<text:h text:style-name="Heading_20_1" text:outline-level="1">%s</text:h>'


def odt(body):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:automatic-styles>{AUTOMATIC}</office:automatic-styles>"
            f"<office:body><office:text>{HEAD % 'Objet'}{body}{HEAD % 'Prix'}</office:text></office:body>"
            "</office:document-content>",
        )
        package.writestr(
            "styles.xml",
            f"<office:document-styles {NAMES}><office:styles>{STYLES}</office:styles></office:document-styles>",
        )
        package.writestr("Pictures/1.png", b"png")
    return target.getvalue()


def runs(node):
    return [
        (child["text"], sorted(mark["type"] for mark in child.get("marks", ())))
        for child in node["content"]
    ]


def blocks(body):
    return read(odt(body), "odt").articles[0].blocs


def test_underlining_is_underlining_wherever_its_style_comes_from():
    [block] = blocks(
        '<text:p>Le <text:span text:style-name="T1">délai <text:span text:style-name="T2">de</text:span>'
        ' <text:span text:style-name="T3">trente</text:span></text:span> jours</text:p>'
    )
    assert runs(block) == [
        ("Le ", []),
        ("délai ", ["strong", "underline"]),
        ("de", ["strong"]),
        (" ", ["strong", "underline"]),
        ("trente", ["em", "strong", "underline"]),
        (" jours", []),
    ]


def test_a_whole_paragraph_in_bold_and_underlined_is_read_so():
    [block] = blocks(
        '<text:p text:style-name="P1">Délai ferme, sans prolongation possible.</text:p>'
    )
    assert runs(block) == [("Délai ferme, sans prolongation possible.", ["strong", "underline"])]


def test_the_description_of_an_image_keeps_its_words():
    frame = (
        '<text:p><draw:frame draw:name="Image1" text:anchor-type="as-char" svg:width="2cm" svg:height="2cm">'
        '<draw:image xlink:href="Pictures/1.png"/>%s</draw:frame></text:p>'
    )
    titled, described, none = blocks(
        frame % "<svg:title>Plan : l’entrée (nord)</svg:title><svg:desc>autre</svg:desc>"
        + frame % "<svg:desc>Coupe, façade « sud »</svg:desc>"
        + frame % ""
    )
    assert titled["attrs"]["alt"] == "Plan : l’entrée (nord)"
    assert described["attrs"]["alt"] == "Coupe, façade « sud »"
    assert none["attrs"]["alt"] == "Image sans description"


def test_the_side_of_a_cell_is_that_of_its_first_paragraph():
    row = "".join(
        f"<table:table-cell><text:p{side}>{text}</text:p></table:table-cell>"
        for side, text in ((' text:style-name="P2"', "12,50 €"), ("", "Forfait"))
    )
    [table] = blocks(
        '<table:table><table:table-column table:number-columns-repeated="2"/>'
        f"<table:table-row>{row}</table:table-row><table:table-row>{row}</table:table-row></table:table>"
    )
    cells = table["content"][0]["content"]
    assert [cell["attrs"]["align"] for cell in cells] == ["right", None]
    assert runs(cells[0]["content"][0]) == [("12,50 €", [])]

"""OpenDocument as LibreOffice writes it: what pandoc alone would lose."""

import io
import zipfile

import pytest
from PIL import Image

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


def odt(body, *, automatic=AUTOMATIC, styles=STYLES, image=b"png"):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr(
            "content.xml",
            f"<office:document-content {NAMES}><office:automatic-styles>{automatic}</office:automatic-styles>"
            f"<office:body><office:text>{HEAD % 'Objet'}{body}{HEAD % 'Prix'}</office:text></office:body>"
            "</office:document-content>",
        )
        package.writestr(
            "styles.xml",
            f"<office:document-styles {NAMES}><office:styles>{styles}</office:styles></office:document-styles>",
        )
        package.writestr("Pictures/1.png", image)
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


def test_an_exponent_is_one_wherever_its_style_comes_from():
    raised = '<style:text-properties style:text-position="%s"/>'
    automatic = "".join(
        f'<style:style style:name="{name}" style:family="text" style:parent-style-name="{parent}">{own}</style:style>'
        for name, parent, own in (
            ("E1", "", raised % "super 58%"), ("E2", "", raised % "33% 58%"), ("E3", "Exposant", ""),
            ("E4", "Exposant", raised % "0% 100%"), ("E5", "E3", '<style:text-properties fo:font-weight="bold"/>'),
            ("E6", "E6", ""), ("E7", "", raised % "sub 58%"),
        )
    )  # fmt: skip
    style = f'<style:style style:name="Exposant" style:family="text">{raised % "super 58%"}</style:style>'
    body = "".join(
        f'<text:p>Le 1<text:span text:style-name="{name}">er</text:span> lot</text:p>'
        for name in ("E1", "E2", "E3", "E4", "E5", "E6", "E7", "Exposant")
    )
    read_back = read(odt(body, automatic=automatic, styles=style), "odt").articles[0].blocs
    said = [dict(runs(block)).get("er") for block in read_back]
    up = ["superscript"]
    assert said == [up, up, up, None, ["strong", *up], None, ["subscript"], up]


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


def clipped(clip, *, inherited=False, image=None, **saved):
    """An image of 40 × 20, red above and blue below, in a frame whose style, or the one it is made from, clips it."""
    target = io.BytesIO()
    drawn = Image.new("RGB", (40, 20), "#0000ff")
    drawn.paste("#ff0000", (0, 0, 40, 5))
    drawn.save(target, "PNG", **saved)
    properties = f'<style:graphic-properties fo:clip="{clip}"/>'
    style = '<style:style style:name="%s" style:family="graphic"%s>%s</style:style>'
    own = style % ("fr1", ' style:parent-style-name="Rogne"', "" if inherited else properties)
    frame = (
        '<text:p><draw:frame draw:style-name="fr1" svg:width="10cm" svg:height="1.25cm">'
        '<draw:image xlink:href="Pictures/1.png"/></draw:frame></text:p>'
    )
    content = odt(
        frame,
        automatic=AUTOMATIC + own,
        styles=STYLES + (style % ("Rogne", "", properties) if inherited else ""),
        image=image or target.getvalue(),
    )
    return read(content, "odt")


@pytest.mark.parametrize(
    ("clip", "more", "size", "colours"),
    [
        ("rect(0cm, 0cm, 0.3969cm, 0cm)", {}, (40, 5), {(255, 0, 0)}),
        ("rect(0.05208in 0in 0in 0.20833in)", {}, (20, 15), {(0, 0, 255)}),
        ("rect(0.05208in, -1in, auto, auto)", {"inherited": True}, (40, 15), {(0, 0, 255)}),
        ("rect(0cm, 0cm, 0.1323cm, 0cm)", {"dpi": (288, 288)}, (40, 5), {(255, 0, 0)}),
    ],
)
def test_an_image_shown_in_part_is_cut_to_what_is_seen(clip, more, size, colours):
    """What is hidden is measured on the image at its natural size, which the image itself says."""
    piece = clipped(clip, **more)
    [image] = piece.images
    with Image.open(io.BytesIO(image.contenu)) as seen:
        assert seen.size == size
        assert {colour for _count, colour in seen.getcolors()} == colours
    assert piece.report.non_reconnu["image_rognee"]["nombre"] == 1
    assert "image_rognee_entiere" not in piece.report.non_reconnu


@pytest.mark.parametrize("clip", ["auto", "rect(0cm, 0cm, 0cm, 0cm)", "rect(-1cm 0cm 0cm -1cm)"])
def test_an_image_shown_whole_stays_whole(clip):
    piece = clipped(clip)
    with Image.open(io.BytesIO(piece.images[0].contenu)) as seen:
        assert seen.size == (40, 20)
    assert not [nature for nature in piece.report.non_reconnu if "rogn" in nature]


@pytest.mark.parametrize(
    ("clip", "more"),
    [
        ("rect(1cm, 2cm)", {}),
        ("cercle(1cm)", {}),
        ("rect(0cm, 9cm, 0cm, 9cm)", {}),
        ("rect(0cm, 0cm, 0.1cm, 0cm)", {"image": b"png"}),
    ],
)
def test_an_image_that_cannot_be_cut_is_said(clip, more):
    piece = clipped(clip, **more)
    assert piece.report.non_reconnu["image_rognee_entiere"]["nombre"] == 1
    assert "image_rognee" not in piece.report.non_reconnu

"""Exports hold every word of the pièce, and come back as the same tree."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from html import unescape

import docx
import pytest
from lxml import etree
from pypdf import PdfReader

from tests.wikimarche.domain.importing.reading import read
from tests.wikimarche.domain.importing.samples import rich_word, styled_word
from tests.wikimarche.reports.contents import content_of
from wikimarche.domain.importing.pieces import plain_words
from wikimarche.reports.contents import ArticleContent, column_widths, grid_of
from wikimarche.reports.docx import write_docx
from wikimarche.reports.markdown import write_markdown
from wikimarche.reports.odt import write_odt


_OPEN = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
STYLE, TABLE, TEXT = (_OPEN % name for name in ("style", "table", "text"))
WRITERS = {"docx": write_docx, "odt": write_odt, "markdown": write_markdown}
FIRST, SECOND = "6f4c1f0e-6b0e-5c53-9d52-9f1d5f7a0c11", "3f0d7c52-1a4e-5b7a-8d2e-7c1b6a5d4e30"


def _text(text, *marks, href=""):
    node = {"type": "text", "text": text}
    if href:
        node["marks"] = [{"type": "link", "attrs": {"href": href}}]
    elif marks:
        node["marks"] = [{"type": mark} for mark in marks]
    return node


def _p(*content, block=None):
    return {"type": "paragraph", "attrs": {"id": block}, "content": list(content)}


def _cell(text, colspan=1, rowspan=1, kind="table_cell"):
    attrs = {"colspan": colspan, "rowspan": rowspan, "align": None}
    return {"type": kind, "attrs": attrs, "content": [_p(_text(text))]}


def _list(kind, *texts, nested=None, **attrs):
    items = [{"type": "list_item", "content": [_p(_text(text))]} for text in texts]
    if nested:
        items[-1]["content"].append(nested)
    return {"type": kind, "attrs": {"id": None, **attrs}, "content": items}


BLOCKS = [
    _p(
        _text("Simple, "), _text("gras", "strong"), _text(" et ", "em"), _text("tout", "strong", "em"),
        _text(" souligné", "underline"), _text(" m"), _text("2", "superscript"), _text(" H"),
        _text("2", "subscript"), _text("O "), _text("lien", href="https://exemple.fr/a?b=1&c=2"),
        {"type": "hard_break"}, _text("1. après le saut * et [crochets] & <balise>"),
    ),
    _p(_text("Voir l’"), {"type": "renvoi", "attrs": {"article": SECOND}}, _text(" et "),
       {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}},
       {"type": "note_bas_de_page", "attrs": {"texte": "Une note."}}),
    {"type": "heading", "attrs": {"id": None, "level": 1}, "content": [_text("Intertitre")]},
    {"type": "heading", "attrs": {"id": None, "level": 2}, "content": [_text("Sous-intertitre")]},
    _list("bullet_list", "puce", "autre", nested=_list("ordered_list", "sous a", "sous b", style="a", start=1)),
    _list("ordered_list", "trois", "quatre", style="1", start=3),
    _list("ordered_list", "un", "deux", style="1", start=1),
    {"type": "table", "attrs": {"id": None}, "content": [
        {"type": "table_row", "content": [_cell("T1", 2, kind="table_header"), _cell("T3", kind="table_header")]},
        {"type": "table_row", "content": [_cell("haut", 1, 2), _cell("b"), _cell("c")]},
        {"type": "table_row", "content": [_cell("d"), _cell("e")]},
    ]},
    {"type": "table", "attrs": {"id": None}, "content": [
        {"type": "table_row", "content": [_cell("P", kind="table_header"), _cell("Q", kind="table_header")]},
        {"type": "table_row", "content": [_cell("1"), _cell("2")]},
    ]},
    {"type": "blockquote", "attrs": {"id": None}, "content": [_p(_text("Citation."))]},
    _p(_text("- pas une liste")),
]  # fmt: skip


@pytest.fixture(scope="module")
def piece():
    base = read(styled_word((1, "x"), (0, "x"), (1, "y")))
    articles = (
        ArticleContent(
            FIRST, "", 1, "Préambule", {"type": "doc", "content": [_p(_text("Avant."))]}
        ),
        ArticleContent(SECOND, "1", 1, "2 lots & plus", {"type": "doc", "content": BLOCKS}),
    )
    return content_of(base, articles=articles, variables={"marche.duree_mois": "48 mois"})


def _raw_text(fmt, content):
    if fmt == "markdown":
        return re.sub(r"\\(.)", r"\1", content.decode())
    names = {"docx": ("word/document.xml", "word/footnotes.xml"), "odt": ("content.xml",)}[fmt]
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        xml = " ".join(package.read(n).decode() for n in names if n in package.namelist())
    return unescape(
        re.sub(
            r"<[^>]+>", "", re.sub(r"</(?:w:p|text:p|text:h)>|<w:br/>|<text:line-break/>", " ", xml)
        )
    )


@pytest.mark.parametrize("fmt", WRITERS)
def test_every_word_is_in_the_export(piece, fmt):
    text = _raw_text(fmt, WRITERS[fmt](piece))
    for article in piece.articles:
        for word in [*article.titre.split(), *plain_words(article.corps)]:
            assert word in text or word in re.sub(r"[*^~_{}]|\.underline", "", text), word
    for word in ("48 mois", "Une note.", "article\u00a01", "ab" * 32, "Région des Trois-Vallées"):
        assert word in text


@pytest.mark.parametrize("fmt", WRITERS)
def test_a_title_with_signs_of_command_is_written_all_the_same(piece, fmt):
    """Escape, a line break of programs, a place of no sign: XML holds none of them."""
    odd = "Clauses\x1b\x0bpropres\ufffe"
    made = WRITERS[fmt](replace(piece, titre=odd, marche=odd, organisation=odd))
    assert "Clauses propres" in re.sub(r"\s+", " ", _raw_text(fmt, made))


@pytest.mark.parametrize("fmt", WRITERS)
def test_a_datum_the_fiche_does_not_say_yet_asks_to_be_filled_in(piece, fmt):
    text = _raw_text(fmt, WRITERS[fmt](replace(piece, variables={})))
    assert "[Durée du marché à compléter]" in re.sub(r"[\s]+", " ", text)
    assert "marche.duree_mois" not in text


@pytest.mark.parametrize("fmt", WRITERS)
def test_round_trip_gives_the_same_tree(piece, fmt):
    again = read(WRITERS[fmt](piece), fmt)
    assert [(a.id, a.niveau, a.titre, a.numerote, a.reconnu) for a in again.articles] == [
        (FIRST, 1, "Préambule", False, True),
        (SECOND, 1, "2 lots & plus", True, True),
    ]
    blocks = again.articles[1].blocs
    kinds = [block["type"] for block in blocks]
    assert kinds == [block["type"] for block in BLOCKS]
    first = [
        (n.get("text"), sorted(m["type"] for m in n.get("marks", ()))) for n in blocks[0]["content"]
    ]
    assert ("gras", ["strong"]) in first
    assert ("tout", ["em", "strong"]) in first
    assert ("2", ["superscript"]) in first
    assert ("2", ["subscript"]) in first
    assert ("lien", ["link"]) in first
    assert {"type": "renvoi", "attrs": {"article": SECOND}} in blocks[1]["content"]
    assert {"type": "note_bas_de_page", "attrs": {"texte": "Une note."}} in blocks[1]["content"]
    assert [b["attrs"]["level"] for b in blocks if b["type"] == "heading"] == [1, 2]
    lists = [b["attrs"] for b in blocks if b["type"] == "ordered_list"]
    assert [(a["style"], a["start"]) for a in lists] == [("1", 3), ("1", 1)]
    nested = blocks[4]["content"][-1]["content"][-1]
    assert (nested["type"], nested["attrs"]["style"]) == ("ordered_list", "a")
    spans = [
        [(c["attrs"]["colspan"], c["attrs"]["rowspan"]) for c in row["content"]]
        for row in blocks[7]["content"]
    ]
    assert spans == [[(2, 1), (1, 1)], [(1, 2), (1, 1), (1, 1)], [(1, 1), (1, 1)]]
    assert plain_words(again.articles[1].corps)[-4:] == ["-", "pas", "une", "liste"]


def test_images_are_drawn_and_come_back():
    piece = read(rich_word())
    for fmt in ("docx", "odt", "markdown"):
        again = read(WRITERS[fmt](content_of(piece)), fmt)
        [image] = again.images
        assert image.contenu == piece.images[0].contenu


@pytest.mark.parametrize("fmt", WRITERS)
def test_the_size_of_an_image_goes_round(fmt):
    sized = {"largeur": 189, "hauteur": 121}
    piece = content_of(read(rich_word()))
    [image] = [n for a in piece.articles for n in a.corps["content"] if n["type"] == "image"]
    image["attrs"] |= sized
    again = read(WRITERS[fmt](piece), fmt)
    [back] = [n for a in again.articles for n in a.corps["content"] if n["type"] == "image"]
    assert {name: back["attrs"][name] for name in sized} == sized


@pytest.mark.parametrize("fmt", ["docx", "odt"])
def test_an_image_wider_than_the_page_is_brought_back_to_it(fmt):
    piece = content_of(read(rich_word()))
    [image] = [n for a in piece.articles for n in a.corps["content"] if n["type"] == "image"]
    image["attrs"] |= {"largeur": 2000, "hauteur": 1000}
    again = read(WRITERS[fmt](piece), fmt)
    [back] = [n for a in again.articles for n in a.corps["content"] if n["type"] == "image"]
    assert (back["attrs"]["largeur"], back["attrs"]["hauteur"]) == (642, 321)


def test_one_image_at_two_sizes_in_markdown_is_one_file_read_back():
    piece = content_of(read(rich_word()))
    [(corps, image)] = [
        (a.corps, n) for a in piece.articles for n in a.corps["content"] if n["type"] == "image"
    ]
    image["attrs"] |= {"largeur": 100, "hauteur": 50}
    corps["content"].append({**image, "attrs": {**image["attrs"], "largeur": 200}})
    again = read(write_markdown(piece), "markdown")
    back = [n for a in again.articles for n in a.corps["content"] if n["type"] == "image"]
    assert [(n["attrs"]["largeur"], n["attrs"]["hauteur"]) for n in back] == [(100, 50), (200, 50)]
    assert len(again.images) == 1


def test_unreadable_image_prints_its_description():
    piece = read(rich_word())
    broken = content_of(piece, images={piece.images[0].cle: b"pas une image"})
    for fmt, write in WRITERS.items():
        assert "Image sans description" in _raw_text(fmt, write(broken))


def test_word_properties_name_the_organisation_and_nobody(piece):
    core = docx.Document(io.BytesIO(write_docx(piece))).core_properties
    assert (core.author, core.last_modified_by) == ("Région des Trois-Vallées",) * 2
    assert (core.language, core.comments) == ("fr-FR", "")


def test_word_headings_are_numbered_by_the_document(piece):
    content = write_docx(piece)
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        numbering = package.read("word/numbering.xml").decode()
        styles = package.read("word/styles.xml").decode()
        body = package.read("word/document.xml").decode()
    assert 'w:pStyle w:val="Heading2"' in numbering
    assert 'w:lvlText w:val="%1.%2"' in numbering
    assert "w:startOverride" in numbering
    assert 'w:lang w:val="fr-FR"' in styles
    assert "w:tblHeader" in body
    assert f'w:name="art_{SECOND.replace("-", "")}"' in body


def test_grid_of_fills_holes_and_cuts_spans():
    table = {"content": [
        {"content": [_cell("a", 1, 5), _cell("b", 2)]},
        {"content": [_cell("c")]},
    ]}  # fmt: skip
    grid, columns = grid_of(table)
    assert columns == 3
    assert [sum(slot.colspan for slot in line) for line in grid] == [3, 3]
    assert grid[0][0].rowspan == 2


SHORT_AND_LONG = [
    [_cell("Délai", kind="table_header"), _cell("Ce que fait le titulaire", kind="table_header")],
    [_cell("10 jours"), _cell("Il remet au représentant de l’acheteur le rapport détaillé. " * 4)],
    [_cell("2 mois"), _cell("Il répond.")],
]


def _widths(rows, total=1000):
    table = {"content": [{"type": "table_row", "content": row} for row in rows]}
    return column_widths(
        content_of(read(styled_word((1, "x"), (0, "x")))), grid_of(table)[0], total
    )


def test_a_column_of_short_words_leaves_its_room_to_the_one_that_says_more():
    short, long = _widths(SHORT_AND_LONG)
    assert short + long == 1000
    assert 100 < short < 250


def test_columns_alike_are_equal_and_one_to_fill_in_has_room():
    assert _widths([[_cell("Oui"), _cell("Non")]]) == [500, 500]
    filled, blank = _widths([[_cell("Le titulaire nettoie les locaux. " * 9), _cell("")]] * 2)
    assert 80 < blank < filled
    assert _widths(
        [[_cell("", colspan=2)], [_cell("Exercice " + "." * 60), _cell("Exercice")]]
    ) == [
        500,
        500,
    ]


def test_a_long_word_is_not_cut_by_the_column_that_says_more():
    word, text = _widths([[_cell("Approvisionnements"), _cell("Il répond de tout. " * 40)]] * 2)
    assert word / 1000 * 95 > len("Approvisionnements")
    assert text > word


def test_columns_have_the_width_of_what_they_say_in_both_formats():
    piece = _untitled({"type": "table", "attrs": {}, "content": [
        {"type": "table_row", "content": row} for row in SHORT_AND_LONG
    ]})  # fmt: skip
    document = _part(write_docx(piece), "word/document.xml")
    short, long = (int(column.get(f"{W}w")) for column in document.iter(f"{W}gridCol"))
    assert long > 3 * short
    cells = [int(cell.get(f"{W}w")) for cell in document.iter(f"{W}tcW")]
    assert cells == [short, long] * 3
    content = _part(write_odt(piece), "content.xml")
    styles = {
        style.get(f"{STYLE}name"): style[0].get(f"{STYLE}column-width")
        for style in content.iter(f"{STYLE}style")
        if style.get(f"{STYLE}family") == "table-column"
    }
    columns = [styles[c.get(f"{TABLE}style-name")] for c in content.iter(f"{TABLE}table-column")]
    narrow, wide = (float(width.removesuffix("cm")) for width in columns)
    assert wide > 3 * narrow
    assert narrow + wide == pytest.approx(17)


def test_the_contents_of_an_opendocument_are_not_blue_links():
    content, styles = (_part(write_odt(content_of(
        read(styled_word((1, "Objet"), (0, "Fermes.")))
    )), name) for name in ("content.xml", "styles.xml"))  # fmt: skip
    [contents] = content.iter(f"{TEXT}table-of-content")
    names = {link.get(f"{TEXT}style-name") for link in contents.iter(f"{TEXT}a")}
    names |= {
        start.get(f"{TEXT}style-name") for start in contents.iter(f"{TEXT}index-entry-link-start")
    }
    [name] = names
    [style] = [one for one in styles.iter(f"{STYLE}style") if one.get(f"{STYLE}name") == name]
    assert style[0].get(f"{STYLE}use-window-font-color") == "true"
    assert style[0].get(f"{STYLE}text-underline-style") == "none"


def test_markdown_holds_its_images_after_the_text():
    text = write_markdown(content_of(read(rich_word()))).decode()
    assert text.count("][image-1]") == 1
    head, _, tail = text.partition("[image-1]: data:image/png;base64,")
    assert len(head) < 5000
    assert tail.strip()


def test_word_holds_nothing_of_the_template(piece):
    with zipfile.ZipFile(io.BytesIO(write_docx(piece))) as package:
        names = package.namelist()
    assert not [n for n in names if re.search("thumbnail|customXml|stylesWithEffects", n)]
    docx.Document(io.BytesIO(write_docx(piece)))


@pytest.mark.parametrize("fmt", WRITERS)
def test_what_would_be_read_backwards_is_shown(fmt):
    piece = read(styled_word((1, "Prix"), (0, "Le prix est de DEBUT.")))
    corps = {"type": "doc", "content": [_p(_text("prix \u202e00 5 €"), block="aaaaaaaa")]}
    article = ArticleContent(FIRST, "1", 1, "Prix", corps)
    text = _raw_text(fmt, WRITERS[fmt](content_of(piece, articles=(article,))))
    assert "\u202e" not in text
    assert "␦00 5" in text


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"


def _part(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return etree.fromstring(package.read(name))


def test_word_is_told_to_number_the_pages_of_the_contents(piece):
    content = write_docx(piece)
    [update] = _part(content, "word/settings.xml").iter(f"{W}updateFields")
    assert update.get(f"{W}val") == "true"
    [table] = [
        node for node in _part(content, "word/document.xml").iter(f"{W}instrText")
        if node.text.split()[0] == "TOC"
    ]  # fmt: skip
    begin = next(table.getparent().itersiblings(f"{W}r", preceding=True))
    assert begin.find(f"{W}fldChar").get(f"{W}dirty") == "true"


def test_another_reader_numbers_each_line_of_the_contents_itself(piece):
    """LibreOffice freezes what it finds inside a TOC field: it must not see that field."""
    root = _part(write_docx(piece), "word/document.xml")
    for choice in list(root.iter(f"{MC}Choice")):
        assert choice.get("Requires") == "w15"
        assert choice.nsmap["w15"] == "http://schemas.microsoft.com/office/word/2012/wordml"
        choice.getparent().remove(choice)
    fields = [node.text.split()[:2] for node in root.iter(f"{W}instrText")]
    assert fields == [["PAGEREF", f"art_{i.replace('-', '')}"] for i in (FIRST, SECOND)]
    kinds = [node.get(f"{W}fldCharType") for node in root.iter(f"{W}fldChar")]
    assert kinds == ["begin", "separate", "end"] * len(fields)


def _with_libreoffice(source, tmp_path):
    program = shutil.which("soffice")
    assert program, "Repair: apt-get install --no-install-recommends libreoffice-writer-nogui"
    subprocess.run(  # noqa: S603
        [
            program, f"-env:UserInstallation=file://{tmp_path}/profil",
            "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(source),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return [page.extract_text() for page in PdfReader(source.with_suffix(".pdf")).pages]


# `.ci/run` installs it and asks for it: there, its absence is a failure.
@pytest.mark.skipif(
    not shutil.which("soffice") and os.environ.get("LIBREOFFICE") != "required",
    reason="LibreOffice is not on this machine",
)
@pytest.mark.parametrize("fmt", ["docx", "odt"])
def test_contents_have_their_pages_in_libreoffice(tmp_path, fmt):
    filler = [(0, "Le titulaire exécute les prestations. " * 60)] * 8
    piece = read(styled_word((1, "Objet"), *filler, (1, "Prix"), (0, "Fermes.")))
    source = tmp_path / f"piece.{fmt}"
    source.write_bytes(WRITERS[fmt](content_of(piece)))
    pages = _with_libreoffice(source, tmp_path)
    first, last = (
        next(number for number, text in enumerate(pages, start=1) if words in text)
        for words in ("Le titulaire exécute", "Fermes.")
    )
    # A title page, the contents, the text: each begins its own.
    assert last > first == 3
    assert re.search(rf"1 Objet[ .]*{first}\b", pages[1])
    assert re.search(rf"2 Prix[ .]*{last}\b", pages[1])


def _untitled(*blocks):
    corps = {"type": "doc", "content": list(blocks)}
    articles = (
        ArticleContent(FIRST, "1", 1, "Objet", {"type": "doc", "content": []}),
        ArticleContent(SECOND, "1.1", 2, "", corps),
    )
    return content_of(read(styled_word((1, "x"), (0, "x"), (1, "y"))), articles=articles)


def test_the_number_of_an_article_without_title_runs_in_its_first_paragraph():
    piece = _untitled(_p(_text("Le titulaire livre.")), _p(_text("Il range.")))
    document = docx.Document(io.BytesIO(write_docx(piece)))
    [borne] = [p for p in document.paragraphs if p.text == "Le titulaire livre."]
    assert borne.style.name == "Alinéa 2"
    assert borne._p.pPr.numPr.numId.val == 1  # that of the headings
    assert borne._p.pPr.numPr.ilvl.val == 1
    assert not [p for p in document.paragraphs if p.style.name == "Heading 2"]
    text = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    root = _part(write_odt(piece), "content.xml")
    [heading] = [node for node in root.iter(f"{text}h") if node.get(f"{text}outline-level") == "2"]
    assert "".join(heading.itertext()) == "Le titulaire livre."
    assert heading.get(f"{text}style-name") == "Alinéa_20_2"


def test_the_number_stands_alone_before_a_table():
    table = {
        "type": "table",
        "attrs": {"id": None},
        "content": [{"type": "table_row", "content": [_cell("T")]}],
    }
    document = docx.Document(io.BytesIO(write_docx(_untitled(table))))
    [alone] = [p for p in document.paragraphs if p.style.name == "Alinéa 2"]
    assert alone.text == ""
    assert alone.paragraph_format.keep_with_next


def test_an_article_without_title_is_not_in_the_contents():
    piece = _untitled(_p(_text("Le titulaire livre.")))
    document = docx.Document(io.BytesIO(write_docx(piece)))
    assert [p.style.name for p in document.paragraphs if p.style.name.startswith("toc")] == [
        "toc 1"
    ]
    text = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
    root = _part(write_odt(piece), "content.xml")
    [body] = root.iter(f"{text}index-body")
    assert "".join(body.itertext()).strip() == "Sommaire1 Objet"
    # Nor will it be there once LibreOffice has drawn the table again.
    [source] = root.iter(f"{text}table-of-content-source")
    assert source.get(f"{text}use-outline-level") == "false"
    styles = [n.get(f"{text}style-name") for n in source.iter(f"{text}index-source-style")]
    assert styles == ["Heading_20_1", "Heading_20_2", "Heading_20_3"]


def test_every_style_that_word_is_told_of_exists(piece):
    content = write_docx(piece)
    known = {
        node.get(f"{W}styleId") for node in _part(content, "word/styles.xml").iter(f"{W}style")
    }
    for name in ("word/document.xml", "word/footnotes.xml"):
        root = _part(content, name)
        told = root.iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")
        assert {node.get(f"{W}val") for node in told} <= known

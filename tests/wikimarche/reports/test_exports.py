"""Exports hold every word of the pièce, and come back as the same tree."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from html import unescape

import docx
import pytest
from pypdf import PdfReader

from tests.wikimarche.domain.importing.reading import read
from tests.wikimarche.domain.importing.samples import rich_word, styled_word
from tests.wikimarche.reports.contents import content_of
from wikimarche.domain.importing.tree import plain_words
from wikimarche.reports.contents import ArticleContent, grid_of
from wikimarche.reports.docx import write_docx
from wikimarche.reports.markdown import write_markdown
from wikimarche.reports.odt import write_odt


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
    for word in ("48 mois", "Une note.", "article 1", "ab" * 32, "Région des Trois-Vallées"):
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


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not on this machine")
def test_contents_of_an_odt_have_their_pages(tmp_path):
    filler = [(0, "Le titulaire exécute les prestations. " * 60)] * 8
    piece = read(styled_word((1, "Objet"), *filler, (1, "Prix"), (0, "Fermes.")))
    source = tmp_path / "piece.odt"
    source.write_bytes(write_odt(content_of(piece)))
    subprocess.run(  # noqa: S603
        [
            shutil.which("soffice"), f"-env:UserInstallation=file://{tmp_path}/profil",
            "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(source),
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    pages = [page.extract_text() for page in PdfReader(tmp_path / "piece.pdf").pages]
    last = next(number for number, text in enumerate(pages, start=1) if "Fermes." in text)
    assert last > 1
    assert re.search(r"1 Objet[ .]*1\b", pages[0])
    assert re.search(rf"2 Prix[ .]*{last}\b", pages[0])

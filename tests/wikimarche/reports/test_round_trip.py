"""Written in a format and imported again, a pièce is itself: tree, titles, levels and bodies."""

import io
import uuid
from dataclasses import replace

import pytest
from PIL import Image

from procurement.documents.domain.judging import judge_container
from tests.wikimarche.domain.importing.reading import read, read_file
from tests.wikimarche.domain.importing.samples import styled_word
from tests.wikimarche.reference import reference_files
from tests.wikimarche.reports.contents import content_of
from wikimarche.domain.importing import replace_images
from wikimarche.reports.contents import ArticleContent
from wikimarche.reports.docx import write_docx
from wikimarche.reports.markdown import write_markdown
from wikimarche.reports.odt import write_odt


WRITERS = {"docx": write_docx, "odt": write_odt, "markdown": write_markdown}
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}
FIRST, SECOND, THIRD = (f"6f4c1f0e-6b0e-5c53-9d52-9f1d5f7a0c1{n}" for n in (1, 2, 3))
IMAGE = "0f4c1f0e-6b0e-5c53-9d52-9f1d5f7a0c10"
DESCRIPTION = "Plan du site : l’entrée, l’accueil (rez-de-chaussée)"


def _text(text, *marks, href=""):
    named = [{"type": "link", "attrs": {"href": href}}] if href else []
    named += [{"type": mark} for mark in marks]
    return {"type": "text", "text": text} | ({"marks": named} if named else {})


def _p(*content):
    content = [_text(part) if isinstance(part, str) else part for part in content]
    return {"type": "paragraph", "attrs": {}} | ({"content": content} if content else {})


def _image(**size):
    return {"type": "image", "attrs": {"fichier": IMAGE, "alt": DESCRIPTION, **size}}


def _list(kind, *items, **attrs):
    content = [{"type": "list_item", "content": list(item)} for item in items]
    return {"type": kind, "attrs": attrs, "content": content}


def _cell(*content, kind="table_cell", align=None, **spans):
    attrs = {"colspan": 1, "rowspan": 1, "align": align} | spans
    return {"type": kind, "attrs": attrs, "content": list(content)}


def _table(*rows):
    rows = [{"type": "table_row", "content": list(cells)} for cells in rows]
    return {"type": "table", "attrs": {}, "content": rows}


def _heading(level, *content):
    content = [_text(part) if isinstance(part, str) else part for part in content]
    return {"type": "heading", "attrs": {"level": level}, "content": content}


NOTE = {"type": "note_bas_de_page", "attrs": {"texte": "Une note, « entre guillemets »."}}
VARIABLE = {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}
RENVOI = {"type": "renvoi", "attrs": {"article": THIRD}}
EVERYTHING = [
    _p(
        "Simple, ", _text("gras", "strong"), ", ", _text("italique", "em"), ", ",
        _text("souligné", "underline"), ", ", _text("gras souligné", "strong", "underline"), ", ",
        _text("gras italique souligné", "strong", "em", "underline"), " ",
        _text("italique souligné", "em", "underline"), " m", _text("2", "superscript"), " H",
        _text("2", "subscript"), "O ", _text("H", "underline"),
        _text("2", "underline", "subscript"), _text("O", "underline"), ".",
    ),
    _p("Un ", _text("lien", href="https://exemple.fr/a?b=1&c=2"), ", un ",
       _text("lien gras", "strong", href="https://exemple.fr/"), ", greffe@exemple.fr, https://exemple.fr.",
       {"type": "hard_break"}, "1. après le saut * et [crochets] & <balise> ~ ^ $ | \\ _ ` #"),
    _p("Durée : ", VARIABLE, " ; voir l’", RENVOI, " du cahier", NOTE, "."),
    _heading(1, "Intertitre"),
    _heading(2, "Sous-intertitre"),
    _list(
        "bullet_list",
        [_p("puce"), _p("sa suite"), _image(largeur=189, hauteur=121)],
        [_p("autre"), _list("ordered_list", [_p("a")], [_p(_text("b", "underline"))], style="a", start=1),
         _p("la suite, sous la liste"), _list("bullet_list", [_p("une seconde")])],
        [_p("profonde"), _list("bullet_list", [_p("deux"), _list("ordered_list", [_p("trois"), _p("suite de trois")],
                                                                 style="i", start=1)])],
        [_p("la dernière"), _image(largeur=189, hauteur=121)],
    ),
    _p("Entre deux listes."),
    _list("ordered_list", [_p("trois")], [_p("quatre")], style="1", start=3),
    _list("ordered_list", [_p("un")], [_p("deux")], style="1", start=1),
    _image(largeur=189, hauteur=121),
    _table(
        [_cell(_p("T1"), kind="table_header", colspan=2), _cell(_p("T3"), kind="table_header")],
        [_cell(_p("haut"), _p("bas"), rowspan=2), _cell(_p("b")), _cell(_list("bullet_list", [_p("c")], [_p("d")]))],
        [_cell(_p(_text("e", "underline"))), _cell(_p())],
    ),
    _table(
        [_cell(_p("P"), kind="table_header"), _cell(_p("Q"), kind="table_header")],
        [_cell(_p("1")), _cell(_p("2"))],
    ),
    {"type": "blockquote", "attrs": {}, "content": [_p("Citation."), _p("Sa suite.")]},
    _p("- pas une liste"),
    _p("« Guillemets », “anglais”, 'droits', l'apostrophe... et l’autre – tiret"),
]  # fmt: skip
SIDES = _table(
    [_cell(_p("P"), align="left"), _cell(_p("Q"), align="center"), _cell(_p("R"), align="right")],
)


def _png():
    out = io.BytesIO()
    Image.new("RGB", (189, 121), "#336").save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def piece():
    def article(ident, numero, niveau, titre, *blocks):
        return ArticleContent(ident, numero, niveau, titre, {"type": "doc", "content": [*blocks]})

    articles = (
        article(FIRST, "", 1, "Préambule", _p("Avant."), _image(largeur=189, hauteur=121)),
        article(SECOND, "1", 1, "2 lots & plus : l’essentiel", *EVERYTHING),
        article(THIRD, "1.1", 2, "Prix", SIDES, _p("Fermes.")),
    )
    return content_of(
        read(styled_word((1, "x"), (0, "x"), (1, "y"))),
        articles=articles,
        images={IMAGE: _png()},
        variables={"marche.duree_mois": "48 mois"},
    )


def bare(node, *, sides=True):
    """Return a node without what a file does not carry: identifiers; a variable is its words."""
    if node["type"] == "variable":
        return _text("48 mois") | {"marks": []}
    kept = {"type": node["type"]}
    if node["type"] == "text":
        order = ["link", "strong", "em", "underline", "superscript", "subscript"]
        marks = sorted(node.get("marks", ()), key=lambda mark: order.index(mark["type"]))
        return node | {"marks": marks}
    attrs = {k: v for k, v in node.get("attrs", {}).items() if k not in ("id", "fichier")}
    if not sides and "align" in attrs:
        attrs["align"] = None
    kept["attrs"] = attrs
    content = []
    for child in node.get("content", ()):
        same = bare(child, sides=sides)
        last = content[-1] if content else {"type": ""}
        if same["type"] == last["type"] == "text" and same["marks"] == last["marks"]:
            content[-1] = last | {"text": last["text"] + same["text"]}
        else:
            content.append(same)
    if content:
        kept["content"] = content
    return kept


def heads(articles):
    return [(a.id, a.niveau, a.titre) for a in articles]


def assert_same(before, after, *, sides=True):
    assert heads(after) == heads(before)
    for one, other in zip(before, after, strict=True):
        assert bare(other.corps, sides=sides) == bare(one.corps, sides=sides), one.titre


# What Markdown does not carry: it aligns whole columns, not cells; a heading inside an article is
# written in bold; a mark on the space that ends a passage is lost.
CARRIES_SIDES = {"docx": True, "odt": True, "markdown": False}


@pytest.mark.parametrize("fmt", WRITERS)
def test_everything_a_piece_holds_goes_round(piece, fmt):
    again = read(WRITERS[fmt](piece), fmt)
    assert_same(piece.articles, again.articles, sides=CARRIES_SIDES[fmt])
    assert [a.numerote for a in again.articles] == [False, True, True]
    assert [image.contenu for image in again.images] == [_png()]


def _untitled():
    """Articles without title, one for each kind of block that may come first."""
    table = _table([_cell(_p("P")), _cell(_p("Q"))])
    first = {
        "paragraphe": [_p(_text("Le titulaire", "strong"), " livre", NOTE, "."), _p("Puis il range.")],
        "nombre": [_p("1.2 Le délai est de huit jours.")],
        "liste": [_list("bullet_list", [_p("a")], [_p("b")])],
        "tableau": [table],
        "image": [_image(largeur=189, hauteur=121)],
        "citation": [{"type": "blockquote", "attrs": {}, "content": [_p("Citation.")]}],
        "intertitre": [_heading(1, "Intertitre"), _p("Texte.")],
        "vide": [_p()],
    }  # fmt: skip
    rows = [("0", "1", 1, "Objet", [_p("Texte.")])]
    rows += [
        (kind, f"1.{rank}", 2, "", blocks) for rank, (kind, blocks) in enumerate(first.items(), 1)
    ]
    rows += [("sans numéro", "", 1, "", [_p("Ni titre ni numéro.")])]
    rows += [
        ("fin", "2", 1, "", [_p("Un titre manque.")]),
        ("1", "2.1", 2, "Prix", [_p("Fermes.")]),
    ]
    return tuple(
        ArticleContent(
            str(uuid.uuid5(uuid.UUID(FIRST), name)), numero, niveau, titre,
            {"type": "doc", "content": blocks},
        )
        for name, numero, niveau, titre, blocks in rows
    )  # fmt: skip


@pytest.mark.parametrize("fmt", WRITERS)
def test_articles_without_title_go_round(fmt):
    base = read(styled_word((1, "x"), (0, "x"), (1, "y")))
    piece = content_of(base, articles=_untitled(), images={IMAGE: _png()})
    again = read(WRITERS[fmt](piece), fmt)
    assert_same(piece.articles, again.articles, sides=CARRIES_SIDES[fmt])
    assert [a.numerote for a in again.articles] == [bool(a.numero) for a in piece.articles]
    assert all(article.reconnu for article in again.articles)


def with_shown_images(piece):
    """Keep the images the platform keeps: those a browser shows; the others leave their words."""
    shown = {image.cle: image.cle for image in piece.images if image.type_mime in SHOWN}
    articles = tuple(replace(a, corps=replace_images(a.corps, shown)) for a in piece.articles)
    return replace(piece, articles=articles)


REFERENCES = [
    *reference_files("dce/afpa-modeles", "*.docx"),
    *reference_files("dce/saint-denis-2014", "*.md"),
]


@pytest.mark.parametrize("path", REFERENCES, ids=lambda p: p.stem)
@pytest.mark.parametrize("fmt", WRITERS)
def test_reference_documents_go_round(path, fmt):
    piece = with_shown_images(read_file(path))
    content = WRITERS[fmt](content_of(piece))
    judge_container(content, fmt)
    again = read(content, fmt)
    assert_same(piece.articles, again.articles, sides=CARRIES_SIDES[fmt])
    assert [a.numerote for a in again.articles] == [a.numerote for a in piece.articles]

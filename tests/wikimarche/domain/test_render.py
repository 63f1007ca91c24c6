"""HTML of an article: the markup promised, and nothing a person wrote as code."""

from html.parser import HTMLParser

import pytest

from tests.wikimarche.domain.factories import (
    ARTICLE,
    FIL,
    cellule,
    comment,
    doc,
    link,
    liste,
    p,
    tableau,
    texte,
    titre,
)
from wikimarche.domain.render import FROM_FICHE, Context, LigneCritere, Renvoi, render_corps


VOID = {"br", "img"}


class Balance(HTMLParser):
    """Fails on a tag closed out of order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attrs = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attrs.update(name for name, _value in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def check(html):
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


HOSTILE = '<script>alert("x")</script>&amp;\u202e'


def atom(kind, **attrs):
    return {"type": kind, "attrs": attrs}


EVERYTHING = doc(
    titre(HOSTILE, id="aaaaaaaa", level=2),
    p(
        texte(HOSTILE, "strong", "em"),
        texte(HOSTILE, link('https://a/"><script>')),
        texte("x", link("javascript:alert(1)")),
        texte(HOSTILE, comment()),
        atom("note_bas_de_page", texte=HOSTILE),
        atom("variable", chemin="a.b"),
        atom("renvoi", article=ARTICLE),
        {"type": "hard_break"},
        id='"><script>',
    ),
    liste(HOSTILE, id="bbbbbbbb"),
    {
        "type": "ordered_list",
        "attrs": {"id": "cccccccc", "style": "a", "start": 3},
        "content": liste("x")["content"],
    },
    tableau(
        (HOSTILE,), (cellule(HOSTILE, "table_header", colspan=2, align="right"), "y"), id="dddddddd"
    ),
    {"type": "image", "attrs": {"id": "eeeeeeee", "fichier": ARTICLE, "alt": HOSTILE}},
    {"type": "critere", "attrs": {"id": "ffffffff"}},
    {"type": "blockquote", "attrs": {"id": "gggggggg"}, "content": [p(HOSTILE)]},
)


@pytest.mark.parametrize(
    "context",
    [
        Context(),
        Context(
            variables={"a.b": HOSTILE},
            libelles={"a.b": HOSTILE},
            renvois={ARTICLE: Renvoi("7.2", HOSTILE)},
            image_url=lambda f: f'/f/{f}"><script>',
            criteres=[LigneCritere(HOSTILE, HOSTILE)],
        ),
        Context(renvois={ARTICLE: Renvoi("", HOSTILE, retire=True)}, comments=False, hrefs=False),
    ],
)
def test_nothing_written_by_a_person_becomes_code(context):
    html = render_corps(EVERYTHING, context)
    parser = check(html)
    assert "script" not in parser.tags
    assert "javascript:" not in html
    assert not {name for name in parser.attrs if name.startswith("on") or name == "style"}


def test_the_markup_of_each_block():
    assert render_corps(doc(p("a", id="aaaaaaaa"))) == '<p data-b="aaaaaaaa">a</p>'
    assert render_corps(doc(p(id="aaaaaaaa"))) == '<p data-b="aaaaaaaa"><br></p>'
    assert render_corps(doc(titre("a", id="aaaaaaaa", level=2))) == '<h5 data-b="aaaaaaaa">a</h5>'
    assert (
        render_corps(doc(liste("a", id="aaaaaaaa")))
        == '<ul data-b="aaaaaaaa"><li><p>a</p></li></ul>'
    )


def test_tables_say_the_scope_of_their_heads():
    html = render_corps(
        doc(
            tableau(
                ("A", "B"), (cellule("x", "table_header"), cellule("1", rowspan=2)), id="aaaaaaaa"
            )
        )
    )
    assert html == (
        '<table class="wm-tab" data-b="aaaaaaaa"><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>'
        '<tbody><tr><th scope="row">x</th><td rowspan="2">1</td></tr></tbody></table>'
    )


def test_variables_and_cross_references_are_filled():
    corps = doc(p(atom("variable", chemin="marche.duree_mois"), atom("renvoi", article=ARTICLE)))
    full = render_corps(
        corps,
        Context(
            variables={"marche.duree_mois": "48 mois"},
            libelles={"marche.duree_mois": "Durée"},
            renvois={ARTICLE: Renvoi("5.1")},
        ),
    )
    assert '<span class="wm-variable" data-chemin="marche.duree_mois"' in full
    assert ">48 mois</span>" in full
    assert (
        f'<a class="wm-renvoi" href="#a-{ARTICLE}" data-article="{ARTICLE}">article\u00a05.1</a>'
        in full
    )
    empty = render_corps(corps)
    assert "wm-vide" in empty
    assert "wm-rompu" in empty


def test_comments_leave_a_published_document():
    corps = doc(p("a", texte("b", comment())))
    assert f'data-fil="{FIL}"' in render_corps(corps)
    assert render_corps(corps, Context(comments=False)) == "<p>ab</p>"


def test_neighbours_share_their_marks():
    html = render_corps(doc(p(texte("a", "strong"), texte("b", "strong", "em"), texte("c", "em"))))
    assert html == "<p><strong>a<em>b</em></strong><em>c</em></p>"


def test_criteria_come_from_the_fiche():
    html = render_corps(
        doc({"type": "critere", "attrs": {"id": "aaaaaaaa"}}),
        Context(criteres=[LigneCritere("Prix", "40\u00a0%"), LigneCritere("Délai", niveau=2)]),
    )
    assert "40\u00a0%" in html
    assert "<td>–</td>" in html
    check(html)


def test_a_body_depends_on_its_context_by_the_nodes_that_say_so():
    """What a page remembers of a body rests on it: see FROM_FICHE."""
    said = Context(
        variables={"a.b": "valeur"},
        libelles={"a.b": "Libellé"},
        renvois={ARTICLE: Renvoi("7.2", "Titre")},
        image_url=lambda fichier: f"/f/{fichier}",
        image_size=lambda _fichier: (1, 2),
        criteres=[LigneCritere("Prix", "40\u00a0%")],
    )

    def without(node):
        kept = [without(n) for n in node.get("content") or () if n["type"] not in reading]
        return {**node, "content": kept} if "content" in node else node

    reading = {"image", *FROM_FICHE}
    plain = without(EVERYTHING)
    assert render_corps(plain) == render_corps(plain, said)
    for node in (
        p(atom("variable", chemin="a.b")),
        p(atom("renvoi", article=ARTICLE)),
        atom("critere", id="ffffffff"),
        atom("image", id="eeeeeeee", fichier=ARTICLE, alt="Plan"),
    ):
        reading -= {node["type"], *(child["type"] for child in node.get("content") or ())}
        assert render_corps(doc(node)) != render_corps(doc(node), said)
    assert reading == set()

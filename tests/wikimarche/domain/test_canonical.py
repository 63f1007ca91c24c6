"""The canonical form: what changes the hash of an article, and what does not."""

import pytest

from tests.wikimarche.domain.factories import ARTICLE, comment, doc, liste, p, tableau, texte, titre
from wikimarche.domain.canonical import canonical_hash, canonical_node, plain_text


BASE = doc(p("Le prix est ferme.", id="aaaaaaaa"))


@pytest.mark.parametrize(
    "same",
    [
        doc(p("Le prix est ferme.", id="bbbbbbbb")),
        doc(p("Le prix ", texte("est", comment()), " ferme.", id="aaaaaaaa")),
        doc(p("Le ", "prix est ferme.")),
        {
            "type": "doc",
            "content": [{"type": "paragraph", "content": [texte("Le prix est ferme.")]}],
        },
    ],
)
def test_what_is_not_content_leaves_the_hash_alone(same):
    assert canonical_hash("T", same) == canonical_hash("T", BASE)


@pytest.mark.parametrize(
    "other",
    [
        doc(p("Le prix est ferme")),
        doc(p("Le prix ", texte("est", "strong"), " ferme.")),
        doc(titre("Le prix est ferme.")),
        doc(p("Le prix est ferme."), p()),
    ],
)
def test_what_is_content_changes_it(other):
    assert canonical_hash("T", other) != canonical_hash("T", BASE)


def test_marks_count_whatever_their_order():
    a = doc(p(texte("x", "strong", "em")))
    b = doc(p(texte("x", "em", "strong")))
    assert canonical_hash("", a) == canonical_hash("", b)
    assert canonical_node(a)["content"][0]["content"][0]["marks"] == [
        {"type": "strong"},
        {"type": "em"},
    ]


def test_a_comment_inside_a_bold_word_leaves_no_cut():
    bold = doc(p(texte("abc", "strong")))
    cut = doc(p(texte("a", "strong"), texte("b", comment(), "strong"), texte("c", "strong")))
    assert canonical_node(cut) == canonical_node(bold)


def test_plain_text_of_every_block():
    whole = doc(
        titre("Objet"),
        p(
            "Voir ",
            {"type": "renvoi", "attrs": {"article": ARTICLE}},
            {"type": "hard_break"},
            "fin",
        ),
        liste("un", "deux"),
        tableau(("Sacs", "Taux"), ("Savon", "80 %")),
        {"type": "image", "attrs": {"fichier": ARTICLE, "alt": "Plan"}},
        {"type": "critere", "attrs": {}},
        p("Note", {"type": "note_bas_de_page", "attrs": {"texte": "CCP"}}),
    )
    assert plain_text(whole, renvois={ARTICLE: "5.1"}).split("\n") == [
        "Objet",
        "Voir article 5.1",
        "fin",
        "un",
        "deux",
        "Sacs\tTaux",
        "Savon\t80 %",
        "Plan",
        "Note [CCP]",
    ]

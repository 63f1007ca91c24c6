"""Cutting an article in two where the cursor is, lists included."""

import pytest

from wikimarche.domain.canonical import plain_text
from wikimarche.domain.cutting import split_corps
from wikimarche.domain.schema import load_doc, parse_doc


def paragraph(text, number):
    content = {"content": [{"type": "text", "text": text}]} if text else {}
    return {"type": "paragraph", "attrs": {"id": f"p{number:09}"}} | content


def item(text, number, *more):
    return {"type": "list_item", "content": [paragraph(text, number), *more]}


def bullets(number, *items):
    return {"type": "bullet_list", "attrs": {"id": f"l{number:09}"}, "content": list(items)}


NESTED = bullets(2, item("annexe a", 5), item("annexe b", 6))
CORPS = {
    "type": "doc",
    "content": [
        paragraph("Avant :", 1),
        bullets(1, item("un", 2), item("deux", 3, NESTED), item("trois", 4)),
        paragraph("Après.", 7),
    ],
}


def place(word, offset):
    """The position of the cursor, that many letters after the start of a word."""
    found = []
    doc = load_doc(CORPS)

    def look(node, pos, _parent, _index):
        if node.is_text and node.text == word:
            found.append(pos + offset)
        return True

    doc.descendants(look)
    return found[0]


@pytest.mark.parametrize(
    ("word", "offset", "kept", "moved"),
    [
        ("un", 0, "Avant :", "un deux annexe a annexe b trois Après."),
        ("un", 2, "Avant : un", "deux annexe a annexe b trois Après."),
        ("deux", 0, "Avant : un", "deux annexe a annexe b trois Après."),
        ("deux", 2, "Avant : un de", "ux annexe a annexe b trois Après."),
        ("annexe b", 3, "Avant : un", "deux annexe a annexe b trois Après."),
        ("trois", 0, "Avant : un deux annexe a annexe b", "trois Après."),
        ("trois", 5, "Avant : un deux annexe a annexe b trois", "Après."),
    ],
)
def test_a_cut_in_a_list_leaves_the_items_before_it(word, offset, kept, moved):
    halves = split_corps(CORPS, place(word, offset), seed="x")
    assert [" ".join(plain_text(half).split()) for half in halves] == [kept, moved]
    for half in halves:
        parse_doc(half)

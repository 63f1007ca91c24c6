"""The size of an image: read from a document, bounded, the same wherever the text is shown."""

import pytest

from wikimarche.domain.canonical import canonical_hash, canonical_node
from wikimarche.domain.comparison import Op, compare_blocks
from wikimarche.domain.images import place_within, read_length
from wikimarche.domain.redline import redline_blocs
from wikimarche.domain.render import Context, render_corps
from wikimarche.domain.schema import SchemaRefused, dump_doc, load_doc, parse_doc


FICHIER = "6f4c1f0e-6b0e-5c53-9d52-9f1d5f7a0c11"


def image(**attrs):
    return {"type": "image", "attrs": {"fichier": FICHIER, "alt": "Plan", **attrs}}


def doc(**attrs):
    return {"type": "doc", "content": [image(**attrs)]}


@pytest.mark.parametrize(
    ("written", "pixels"),
    [
        ("2in", 192), ("2.54cm", 96), ("25,4mm", 96), ("72pt", 96), ("300px", 300), ("300", 300),
        ("50%", None), ("-3cm", None), ("0cm", None), ("900cm", None), ("9e99in", None),
        ("nan", None), ("1cm;background:url(x)", None), ("", None), ("9" * 400 + "in", None),
    ],
)  # fmt: skip
def test_a_length_is_read_in_any_unit_or_not_at_all(written, pixels):
    assert read_length(written) == pixels


@pytest.mark.parametrize(
    "value", [0, -1, 4001, 10**30, 1.5, True, "300", "300px;position:fixed", [], float("nan")]
)
@pytest.mark.parametrize("name", ["largeur", "hauteur"])
def test_a_hostile_size_is_refused(name, value):
    with pytest.raises(SchemaRefused, match="Valeur refusée"):
        parse_doc(doc(**{name: value}))


def test_a_text_written_before_sizes_keeps_its_hash():
    old = doc()
    unsized = "0a9b1254"
    assert canonical_hash("Plan", old).startswith(unsized)
    assert canonical_hash("Plan", doc(largeur=None, hauteur=None)).startswith(unsized)
    assert canonical_hash("Plan", doc(largeur=300, hauteur=200)) != canonical_hash("Plan", old)
    assert "largeur" not in canonical_node(image())["attrs"]
    assert dump_doc(load_doc(old)) == doc(id=None, largeur=None, hauteur=None)


def test_the_size_of_the_text_wins_over_that_of_the_file():
    context = Context(image_url=lambda f: f"/f/{f}", image_size=lambda f: (1200, 800))
    assert 'width="1200" height="800"' in render_corps(doc(), context)
    assert 'width="300" height="150"' in render_corps(doc(largeur=300, hauteur=150), context)
    assert 'width="300" height="200"' in render_corps(doc(largeur=300), context)
    unknown = Context(image_url=lambda f: f"/f/{f}")
    assert 'width="300" loading' in render_corps(doc(largeur=300), unknown)


def test_place_within_keeps_proportions():
    assert place_within((2000, 1000), (600, 800)) == (600, 300)
    assert place_within((100, 50), (600, 800)) == (100, 50)
    assert place_within((100, 4000), (600, 800)) == (20, 800)


def test_a_lone_change_of_size_is_one_of_form():
    before, after = image(id="aaaaaaaa"), image(id="aaaaaaaa", largeur=300, hauteur=200)
    [bloc] = compare_blocks([before], [after])
    assert bloc.op is Op.FORME
    assert "<ins>" not in redline_blocs([bloc])
    [other] = compare_blocks([before], [image(id="aaaaaaaa", alt="Coupe", largeur=300)])
    assert other.op is Op.MODIFIE

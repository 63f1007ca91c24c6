"""Numbers come from the tree alone."""

import pytest
from hypothesis import given, strategies as st

from tests.wikimarche.domain.factories import uid
from wikimarche.domain.numbering import Place, number_articles, outline


def test_three_levels_in_reading_order():
    rows = [
        Place(uid(5), uid(2), "m1"),
        Place(uid(1), None, "m0"),
        Place(uid(4), uid(3), "m0"),
        Place(uid(2), None, "m1"),
        Place(uid(3), uid(2), "m0"),
    ]
    assert list(number_articles(rows).values()) == ["1", "2", "2.1", "2.1.1", "2.2"]
    assert [row.level for row in outline(rows)] == [1, 1, 2, 3, 2]


def test_a_retired_article_takes_no_number_and_gives_none():
    rows = [
        Place(uid(1), None, "m0", False),
        Place(uid(2), uid(1), "m0"),
        Place(uid(3), None, "m1"),
    ]
    assert [(row.id, row.numero) for row in outline(rows)] == [
        (uid(1), ""),
        (uid(2), ""),
        (uid(3), "1"),
    ]


def test_an_article_whose_parent_is_elsewhere_stands_at_the_top():
    assert number_articles([Place(uid(1), uid(9), "m0")]) == {uid(1): "1"}


def test_equal_ranks_follow_identifiers():
    rows = [Place(uid(2), None, "m0"), Place(uid(1), None, "m0")]
    assert list(number_articles(rows)) == [uid(1), uid(2)]


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="contiennent"):
        outline([Place(uid(1), uid(2), "m0"), Place(uid(2), uid(1), "m0")])


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=30))
def test_every_article_appears_once(rows):
    places = [
        Place(uid(n), uid(parent) if parent < n else None, f"m{parent % 7}", actif)
        for n, (parent, actif) in enumerate(rows)
    ]
    found = outline(places)
    assert sorted(row.id for row in found) == sorted(place.id for place in places)
    numbers = [row.numero for row in found if row.numero]
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers, key=lambda n: [int(part) for part in n.split(".")])

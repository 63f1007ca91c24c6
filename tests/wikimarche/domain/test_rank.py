"""Order keys: always room between two, always short, never rewritten."""

import pytest
from hypothesis import given, strategies as st

from wikimarche.domain.rank import check_rank, rank_between, spread_ranks


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200))
def test_keys_inserted_anywhere_stay_in_order(places):
    keys = []
    for place in places:
        at = place % (len(keys) + 1)
        before = keys[at - 1] if at else None
        after = keys[at] if at < len(keys) else None
        key = rank_between(before, after)
        check_rank(key)
        keys.insert(at, key)
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def test_ten_thousand_at_the_end_or_at_the_start_stay_short():
    keys = spread_ranks(10_000)
    assert keys == sorted(keys)
    assert max(map(len, keys)) <= 4
    key = "m0"
    for _ in range(10_000):
        key = rank_between(None, key)
    assert len(key) <= 4


def test_a_thousand_at_the_same_place_stay_under_the_column():
    low, high = "m0", "m1"
    for turn in range(1000):
        middle = rank_between(low, high)
        low, high = (middle, high) if turn % 2 else (low, middle)
    assert len(middle) < 500


@pytest.mark.parametrize(
    ("a", "b"),
    [("m0", "m0"), ("m1", "m0"), ("m10", None), ("", None), ("M0", None), ("m", None), ("5", None)],
)
def test_bad_keys_are_refused(a, b):
    with pytest.raises(ValueError, match="ordre"):
        rank_between(a, b)

"""Alignment: exact in every branch, and never minutes long."""

import time

import pytest
from hypothesis import given, strategies as st

from wikimarche.domain import alignment
from wikimarche.domain.alignment import opcodes


WORDS = st.lists(st.sampled_from(["a", "b", " ", ",", "c"]), max_size=25)


def check(a, b, codes):
    place = (0, 0)
    for tag, i, j, k, n in codes:
        assert (i, k) == place
        assert (tag == "equal") == (a[i:j] == b[k:n])
        assert {"equal": j > i, "delete": j > i and n == k, "insert": j == i and n > k}.get(
            tag, j > i and n > k
        )
        place = (j, n)
    assert place == (len(a), len(b))


@given(WORDS, WORDS)
def test_readable_branch(a, b):
    check(a, b, opcodes(a, b))


@given(WORDS, WORDS)
def test_bounded_branch(a, b):
    codes = list(alignment._joined(a, b))
    place = (0, 0)
    for tag, i, j, k, n in codes:
        assert (i, k) == place
        if tag == "equal":
            assert a[i:j] == b[k:n]
        place = (j, n)
    assert place == (len(a), len(b))


@pytest.mark.parametrize("length", [3000, 60_000])
def test_a_word_repeated_thousands_of_times_is_no_attack(length):
    a, b = ["mot"] * length, ["x", *(["mot", "y"] * (length // 2))]
    spent = time.process_time()
    codes = opcodes(a, b)
    assert time.process_time() - spent < 3
    assert codes[-1][2] == len(a)
    assert codes[-1][4] == len(b)

"""Places on the timeline of versions."""

import datetime
from itertools import pairwise

from hypothesis import given, strategies as st

from procurement.ui.frise import Version, place_versions


def _versions(words: list[int], names: dict[int, str] | None = None) -> list[Version]:
    start = datetime.datetime(2026, 2, 2, tzinfo=datetime.UTC)
    return [
        Version(
            numero=n,
            instant=start + datetime.timedelta(days=n),
            mots=m,
            nom=(names or {}).get(n, ""),
        )
        for n, m in enumerate(words, start=1)
    ]


def test_ends_stand_at_the_ends():
    marks = place_versions(_versions([5] * 37), de=21, a=37)
    assert (marks[0].x, marks[-1].x) == (0, 100)
    assert (marks[0].bord, marks[-1].bord) == ("deb", "fin")


def test_one_version_stands_alone():
    (mark,) = place_versions(_versions([0]), de=1, a=1)
    assert (mark.x, mark.nomme) == (0, True)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=250), st.data())
def test_labels_never_meet_and_strokes_fit(words, data):
    names = data.draw(st.dictionaries(st.integers(1, len(words)), st.just("Relecture")))
    de = data.draw(st.integers(1, len(words)))
    marks = place_versions(_versions(words, names), de=de, a=len(words))
    assert all(0 <= mark.x <= 100 and 1 <= mark.hauteur <= 18 for mark in marks)
    labels = sorted(mark.x for mark in marks if mark.nomme)
    assert 1 <= len(labels) <= 5
    assert all(after - before >= 17 for before, after in pairwise(labels))

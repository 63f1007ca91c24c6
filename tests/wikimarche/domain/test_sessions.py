"""Work sessions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.wikimarche.domain.factories import uid
from wikimarche.domain.sessions import gather_sessions


UN = uid(1)
START = datetime(2026, 3, 12, 14, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Commit:
    auteur: str
    minute: float
    article: UUID = UN
    seul: bool = False

    @property
    def instant(self):
        return START + timedelta(minutes=self.minute)


def gathered(*commits, **options):
    return [
        [(c.auteur, c.minute) for c in session.commits]
        for session in gather_sessions(commits, **options)
    ]


def test_less_than_five_minutes_is_one_session():
    assert gathered(Commit("a", 0), Commit("a", 4.9), Commit("a", 9.9)) == [
        [("a", 0), ("a", 4.9)],
        [("a", 9.9)],
    ]


def test_two_people_in_the_same_article_have_one_session_each():
    turns = [Commit("ab"[n % 2], n / 10) for n in range(100)]
    assert [len(session) for session in gathered(*turns)] == [50, 50]


def test_another_article_is_another_session():
    assert len(gathered(Commit("a", 0), Commit("a", 1, uid(2)), Commit("a", 2))) == 2


def test_a_closure_cuts():
    assert gathered(Commit("a", 0), Commit("a", 2), closures=[START + timedelta(minutes=1)]) == [
        [("a", 0)],
        [("a", 2)],
    ]


def test_a_restoration_stands_alone_and_cuts():
    found = gathered(Commit("a", 0), Commit("b", 1, seul=True), Commit("a", 2))
    assert found == [[("a", 0)], [("b", 1)], [("a", 2)]]


def test_nothing():
    assert gathered() == []

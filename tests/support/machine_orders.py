"""X21: what the machine knows of the marché, and how it gives one order."""

from typing import ClassVar
from uuid import uuid4

from hypothesis import note, strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.support import flat
from tests.support.machine_model import Article, Snapshot
from tests.support.machine_site import PEOPLE, Answer, Site, words_of


NUMBERS = st.integers(0, 9999)


class Orders(RuleBasedStateMachine):
    """What a machine knows, and an order given to the model and to the site at once."""

    site: ClassVar[Site]
    matrix: ClassVar[dict[str, frozenset[str]]]
    accepted: ClassVar[dict[str, int]]
    """Orders accepted and refused over a whole run, to know that it did something."""

    def __init__(self) -> None:
        super().__init__()
        self.roles: dict[str, str] = {}
        self.waiting: dict[str, tuple[str, str, str]] = {}
        self.shared = self.frozen = self.crashed = False
        self.articles: dict[str, Article] = {}
        self.order: list[str] = []
        self.version = 0
        self.versions: dict[int, Snapshot] = {}
        self.typed: list[tuple[str, flat.Text]] = []
        self.last: tuple[str, str, dict, int] | None = None
        self.owed: list[tuple[str, str, int]] = []
        self.lines = self.turn = self.words = 0
        self.marche = self.piece = ""
        self.mark = uuid4().hex

    # ── Rights ──────────────────────────────────────────────────────────────────────────────────

    def held(self, who: str) -> set[str]:
        found = {self.roles[who]} if who in self.roles else set()
        return found | ({"juriste"} if who == "juliette" and self.shared else set())

    def may(self, who: str, cell: str) -> bool:
        return bool(self.held(who) & self.matrix[cell])

    def someone(self, number: int, cell: str) -> str:
        """Half of the time somebody who may, else somebody of the marché, else anybody."""
        able = [who for who in PEOPLE if self.may(who, cell)]
        inside = [who for who in PEOPLE if self.held(who)]
        pool = (PEOPLE, inside, able or PEOPLE, able or PEOPLE)[number % 4]
        return pool[number // 4 % len(pool)]

    def verdict(self, who: str, cell: str, state: int) -> int:
        """The status that the model expects; 0 for « accepted »."""
        if not self.held(who):
            return 404
        # Saves come in by the door of whoever may annotate: a frozen pièce and an article that left
        # the text are said there, before what the steps would do is looked at.
        if cell == "ecrire" and state and self.may(who, "annoter"):
            return state
        return state if self.may(who, cell) else 403

    def play(
        self,
        who: str,
        cell: str,
        path: str,
        *,
        state: int = 0,
        tag: str = "",
        version: int = 0,
        **sent,
    ) -> Answer | None:
        """Give an order. state: what the present state answers to who may, 0 when nothing forbids.

        tag: what the journal will say when it is accepted; version: versions of the pièce it makes.
        Returns None when it was refused, as expected.
        """
        answer = self.site.ask(who, path, **sent)
        expected = self.verdict(who, cell, state)
        note(f"{who} ({', '.join(self.held(who)) or 'sans rôle'}) {cell} {path} → {answer.status}")
        # A form that cannot be kept is shown again.
        given = 0 if answer.status == (200 if "send" in sent else 302) else answer.status
        assert given == expected, (
            f"{who}, {sorted(self.held(who))}, « {cell} » {path}: answered {answer.status}, "
            f"the model says {expected or 'accepted'}\n{words_of(answer.body)}"
        )
        self.accepted["refused" if expected else "accepted"] += 1
        if expected:
            return None
        if tag:
            self.owe(who, tag, version)
        return answer

    def owe(self, who: str, tag: str, version: int = 0) -> None:
        """The journal must hold a row of this; version: how many the order made."""
        self.version += version
        by = str(self.site.people[who].pk)
        self.site.ledger.write(marche=self.marche, qui=by, acte=tag)
        self.owed.append((by, tag, self.version if version else 0))

    def keep(self) -> None:
        """Remember the pièce as the version just made holds it."""
        states = {pk: article.state for pk, article in self.articles.items()}
        self.versions[self.version] = Snapshot(states, tuple(self.order))

    # ── Choosing ────────────────────────────────────────────────────────────────────────────────

    def pick(self, number: int) -> Article:
        """An article, in the text five times out of six."""
        out = [pk for pk in self.articles if pk not in self.order]
        pool = out if out and (number % 6 == 0 or not self.order) else self.order
        return self.articles[pool[number // 6 % len(pool)]]

    def word(self, number: int) -> flat.Text:
        self.words += 1
        return flat.write(f"mot{self.words}{('', 'é', '😀', 'œ')[number % 4]} ")

    def closed(self, article: Article | None = None) -> int:
        """What the state answers to who would write."""
        return 409 if self.frozen or (article and not article.state.active) else 0

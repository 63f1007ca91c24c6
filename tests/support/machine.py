"""X21: a machine that gives orders to the model (`machine_model`) and to the real site (`machine_site`).

Everything goes over HTTP to a server process, with a real Postgres, Valkey and worker. After each
order the two are compared, and the journal is checked by the stand-alone verifier.
"""

import http.client
import json
import re
import threading
import time
from collections import Counter
from dataclasses import replace
from typing import ClassVar
from uuid import uuid4

import lxml.html
from hypothesis import note, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from procurement.audit.domain import verifier
from procurement.audit.services import export_chain
from procurement.marches.models import Invitation, Participation
from tests.support import flat
from tests.support.machine_model import MATRIX, ROLES, Article, Snapshot, State, choose
from tests.support.machine_site import PEOPLE, Answer, Site, words_of
from wikimarche.models import Version


LATE = {"documents:file:kept", "marches:invitation:sent"}
"""What the worker writes when it can, in the name of who asked."""
NUMBERS = st.integers(0, 9999)


class Machine(RuleBasedStateMachine):
    """Orders from anybody, allowed or not. site and matrix are given by ``machine_on``."""

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

    # ── Opening ─────────────────────────────────────────────────────────────────────────────────

    @initialize(shared=st.booleans(), role=st.sampled_from(ROLES))
    def open(self, shared: bool, role: str) -> None:
        ask = self.site.ask
        made = ask(
            "gaelle",
            "/marches/ouvrir/",
            form={"objet": f"Achat {self.mark}", "organisation": self.site.organisation.pk},
        )
        assert made.status == 302, made.body[-800:]
        self.marche = made.location.strip("/").split("/")[-1]
        self.roles["gaelle"] = "gestionnaire"
        self.lines = len(self.journal())
        made = self.play(
            "gaelle", "ecrire", f"/marches/{self.marche}/pieces/ajouter/",
            tag="wikimarche:piece:created", form={"type": "CCTP", "titre": ""},
        )  # fmt: skip
        assert made
        self.piece = made.location.strip("/").split("/")[-1]
        for _ in range(2):
            self.add("gaelle", titre="Délais")
        for who, given in (("edith", "editeur"), ("come", role)):
            self.invite_as("gaelle", who, given)
            self.accept_as(who, who)
        if shared:
            self.share(2, yes=True)

    # ── People ──────────────────────────────────────────────────────────────────────────────────

    @rule(number=NUMBERS, whom=st.sampled_from(PEOPLE[:-1]), role=st.sampled_from(ROLES))
    def invite(self, number: int, whom: str, role: str) -> None:
        self.invite_as(self.someone(number, "inviter"), whom, role)

    def invite_as(self, who: str, whom: str, role: str) -> None:
        waiting = self.waiting.get(whom)
        again = waiting is not None and waiting[1:] == (role, who)
        state = 200 if whom in self.roles or (waiting and not again) else 0
        answer = self.play(
            who, "inviter", f"/marches/{self.marche}/inviter/", state=state,
            tag="" if again else "marches:invitation:created",
            form={"email": self.site.people[whom].email, "role": role, "mot": ""},
        )  # fmt: skip
        if answer and not again:
            found = Invitation.objects.get(
                marche=self.marche, email=self.site.people[whom].email,
                acceptee_le=None, revoquee_le=None,
            )  # fmt: skip
            self.waiting[whom] = (str(found.pk), role, who)

    @precondition(lambda self: self.waiting)
    @rule(number=NUMBERS)
    def accept(self, number: int) -> None:
        whom = sorted(self.waiting)[number % len(self.waiting)]
        self.accept_as(PEOPLE[number // 7 % len(PEOPLE)] if number % 3 == 0 else whom, whom)

    def accept_as(self, who: str, whom: str) -> None:
        pk, role, _by = self.waiting[whom]
        path = f"/invitations/{pk}/accepter/"
        answer = self.site.ask(who, path, form={})
        expected = 302 if who == whom else 403 if self.held(who) else 404
        assert answer.status == expected, f"{who} accepts the invitation of {whom}: {answer.status}"
        if who == whom:
            del self.waiting[whom]
            self.roles[whom] = role
            self.owe(who, "marches:invitation:accepted")
            assert self.site.ask(who, path, form={}).status == 409, "an invitation served twice"

    @precondition(lambda self: self.waiting)
    @rule(number=NUMBERS)
    def revoke(self, number: int) -> None:
        whom = sorted(self.waiting)[number % len(self.waiting)]
        who = self.someone(number, "inviter")
        path = f"/invitations/{self.waiting[whom][0]}/revoquer/"
        # The person invited knows that the invitation exists, whatever her role.
        if who == whom and not self.held(who):
            assert self.site.ask(who, path, form={}).status == 403
        elif self.play(who, "inviter", path, tag="marches:invitation:revoked", form={}):
            del self.waiting[whom]

    def alone(self, whom: str) -> bool:
        leads = [who for who, role in self.roles.items() if role == "gestionnaire"]
        return leads == [whom]

    @rule(number=NUMBERS, role=st.sampled_from(ROLES))
    def give_role(self, number: int, role: str) -> None:
        whom = sorted(self.roles)[number % len(self.roles)]
        same = self.roles[whom] == role
        found = self.play(
            self.someone(number // 7, "roles"), "roles", f"/participations/{self.place_of(whom)}/role/",
            state=409 if self.alone(whom) and not same else 0,
            tag="" if same else "marches:participation:changed", form={"role": role},
        )  # fmt: skip
        if found:
            self.roles[whom] = role

    @rule(number=NUMBERS)
    def take_off(self, number: int) -> None:
        whom = sorted(self.roles)[number % len(self.roles)]
        pk = self.place_of(whom)
        path = f"/participations/{pk}/retirer/"
        found = self.play(
            self.someone(number // 7, "roles"), "roles", path, form={},
            state=409 if self.alone(whom) else 0, tag="marches:participation:ended",
        )  # fmt: skip
        if found:
            del self.roles[whom]
            self.look_around()

    def place_of(self, whom: str) -> str:
        user = self.site.people[whom]
        return str(Participation.objects.get(marche=self.marche, user=user, is_active=True).pk)

    @rule(number=NUMBERS, yes=st.booleans())
    def share(self, number: int, yes: bool) -> None:
        tag = f"marches:marche:{'' if yes else 'un'}shared" if yes != self.shared else ""
        path = f"/marches/{self.marche}/partager/"
        form = {"partage": "oui" if yes else "non"}
        if self.play(self.someone(number, "partager"), "partager", path, tag=tag, form=form):
            self.shared = yes

    # ── Writing ─────────────────────────────────────────────────────────────────────────────────

    def commit(self, article: Article, base: int, *steps: dict, **said) -> dict:
        return {"id": str(uuid4()), "prev": None, "base": base, "steps": list(steps), **said}

    def send(self, who: str, article: Article, sent: dict, *, state: int, cell: str = "ecrire"):
        """Save. What finds no place at all makes no version: it is set aside, under evidence."""
        answer = self.play(who, cell, f"/articles/{article.pk}/commits/", send=sent, state=state)
        if answer:
            said = answer.json()
            aside = len(said["dropped"]) == len(sent["steps"])
            self.owe(who, f"wikimarche:article:{'set_aside' if aside else 'edited'}", not aside)
            assert said["numero"] == article.numero + (not aside), said
            assert said["version"] == self.version, said
            self.last = None if aside else (who, article.pk, sent, said["numero"])
        return answer

    @precondition(lambda self: self.articles)
    @rule(number=NUMBERS, at=NUMBERS, behind=st.integers(0, 6))
    def edit(self, number: int, at: int, behind: int) -> None:
        """Words typed on the present text, or on one that others have changed since."""
        who, article = self.someone(number, "ecrire"), self.pick(number // 5)
        base = max(min(article.seen), article.numero - behind)
        seen, now, word = article.seen[base], article.text, self.word(number)
        index = at % (len(seen) + 1)
        sent = self.commit(article, base, insert(flat.place(seen, index), flat.say(word)))
        answer = self.send(who, article, sent, state=self.closed(article))
        if not answer:
            return
        where, kept = flat.landings(seen, index, now)
        got = self.read(article)
        sure = article.said_since(base)
        if answer.json()["dropped"]:
            assert not (kept and sure), f"{flat.say(word)!r} was set aside, its place is there"
            assert got == flat.say(now), "set aside, and something changed"
            return
        indexes = where if sure else range(len(now) + 1)
        texts = [flat.put(now, index, word) for index in indexes]
        article.write(choose(texts, got))
        self.typed.append((article.pk, word))
        self.keep()

    @precondition(lambda self: self.articles)
    @rule(number=NUMBERS, at=NUMBERS)
    def press_enter(self, number: int, at: int) -> None:
        who, article = self.someone(number, "ecrire"), self.pick(number // 5)
        index = at % (len(article.text) + 1)
        spot = flat.place(article.text, index)
        half = {"type": "paragraph", "attrs": {"id": None}}
        step = {
            "stepType": "replace", "from": spot, "to": spot,
            "slice": {"content": [half, half], "openStart": 1, "openEnd": 1},
        }  # fmt: skip
        sent = self.commit(article, article.numero, step)
        if self.send(who, article, sent, state=self.closed(article)):
            article.write(flat.put(article.text, index, flat.write("\n")))
            self.keep()

    @precondition(lambda self: self.typed)
    @rule(number=NUMBERS)
    def take_back(self, number: int) -> None:
        """What the editor sends to undo: the words go."""
        pk, word = self.typed[number % len(self.typed)]
        article, index = self.articles[pk], flat.find(self.articles[pk].text, word)
        if index is None:
            return
        start = flat.place(article.text, index)
        step = {
            "stepType": "replace",
            "from": start,
            "to": flat.place(article.text, index + len(word)),
        }
        who = self.someone(number // 3, "ecrire")
        sent = self.commit(article, article.numero, step)
        if self.send(who, article, sent, state=self.closed(article)):
            article.write(flat.without(article.text, word))
            self.keep()

    @precondition(lambda self: self.order)
    @rule(number=NUMBERS)
    def annotate(self, number: int) -> None:
        """The anchor of one's own comment: it changes no word, and is all that a commentateur may send."""
        article = self.pick(number // 5)
        words = flat.say(article.text).split("\n")[0]
        if not words:
            return
        who, fil = self.someone(number, "annoter"), str(uuid4())
        form = {"id": fil, "genre": "question", "texte": "Est-ce assez ?"}
        path = f"/articles/{article.pk}/commenter/"
        state = self.closed(article)
        if not self.play(who, "annoter", path, form=form, state=state, tag="wikimarche:fil:opened"):
            return
        mark = {"type": "comment", "attrs": {"fil": fil}}
        step = {
            "stepType": "addMark", "mark": mark, "from": 1,
            "to": flat.place(article.text, len(words)),
        }  # fmt: skip
        sent = self.commit(article, article.numero, step)
        if self.send(who, article, sent, state=state, cell="annoter"):
            article.write(article.text)
            self.keep()

    @precondition(lambda self: self.articles)
    @rule(number=NUMBERS, kind=st.integers(0, 7))
    def forge(self, number: int, kind: int) -> None:
        """Commits that no browser of ours sends: refused, whoever sends them."""
        who, article = self.someone(number, "ecrire"), self.pick(number // 5)
        good = insert(1, "faux ")
        node = {
            "stepType": "replace",
            "from": 0,
            "to": 0,
            "slice": {"content": [{"type": "script"}]},
        }
        sent = (
            self.commit(article, article.numero + 1 + number % 50, good),
            self.commit(article, -1, good),
            self.commit(article, article.numero, insert(10**6, "loin")),
            self.commit(article, article.numero, node),
            self.commit(article, article.numero, {"stepType": "effacer"}),
            self.commit(article, article.numero),
            self.commit(article, article.numero, good, prev=str(uuid4())),
            self.commit(article, article.numero, good, auteur=str(uuid4())),
        )[kind]
        answer = self.site.ask(who, f"/articles/{article.pk}/commits/", send=sent)
        expected = self.verdict(who, "ecrire", 409 if self.closed(article) else 0)
        # To who is there, what cannot be read may be said before what is forbidden.
        allowed = {404} if expected == 404 else {400, 409, expected or 400}
        assert answer.status in allowed, (kind, who, answer)
        self.accepted["refused"] += 1

    @precondition(lambda self: self.last)
    @rule()
    def send_again(self) -> None:
        """The last save once more, as a browser whose answer was lost: applied once."""
        who, pk, sent, numero = self.last
        article = self.articles[pk]
        cell = "annoter" if sent["steps"][0]["stepType"] == "addMark" else "ecrire"
        answer = self.site.ask(who, f"/articles/{pk}/commits/", send=sent)
        expected = self.verdict(who, cell, self.closed(article))
        # A commit that stands is recognised before the steps are judged again.
        assert answer.status in {expected or 200, 200 if self.may(who, "annoter") else expected}
        if answer.status == 200:
            assert answer.json()["numero"] == numero

    # ── Structure ───────────────────────────────────────────────────────────────────────────────

    @rule(number=NUMBERS, titled=st.booleans())
    def add_one(self, number: int, titled: bool) -> None:
        who = self.someone(number, "ordonner")
        after = self.pick(number // 7) if self.order and number % 2 else None
        self.add(who, titre="Prix" if titled else "", after=after)

    def add(self, who: str, *, titre: str = "", after: Article | None = None) -> None:
        path = f"/pieces/{self.piece}/articles/ajouter/"
        form = {} if after else {"titre": titre}
        if after:
            path = f"/articles/{after.pk}/ajouter/"
        answer = self.play(
            who, "ordonner", path, form=form, state=self.closed(),
            tag="wikimarche:article:added", version=1,
        )  # fmt: skip
        if not answer:
            return
        pk = answer.location.partition("#a-")[2]
        self.born(pk, State("" if after else titre, ()))
        if after and after.pk in self.order:
            self.order.insert(self.order.index(after.pk) + 1, pk)
        else:
            self.find_place(pk, last=after is None)
        self.keep()

    def born(self, pk: str, state: State) -> None:
        self.articles[pk] = Article(pk, state, seen={0: state.text})

    def find_place(self, pk: str, *, last: bool = False) -> None:
        """Where an article comes back; the others have not moved for it."""
        now = [row[0] for row in self.plan(self.reader())]
        assert [one for one in now if one != pk] == self.order, "others moved with it"
        assert pk in now
        assert not last or now[-1] == pk
        self.order = now

    @precondition(lambda self: self.order)
    @rule(number=NUMBERS, at=NUMBERS, beyond=st.integers(0, 9))
    def split(self, number: int, at: int, beyond: int) -> None:
        who, article = self.someone(number, "ordonner"), self.pick(number // 5)
        index = at % (len(article.text) + 1)
        position, state = flat.place(article.text, index), self.closed(article)
        if beyond == 0:
            position, state = 10**6, state or 400
        answer = self.play(
            who, "ordonner", f"/articles/{article.pk}/scinder/", state=state,
            form={"position": position, "numero": article.numero, "titre": "Suite"},
            tag="wikimarche:article:split", version=1,
        )  # fmt: skip
        if not answer:
            return
        pk = answer.location.partition("#a-")[2]
        self.born(pk, State("Suite", flat.write(flat.say(article.text[index:]))))
        article.write(article.text[:index], loose=True)
        self.order.insert(self.order.index(article.pk) + 1, pk)
        self.keep()

    @precondition(lambda self: self.order)
    @rule(number=NUMBERS)
    def merge(self, number: int) -> None:
        who, article = self.someone(number, "ordonner"), self.pick(number // 5)
        at = self.order.index(article.pk) if article.state.active else 0
        state = self.closed(article) or (0 if at else 409)
        answer = self.play(
            who, "ordonner", f"/articles/{article.pk}/fusionner/", form={}, state=state,
            tag="wikimarche:article:merged", version=1,
        )  # fmt: skip
        if not answer:
            return
        target = self.articles[self.order[at - 1]]
        title = [flat.write(article.state.titre)] if article.state.titre else []
        before, got = target.text, self.read(target)
        # A side that is one empty block leaves nothing, unless that block is a heading.
        texts = [
            flat.join(*first, *title, *second)
            for first in ([[before]] if before else [[], [before]])
            for second in ([[article.text]] if article.text else [[], [article.text]])
        ]
        target.write(choose(texts, got), loose=True)
        article.state = replace(article.state, active=False, merged=True)
        article.host, article.host_after, article.host_before = target.pk, target.state, before
        self.order.remove(article.pk)
        self.keep()

    @precondition(lambda self: self.order)
    @rule(number=NUMBERS, down=st.booleans())
    def move(self, number: int, down: bool) -> None:
        who, article = self.someone(number, "ordonner"), self.pick(number // 5)
        at = self.order.index(article.pk) if article.state.active else 0
        edge = len(self.order) - 1 if down else 0
        state = self.closed(article) or (409 if at == edge else 0)
        answer = self.play(
            who, "ordonner", f"/articles/{article.pk}/deplacer/", state=state,
            form={"sens": "bas" if down else "haut"}, tag="wikimarche:article:moved", version=1,
        )  # fmt: skip
        if answer:
            self.order.insert(at + (1 if down else -1), self.order.pop(at))
            self.keep()

    @precondition(lambda self: self.order)
    @rule(number=NUMBERS, said=st.integers(0, 5))
    def retire(self, number: int, said: int) -> None:
        who, article = self.someone(number, "retirer un article"), self.pick(number // 5)
        answer = self.play(
            who, "retirer un article", f"/articles/{article.pk}/retirer/",
            state=self.closed(article) or (0 if said else 400),
            form={"motif": "Sans objet" if said else " "},
            tag="wikimarche:article:retired", version=1,
        )  # fmt: skip
        if answer:
            article.state = replace(article.state, active=False, merged=False)
            self.order.remove(article.pk)
            self.keep()

    @precondition(lambda self: self.articles)
    @rule(number=NUMBERS, undo=st.booleans())
    def reinstate(self, number: int, undo: bool) -> None:
        """Put back an article that was retired, or undo the merge that took it away."""
        out = [pk for pk in self.articles if pk not in self.order] or list(self.articles)
        article = self.articles[out[number % len(out)]]
        host = self.articles.get(article.host) if article.state.merged else None
        intact = host and host.state.active and host.reads_as(article.host_after)
        undone = bool(intact and not article.state.active)
        state = self.closed() or (409 if undo and not undone else 0)
        nothing = article.state.active
        verb = "unmerged" if undone else "reinstated"
        answer = self.play(
            self.someone(number // 5, "retablir un article"), "retablir un article",
            f"/articles/{article.pk}/retablir/", form={"fusion": "oui"} if undo else {}, state=state,
            tag="" if nothing else f"wikimarche:article:{verb}", version=0 if nothing else 1,
        )  # fmt: skip
        if not answer or nothing:
            return
        if undone:
            host.write(article.host_before, loose=True)
        article.state = replace(article.state, active=True, merged=False)
        self.find_place(article.pk)
        self.keep()

    # ── Coming back ─────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.articles)
    @rule(number=NUMBERS, back=st.integers(0, 12))
    def restore_article(self, number: int, back: int) -> None:
        who, article = self.someone(number, "restaurer"), self.pick(number // 5)
        asked = max(self.version - back, 0) if back else self.version + 3
        past = self.versions[asked].states.get(article.pk) if asked in self.versions else None
        answer = self.play(
            who, "restaurer", f"/articles/{article.pk}/restaurer/", form={"version": asked},
            state=self.closed() or (0 if past else 404),
            tag="wikimarche:article:restored", version=1,
        )  # fmt: skip
        if not answer:
            return
        self.come_back(article, past)
        if not article.state.active:
            article.state = replace(article.state, active=True, merged=False)
            self.find_place(article.pk)
        self.keep()

    def come_back(self, article: Article, past: State) -> None:
        """The text of then: one number more when the server had something to write."""
        same = (article.state.titre, flat.say(article.text)) == (past.titre, flat.say(past.text))
        article.state = replace(article.state, titre=past.titre)
        numero = self.ask_article(article)["numero"]
        assert numero in ((article.numero, article.numero + 1) if same else (article.numero + 1,))
        if numero > article.numero:
            article.write(past.text, loose=True)

    @precondition(lambda self: self.versions)
    @rule(number=NUMBERS, back=st.integers(0, 12))
    def restore_piece(self, number: int, back: int) -> None:
        asked = max(self.version - back, 0) if back else self.version + 3
        past = self.versions.get(asked)
        answer = self.play(
            self.someone(number, "restaurer"), "restaurer",
            f"/pieces/{self.piece}/versions/{asked}/restaurer/", form={},
            state=self.closed() or (0 if past else 404),
            tag="wikimarche:piece:restored", version=1,
        )  # fmt: skip
        if not answer:
            return
        for pk, article in self.articles.items():
            was = past.states.get(pk)
            if was is None:
                if article.state.active:
                    article.state = replace(article.state, active=False, merged=False)
                continue
            self.come_back(article, was)
            article.state = replace(article.state, active=was.active, merged=was.merged)
        self.order = list(past.order)
        self.keep()

    @rule(number=NUMBERS)
    def name(self, number: int) -> None:
        self.words += 1
        nom = f"Envoi {self.words}"
        path = f"/pieces/{self.piece}/versions/nommer/"
        who = self.someone(number, "nommer")
        tag = "wikimarche:version:named"
        if self.play(who, "nommer", path, form={"nom": nom}, tag=tag, version=1):
            self.keep()
            assert nom in self.site.ask(who, f"/pieces/{self.piece}/versions/").body

    # ── The rest of the marché ──────────────────────────────────────────────────────────────────

    @rule(number=NUMBERS)
    def change_fiche(self, number: int) -> None:
        self.words += 1
        lieu, who = f"Lieu {self.mark} {self.words}", self.someone(number, "fiche")
        form = {
            "objet": f"Achat {self.mark}", "technique": "aucune", "reconductions": "0",
            "lieu_execution": lieu, "reference": f"R {self.mark[:12]}",
        }  # fmt: skip
        path = f"/marches/{self.marche}/fiche/"
        if self.play(who, "fiche", path, form=form, tag="marches:marche:updated"):
            assert lieu in self.site.ask(who, path).body

    @rule(number=NUMBERS)
    def freeze(self, number: int) -> None:
        """Withdraw the pièce, or put it back."""
        verb = "retablir" if self.frozen else "retirer"
        tag = f"wikimarche:piece:{'reinstated' if self.frozen else 'withdrawn'}"
        path = f"/pieces/{self.piece}/{verb}/"
        if self.play(self.someone(number, "figer"), "figer", path, form={}, tag=tag):
            self.frozen = not self.frozen

    @precondition(lambda self: self.order)
    @rule(number=NUMBERS)
    def export(self, number: int) -> None:
        """The real worker writes it; what comes out is the text of the model, for its asker alone."""
        who = self.someone(number, "exporter")
        path = f"/pieces/{self.piece}/exporter/"
        tag = "wikimarche:piece:exported"
        asked = self.play(who, "exporter", path, form={"format": "md"}, tag=tag)
        if not asked:
            return
        limit = time.monotonic() + 60
        while "/fichier/" not in (page := self.site.ask(who, asked.location)).body:
            assert time.monotonic() < limit, page.body[-1500:]
            time.sleep(0.1)
        other = next(one for one in PEOPLE[number % 5 :] if one != who)
        file = f"{asked.location}fichier/"
        assert self.site.ask(other, file).status == 404, f"{other} takes the file of {who}"
        written = "\n".join(flat.say(self.articles[pk].text) for pk in self.order)
        found = re.findall(r"mot\d+", self.site.ask(who, file).body)
        assert found == re.findall(r"mot\d+", written), "the file is not the text"

    @precondition(lambda self: self.order and not self.crashed)
    @rule(number=NUMBERS, delay=st.integers(0, 40))
    def crash(self, number: int, delay: int) -> None:
        """kill -9 while a save is on its way; the same save sent again stands once."""
        self.crashed = True
        who, article = self.someone(number, "ecrire"), self.pick(number // 5)
        word = self.word(number)
        sent = self.commit(article, article.numero, insert(1, flat.say(word)))
        path = f"/articles/{article.pk}/commits/"

        def save() -> None:
            try:
                self.site.ask(who, path, send=sent)
            except (OSError, http.client.HTTPException):
                return

        saving = threading.Thread(target=save)
        saving.start()
        time.sleep(delay / 1000)
        self.site.kill()
        saving.join(45)
        self.site.start()
        self.accepted["crashes"] += 1
        if self.send(who, article, sent, state=self.closed(article)):
            article.write(flat.put(article.text, 0, word))
            self.typed.append((article.pk, word))
            self.keep()

    # ── What must hold after each order ─────────────────────────────────────────────────────────

    def reader(self) -> str:
        able = [who for who in PEOPLE if self.may(who, "lire")]
        return able[self.turn % len(able)]

    def ask_article(self, article: Article) -> dict:
        return self.site.ask(self.reader(), f"/articles/{article.pk}/commits/").json()

    def read(self, article: Article) -> str:
        return flat.read(self.ask_article(article)["corps"])

    def plan(self, who: str) -> list[tuple[str, str, int, str]]:
        """The pièce as a page shows it: identifier, title, number and words of each article."""
        answer = self.site.ask(who, f"/pieces/{self.piece}/plan/")
        assert answer.status == 200, f"{who} does not read: {answer.status}"
        found = []
        for section in lxml.html.fromstring(answer.body).iter("section"):
            (titre,) = section.xpath(".//*[@data-wm-titre]")
            (corps,) = section.xpath(".//*[@data-wm-corps]")
            found.append(
                (
                    section.get("data-wm-article"),
                    titre.text_content(),
                    int(section.get("data-numero")),
                    "\n".join(block.text_content() for block in corps),
                )
            )
        return found

    def journal(self) -> list[dict]:
        """The chain of the marché, once the stand-alone verifier has read it."""
        exported = list(export_chain(self.marche))
        seen, flaw = verifier.verify(exported)
        assert flaw is None, flaw
        assert seen == len(exported) - 1
        return [json.loads(line) for line in exported[1:]]

    @invariant()
    def text_is_the_same(self) -> None:
        if not self.piece:
            return
        self.turn += 1
        articles = [self.articles[pk] for pk in self.order]
        assert self.plan(self.reader()) == [
            (one.pk, one.state.titre, one.numero, flat.say(one.text)) for one in articles
        ]
        numbers = list(
            Version.objects.filter(piece=self.piece)
            .order_by("numero")
            .values_list("numero", flat=True)
        )
        assert numbers == list(range(1, self.version + 1)), "versions are not one an order"

    @invariant()
    def journal_says_what_was_done(self) -> None:
        if not self.piece:
            return
        rows = self.journal()
        assert len(rows) >= self.lines, "the journal is shorter"
        owed, self.owed = self.owed, []
        missing = list(owed)
        for row in rows[self.lines :]:
            made = json.loads(row["corps"])["details"].get("version_faite", 0)
            said = (row["acteur"].partition(":")[2], row["action"], made)
            if said in missing:
                missing.remove(said)
            # One order may write several rows: what it touched besides makes no version of its own.
            elif row["action"] not in LATE and not any(said[:2] == one[:2] for one in owed):
                raise AssertionError(f"nobody was told of {row['action']} by {row['acteur']}")
        assert not missing, f"acknowledged, and not in the journal: {missing}"
        self.lines = len(rows)

    @invariant()
    def nobody_sees_beyond_the_role(self) -> None:
        if self.piece:
            self.look(PEOPLE[self.turn % len(PEOPLE)])

    def look(self, who: str) -> None:
        """One person at the addresses that show something."""
        views = {
            f"/pieces/{self.piece}/plan/": "lire",
            f"/marches/{self.marche}/": "lire",
            f"/marches/{self.marche}/histoire/": "histoire",
        }
        if self.articles:
            pk = list(self.articles)[self.turn % len(self.articles)]
            views[f"/articles/{pk}/commits/"] = "lire"
        for path, cell in views.items():
            answer = self.site.ask(who, path)
            expected = self.verdict(who, cell, 0) or 200
            assert answer.status == expected, (
                f"{who}, {sorted(self.held(who))}, « {cell} » {path}: answered {answer.status}, "
                f"the model says {expected}"
            )
            if expected != 200:
                assert self.mark not in answer.body, f"{who} reads the marché in a refusal"
                assert not re.search(r"mot\d", answer.body), f"{who} reads the text in a refusal"

    def look_around(self) -> None:
        for who in PEOPLE:
            self.look(who)

    def teardown(self) -> None:
        if not self.piece:
            return
        self.look_around()
        told = Counter(
            (fact["qui"], fact["acte"])
            for fact in self.site.ledger.read()
            if fact["marche"] == self.marche
        )
        kept = Counter((row["acteur"].partition(":")[2], row["action"]) for row in self.journal())
        assert not told - kept, f"in the ledger, and not in the journal: {told - kept}"


def insert(at: int, words: str) -> dict:
    return {
        "stepType": "replace", "from": at, "to": at,
        "slice": {"content": [{"type": "text", "text": words}]},
    }  # fmt: skip


def machine_on(site: Site, **cells: frozenset[str]) -> type[Machine]:
    """A machine on a site. cells: of the matrix, otherwise than they are."""
    counts = dict.fromkeys(("accepted", "refused", "crashes"), 0)
    return type("Run", (Machine,), {"site": site, "matrix": MATRIX | cells, "accepted": counts})

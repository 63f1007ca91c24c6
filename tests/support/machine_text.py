"""X21: what is written in an article."""

from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.support import flat
from tests.support.machine_model import Article, choose
from tests.support.machine_orders import NUMBERS, Orders


class Text(Orders):
    """Orders about the words, and those a liar would give."""

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


def insert(at: int, words: str) -> dict:
    return {
        "stepType": "replace", "from": at, "to": at,
        "slice": {"content": [{"type": "text", "text": words}]},
    }  # fmt: skip

"""X21: the articles of the pièce, moved, cut, taken out, and brought back."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.support import flat
from tests.support.machine_model import Article, State, choose
from tests.support.machine_orders import NUMBERS, Orders


class Plan(Orders):
    """Orders about the tree, and the ways back."""

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

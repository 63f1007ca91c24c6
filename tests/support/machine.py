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

import lxml.html
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from procurement.audit.domain import verifier
from procurement.audit.services import export_chain
from tests.support import flat
from tests.support.machine_model import MATRIX, ROLES, Article
from tests.support.machine_orders import NUMBERS
from tests.support.machine_people import People
from tests.support.machine_plan import Plan
from tests.support.machine_site import PEOPLE, Site
from tests.support.machine_text import Text, insert
from wikimarche.models import Version


LATE = {"documents:file:kept", "marches:invitation:sent"}
"""What the worker writes when it can, in the name of who asked."""


class Machine(People, Text, Plan):
    """Orders from anybody, allowed or not. site and matrix are given by ``machine_on``."""

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


def machine_on(site: Site, **cells: frozenset[str]) -> type[Machine]:
    """A machine on a site. cells: of the matrix, otherwise than they are."""
    counts = dict.fromkeys(("accepted", "refused", "crashes"), 0)
    return type("Run", (Machine,), {"site": site, "matrix": MATRIX | cells, "accepted": counts})

"""Two editors in one article, fifty rounds, and tabs closed in the middle of a save. X14.

Real site, real browsers. The ledger is what each browser was answered; the text stored is judged by it,
and by every word that was typed.
"""

import json
import os
import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from procurement.audit.services import verify_evidence
from tests.e2e.test_rediger_a_plusieurs import SETTLED, enter
from tests.support.client import Browser
from tests.support.equipe import Equipe, make_equipe, text_of
from tests.support.outage import STOPS_ALL
from tests.support.process import answers
from wikimarche.models import Commit


pytestmark = [pytest.mark.browser, pytest.mark.attaque("X14"), pytest.mark.timeout(600)]
CLOSED_EVERY = 10
"""Rounds between two tabs closed in the middle of a save."""


@pytest.fixture
def equipe(live_server_url, settings) -> Equipe:
    settings.DEMO = False
    return make_equipe()


class Redacteur:
    """One person in one browser, who writes words of her own in the article of the team."""

    def __init__(self, page: Page, equipe: Equipe, letter: str, key: str) -> None:
        self.page, self.equipe, self.letter, self.key = page, equipe, letter, key
        self.words: list[str] = []
        self.acknowledged: set[str] = set()
        self._open()

    def _open(self) -> None:
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.page.on("response", self._hear)
        self.page.goto(self.equipe.piece.get_absolute_url())
        enter(self.page, str(self.equipe.article.pk))
        self.page.keyboard.press(self.key)

    def _hear(self, response: Response) -> None:
        request = response.request
        if request.method == "POST" and request.url.endswith("/commits/") and response.ok:
            self.acknowledged.add(request.post_data_json["id"])

    def write(self) -> None:
        word = f"{self.letter}{len(self.words):03d}"
        self.words.append(word)
        self.page.keyboard.type(f" {word} ")

    def close_while_saving(self) -> None:
        """Close the tab once a save has left and before anything is said of it; open another."""
        with self.page.expect_request(
            lambda request: request.method == "POST" and request.url.endswith("/commits/")
        ):
            self.write()
        context = self.page.context
        self.page.close()
        self.page = context.new_page()
        self._open()


@pytest.fixture
def redacteurs(new_page, equipe, live_server_url) -> Callable[[], list[Redacteur]]:
    def start() -> list[Redacteur]:
        found = []
        for name, letter, key in (("nadia", "n", "Control+End"), ("herve", "h", "Control+Home")):
            page = new_page()
            page.add_init_script(STOPS_ALL)
            cookies = Browser(equipe.person("editeur", name)).cookies
            page.context.add_cookies(
                [
                    {"name": one, "value": cookies[one].value, "url": live_server_url}
                    for one in cookies
                ]
            )
            found.append(Redacteur(page, equipe, letter, key))
        return found

    return start


def play(
    people: list[Redacteur], rounds: int, *, halfway: Callable[[], None] = lambda: None
) -> None:
    """Write in turns. halfway: what happens in the middle of it all."""
    for rank in range(rounds):
        if rank == rounds // 2:
            halfway()
        for person in people:
            if (
                rank % CLOSED_EVERY == CLOSED_EVERY // 2
                and person is people[rank // CLOSED_EVERY % 2]
            ):
                person.close_while_saving()
            else:
                person.write()
    for person in people:
        person.page.wait_for_function(SETTLED, timeout=60_000)


def judge(equipe: Equipe, people: list[Redacteur]) -> list[str]:
    """Every acknowledged save that is not stored, every word that is not in the text exactly once."""
    stored = {str(pk) for pk in Commit.objects.values_list("pk", flat=True)}
    found = [f"not stored: {pk}" for person in people for pk in person.acknowledged - stored]
    written = re.findall(r"\b[nh]\d{3}\b", text_of(equipe.article))
    for person in people:
        found += [f"lost or doubled: {word}" for word in person.words if written.count(word) != 1]
    report = verify_evidence(chain=equipe.marche.pk)
    return found + [f"evidence: {one}" for one in report.breaks]


def authors_of(equipe: Equipe) -> dict[str, set[str]]:
    """Who wrote each word, as the history of the article says it: the letter of a word, its authors."""
    found: dict[str, set[str]] = {}
    for commit in Commit.objects.filter(article=equipe.article).select_related("auteur"):
        # Steps are often of one letter each.
        said = "".join(re.findall(r'"text": "([^"]*)"', json.dumps(commit.pas)))
        for letter in "nh":
            if letter in said:
                found.setdefault(letter, set()).add(commit.auteur.email.partition("-")[0])
    return found


@pytest.mark.parametrize("rounds", [20, pytest.param(50, marks=pytest.mark.lent)])
def test_no_word_is_missing_whoever_writes_whichever_tab_closes_and_when_the_server_dies(
    equipe, redacteurs, live_server_process, rounds
):
    people = redacteurs()
    for person in people:
        person.page.expected_errors += ["ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "502"]

    def kill_the_server():
        os.kill(live_server_process.pid, signal.SIGKILL)
        live_server_process.child.process.wait(10)
        live_server_process.start(lambda: answers(live_server_process.url))

    play(people, rounds, halfway=kill_the_server)
    assert judge(equipe, people) == []
    assert all(len(person.acknowledged) > 1 for person in people)
    stored = text_of(equipe.article)
    for person in people:
        # On the page as it stands, then as one opens it again.
        shown = person.page.locator(f"#a-{equipe.article.pk} [data-wm-corps]")
        expect(shown).to_have_text(stored, timeout=30_000)
        person.page.reload()
        expect(shown).to_have_text(stored)
    assert authors_of(equipe) == {"n": {"nadia"}, "h": {"herve"}}


def test_the_one_whose_place_was_rewritten_sees_both_texts(equipe, redacteurs):
    nadia, herve = redacteurs()
    nadia.page.expected_errors.append("ERR_INTERNET_DISCONNECTED")
    nadia.page.context.set_offline(True)
    nadia.page.keyboard.press("Control+Home")
    for _ in range(5):
        nadia.page.keyboard.press("ArrowRight")
    nadia.page.keyboard.type("mes mots à moi")
    assert text_of(equipe.article) == "Le délai est de trente jours.", "the outage let words pass"
    herve.page.keyboard.press("Control+a")
    herve.page.keyboard.type("Tout est refait.")
    herve.page.wait_for_function(SETTLED, timeout=30_000)
    nadia.page.context.set_offline(False)
    expect(nadia.page.locator(".wm-ecarte blockquote")).to_contain_text(
        "mes mots à moi", timeout=30_000
    )
    body = nadia.page.locator(f"#a-{equipe.article.pk} [data-wm-corps]")
    expect(body).to_contain_text("Tout est refait.")
    assert text_of(equipe.article) == "Tout est refait."


def test_without_the_check_of_the_version_words_are_lost_and_seen_to_be(
    live_server_process, equipe, redacteurs
):
    """Positive control: the last one who saves covers what the other wrote."""
    live_server_process.stop()
    live_server_process.child.argv = [
        argument.replace("procurement.asgi", "tests.support.unsafe_site")
        for argument in live_server_process.child.argv
    ]
    live_server_process.child.env["UNSAFE"] = "version"
    live_server_process.start(lambda: answers(live_server_process.url))
    people = redacteurs()
    play(people, 5)
    assert any(said.startswith("lost or doubled") for said in judge(equipe, people))

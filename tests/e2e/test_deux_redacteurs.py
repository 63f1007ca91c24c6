"""Two editors in one article, fifty rounds, and tabs closed in the middle of a save. X14.

Real site, real browsers. The ledger is what each browser was answered; the text stored is judged by it,
and by every word that was typed.
"""

import re
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


def play(people: list[Redacteur], rounds: int) -> None:
    for rank in range(rounds):
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


@pytest.mark.parametrize("rounds", [20, pytest.param(50, marks=pytest.mark.lent)])
def test_no_word_is_missing_whoever_writes_and_whichever_tab_closes(equipe, redacteurs, rounds):
    people = redacteurs()
    play(people, rounds)
    assert judge(equipe, people) == []
    assert all(len(person.acknowledged) > 1 for person in people)
    texts = []
    for person in people:
        person.page.reload()
        texts.append(person.page.locator(f"#a-{equipe.article.pk} [data-wm-corps]").inner_text())
    assert texts[0] == texts[1], "both read the same"


def test_the_one_whose_place_was_rewritten_sees_both_texts(equipe, redacteurs):
    nadia, herve = redacteurs()
    nadia.page.expected_errors.append("ERR_INTERNET_DISCONNECTED")
    nadia.page.context.set_offline(True)
    nadia.page.keyboard.press("Control+Home")
    for _ in range(5):
        nadia.page.keyboard.press("ArrowRight")
    nadia.page.keyboard.type("mes mots à moi")
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

"""Three minutes of writing while the network is away, on the real site, in a real browser. X13.

The judges read what the server stores and all that the browser keeps. Each is seen to fail once:
with a browser that erases nothing at sign-out, and with one that keeps no draft.
"""

import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Error, Page, expect

from tests.e2e.test_rediger_a_plusieurs import SETTLED, enter
from tests.support.client import Browser
from tests.support.equipe import Equipe, commits_url, make_equipe, text_of, words
from tests.support.outage import STOPS_ALL, intercept
from wikimarche.services import retire_article


pytestmark = [pytest.mark.browser, pytest.mark.attaque("X13"), pytest.mark.timeout(300)]

WORDS = [f"mot{rank:03d}" for rank in range(180)]
"""What somebody types in three minutes, a word a second; the keys come faster here."""
KEPT = "Object.keys(localStorage).filter((key) => key.startsWith('wm:brouillon')).length"
OFFLINE = "Hors ligne, votre texte est gardé ici"
ERASES_NOTHING = "Storage.prototype.removeItem = () => {};"
KEEPS_NO_DRAFT = """{ const write = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) {
    if (!key.startsWith("wm:brouillon")) write.call(this, key, value); }; }"""
ALL_STORED = """async () => {
  const kept = { local: { ...localStorage }, tab: { ...sessionStorage }, cookies: document.cookie, bases: {}, caches: {} };
  for (const { name } of await indexedDB.databases()) kept.bases[name] = true;
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    kept.caches[name] = await Promise.all((await cache.matchAll()).map((one) => one.text()));
  }
  return kept;
}"""


@pytest.fixture
def equipe(live_server_url, settings) -> Equipe:
    settings.DEMO = False
    return make_equipe()


@pytest.fixture
def nadia(new_page, equipe, live_server_url):
    """Open the pièce as an editor: `nadia()`; script: played before those of the site."""

    def open_piece(script: str = "") -> Page:
        page = new_page()
        page.expected_errors += ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "409"]
        page.add_init_script(STOPS_ALL + script)
        cookies = Browser(equipe.person()).cookies
        page.context.add_cookies(
            [
                {"name": name, "value": cookies[name].value, "url": live_server_url}
                for name in cookies
            ]
        )
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(equipe.piece.get_absolute_url())
        return page

    return open_piece


def write_offline(page: Page, equipe: Equipe) -> None:
    """Lose the network, and write all the same."""
    enter(page, str(equipe.article.pk))
    page.keyboard.press("Control+End")
    page.context.set_offline(True)
    page.keyboard.type(" " + " ".join(WORDS))
    expect(page.locator("[data-wm-enregistrement]").first).to_contain_text(OFFLINE)
    page.wait_for_timeout(500)
    assert WORDS[-1] not in text_of(equipe.article)


def write_unheard(page: Page, equipe: Equipe) -> None:
    """Write while no save reaches the server, which answers all the rest."""
    enter(page, str(equipe.article.pk))
    intercept(page, "**/commits/**", lambda route: route.abort())
    page.keyboard.type(" " + " ".join(WORDS))
    expect(page.locator("[data-wm-enregistrement]").first).to_contain_text(OFFLINE)
    page.wait_for_timeout(500)


def reload_offline_then_return(page: Page, equipe: Equipe) -> None:
    """Reload while nobody answers, then find the network again."""
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    # A reload that fails may leave the page alive for an instant, to save as soon as it may.
    page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.goto(equipe.piece.get_absolute_url())
    page.wait_for_function(f"() => {KEPT} === 0 && ({SETTLED})()", timeout=30_000)


def lost(text: str) -> list[str]:
    """Words that are not there exactly once, and in the order they were typed."""
    wrong = [word for word in WORDS if text.count(word) != 1]
    return wrong or ([] if " ".join(WORDS) in text else ["the order"])


def left_behind(page: Page) -> list[str]:
    """All that the browser still keeps of the text, of the person or of her session."""
    kept = page.evaluate(ALL_STORED)
    said = json.dumps(kept)
    # A draft holds steps, often of one letter each.
    said += "".join(re.findall(r'"text":"([^"]*)"', "".join(kept["local"].values())))
    found = [word for word in WORDS if word in said]
    found += [key for store in ("local", "tab") for key in kept[store] if key.startswith("wm:")]
    found += [*kept["bases"], *kept["caches"]]
    return found + [one["name"] for one in page.context.cookies() if one["name"] == "seance"]


def sign_out(page: Page) -> None:
    """Press the button; agree to lose what waits, when it is asked."""
    # What the page asks meanwhile may arrive when nobody is signed in any more.
    page.expected_errors.append("401")
    page.locator("form[data-wm-signout] button").first.evaluate("(button) => button.click()")
    login = reverse("account_login")
    leave = page.get_by_role("button", name="Effacer et me déconnecter")
    page.wait_for_function(
        "(login) => location.pathname === login || document.querySelector('dialog[open]')",
        arg=login,
    )
    if leave.count():
        leave.click()
    page.wait_for_url(f"**{login}")


def test_the_text_is_kept_told_and_merged_with_what_others_wrote(nadia, equipe):
    page = nadia()
    write_offline(page, equipe)
    page.wait_for_function(f"() => {KEPT} === 1")
    other = equipe.browser("editeur", "herve")
    sent = words("Hervé écrit ici. ")
    assert other.send_json(commits_url(equipe.article), sent).status_code == 200
    reload_offline_then_return(page, equipe)
    text = text_of(equipe.article)
    assert lost(text) == []
    assert text.startswith("Hervé écrit ici. Le délai")
    shown = page.locator(f"#a-{equipe.article.pk} [data-wm-corps]")
    expect(shown).to_contain_text(WORDS[-1], timeout=30_000)
    assert lost(shown.inner_text()) == []
    sign_out(page)
    assert left_behind(page) == []
    page.go_back()
    page.wait_for_load_state()
    assert WORDS[0] not in page.content(), "the page of before is read again"


def test_where_it_has_no_place_any_more_the_conflict_is_shown_with_the_whole_text(nadia, equipe):
    page = nadia()
    write_offline(page, equipe)
    retire_article(by=equipe.gestionnaire, article=equipe.article, motif="Doublon")
    page.context.set_offline(False)
    page.goto(equipe.piece.get_absolute_url())
    aside = page.locator(".wm-ecarte blockquote")
    expect(aside.first).to_contain_text(WORDS[-1], timeout=30_000)
    # A save that had left already may have arrived before the article was retired.
    said = f"{text_of(equipe.article)} {' '.join(aside.all_inner_texts())}"
    assert lost(" ".join(said.split())) == []
    expect(page.locator("[data-wm-enregistrement]").first).to_contain_text("mise de côté")
    assert WORDS[-1] not in text_of(equipe.article)


def test_signing_out_leaves_nothing_of_a_text_that_never_left(nadia, equipe):
    page = nadia()
    write_unheard(page, equipe)
    assert left_behind(page), "the judge reads what a page keeps while it must"
    sign_out(page)
    assert left_behind(page) == []


def test_a_draft_kept_after_signing_out_is_seen(nadia, equipe):
    """Positive control: a browser where the erasing does nothing."""
    page = nadia(ERASES_NOTHING)
    write_unheard(page, equipe)
    sign_out(page)
    assert WORDS[0] in left_behind(page)


def test_without_its_draft_the_text_is_lost_and_seen_to_be(nadia, equipe):
    """Positive control: the same outage, in a browser that keeps nothing meanwhile."""
    page = nadia(KEEPS_NO_DRAFT)
    write_offline(page, equipe)
    assert page.evaluate(KEPT) == 0
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(equipe.piece.get_absolute_url())
    again.wait_for_function(SETTLED)
    # A save that has left already may still arrive; what followed it is gone.
    assert WORDS[-1] in lost(text_of(equipe.article))

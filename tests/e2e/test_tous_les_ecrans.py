"""Every screen of the site, on a narrow phone, at 200 % zoom and on a desk, light and dark: it fits, a finger can use it.

The screens are the addresses of tests/house/droits.txt that answer a page: a new one is judged at once.
"""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from procurement.marches.models import Marche
from procurement.marches.services import update_marche
from tests.services import services, wm
from tests.support.droits import address, table
from tests.support.process import Process, answers
from tests.support.scene import Scene, make_scene
from wikimarche.models import Article, Piece
from wikimarche.services import rename_piece


pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# 1280 × 800 at 200 % is 640 × 400 in CSS pixels.
SIZES = {"320 px": (320, 700), "200 %": (640, 400), "desk": (1280, 800)}
LONG = "Nettoyage des locaux administratifs, des lycées et des établissements publics régionaux"

DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""What a script arranges once it has measured the page is arranged (the labels of a timeline)."""
JUDGE = """() => {
  const faults = [], wide = document.documentElement.clientWidth;
  const say = (kind, el, more) => faults.push(
    `${kind}: <${el.tagName.toLowerCase()} class="${el.getAttribute("class") ?? ""}"> « ${(el.getAttribute("aria-label") || el.textContent).trim().slice(0, 40)} » ${more}`);
  if (document.documentElement.scrollWidth > wide) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  const parents = (el) => { const all = []; for (; el && el !== document.body; el = el.parentElement) all.push(el); return all; };
  const shown = (el) => el.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !el.closest("[inert], svg, script, style, template, .evite")
    && !parents(el).some((one) => { const { width, height } = one.getBoundingClientRect(); return getComputedStyle(one).clip !== "auto" || (width <= 1 && height <= 1 && one.offsetParent); });
  // On a desk alone, what an ellipsis cuts may be in a tooltip.
  const tooltip = (one) => wide > 991 && one.title && getComputedStyle(one).textOverflow === "ellipsis";
  const range = document.createRange();
  for (const el of document.body.querySelectorAll("*")) {
    const text = [...el.childNodes].find((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !shown(el)) continue;
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    let scrolls = false;
    for (const one of parents(el)) {
      const { overflowX, overflowY } = getComputedStyle(one), frame = one.getBoundingClientRect();
      scrolls ||= ["auto", "scroll"].includes(overflowX);
      if (tooltip(one)) break;
      if (!scrolls && ["hidden", "clip"].includes(overflowX) && (box.right > frame.right + 1 || box.left < frame.left - 1)) say("cut across", el, "");
      if (["auto", "scroll"].includes(overflowY)) break;
      if (["hidden", "clip"].includes(overflowY) && (box.bottom > frame.bottom + 2 || box.top < frame.top - 2)) say("cut below", el, "");
    }
    if (!scrolls && (box.right > wide + 1 || box.left < -1)) say("off the screen", el, `${Math.round(box.left)}–${Math.round(box.right)}`);
  }
  for (const el of document.body.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [role=slider]")) {
    if (!shown(el)) continue;
    const label = el.matches("[type=checkbox], [type=radio]") && el.labels[0];
    const { width, height } = (label || el).getBoundingClientRect();
    const sentence = el.tagName === "A" && getComputedStyle(el).display === "inline" && el.parentElement.textContent.trim().length > el.textContent.trim().length + 2;
    if (!sentence && (width < 23.5 || height < 23.5)) say("too small for a finger", el, `${Math.round(width)} × ${Math.round(height)}`);
    const box = el.getBoundingClientRect(), middle = (box.top + box.bottom) / 2;
    for (const x of [box.left + 3, box.right - 3]) {
      const top = document.elementFromPoint(x, middle);
      if (!top || sentence || parents(el).some(tooltip) || el.contains(top) || top.contains(el) || (label && label.contains(top)) || parents(top).some((one) => ["fixed", "sticky"].includes(getComputedStyle(one).position))) continue;
      if (parents(el).some((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowY) && one.getBoundingClientRect().bottom < middle)) continue;
      say("covered", el, `by <${top.tagName.toLowerCase()} class="${top.className}">`);
    }
  }
  return faults;
}"""


@pytest.fixture
def scene(cloned_database) -> Scene:
    """An object of every kind, with names as long as those of real marchés."""
    made = make_scene()
    by = made.people["gestionnaire"]
    update_marche(by=by, marche=Marche.objects.get(pk=made.objets["marche"]), objet=LONG)
    rename_piece(
        by=by,
        piece=Piece.objects.get(pk=made.objets["piece"]),
        titre="Cahier des clauses administratives particulières et de leurs annexes",
    )
    assert Article.objects.filter(piece=made.objets["piece"]).count() > 2
    return made


@pytest.fixture
def live_server_process(cloned_database) -> Iterator[Process]:
    port = wm.free_port(services.valkey.port + 10)
    url = f"http://127.0.0.1:{port}"
    options = [f"--port={port}", "--no-proxy-headers"]
    process = Process(
        "web",
        ["uvicorn", "procurement.asgi:application", *options],
        services.environment(cloned_database, PUBLIC_URL=url, DEMO="1"),
    )
    process.url = url
    process.start(lambda: answers(url))
    yield process
    process.stop()


def screens(scene: Scene) -> dict[str, str]:
    """Address → who looks at it: the gestionnaire when allowed, otherwise whoever is, otherwise a visitor."""
    found = {"/nulle-part/": "gestionnaire"}
    for row in table():
        if row.method == "GET":
            allowed = [actor for actor, status in row.expected.items() if status == 200]
            who = (
                "gestionnaire"
                if row.expected["gestionnaire"] == 200
                else (allowed or ["anonyme"])[0]
            )
            found[address(row.route, scene.objets.get(row.objet))] = who
    who = scene.objets
    found |= {
        f"/pieces/{who[name]}/": "gestionnaire" for name in ("piece_en_relecture", "piece_retiree")
    }
    return found | {
        "/compte/connexion/": "anonyme",
        f"/articles/{who['article_retire']}/": "editeur",
    }


def judge(page: Page, url: str) -> list[str]:
    faults = []
    for label, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(DRAWN)
        faults += [f"{url} at {label}: {fault}" for fault in page.evaluate(JUDGE)]
    for theme, width in (("dark", 1280), ("light", 320)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 800})
        result = Axe().run(page, options=OPTIONS)
        faults += [
            f"{url} {theme} {width} px: {one['id']} {one['nodes'][0]['html'][:120]}"
            for one in result.response["violations"]
        ]
    return faults


def test_every_screen_reflows_and_is_accessible(new_page, scene, live_server_url):
    faults, seen, pages = [], [], {}
    for url, who in screens(scene).items():
        if who not in pages:
            pages[who] = new_page(reduced_motion="reduce")
            pages[who].expected_errors += ["status of 40", "status of 429"]
            if who in scene.sessions:
                cookie = {"name": "seance", "value": scene.sessions[who], "url": live_server_url}
                pages[who].context.add_cookies([cookie])
        page = pages[who]
        answer = page.context.request.get(url)
        if "text/html" not in answer.headers["content-type"] or "<html" not in answer.text():
            continue
        page.goto(url)
        seen.append(url)
        faults += judge(page, url)
    assert not faults, "\n".join(sorted(set(faults)))
    assert len(seen) > 40


def test_the_menu_of_the_account_with_the_keyboard(new_page, scene, live_server_url):
    page = new_page((320, 700), reduced_motion="reduce")
    cookie = {"name": "seance", "value": scene.sessions["gestionnaire"], "url": live_server_url}
    page.context.add_cookies([cookie])
    page.goto("/droits/")
    menu = page.locator("details[data-wm-menu]").first
    items = menu.locator(".dropdown-item")
    menu.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("End")
    expect(items.last).to_have_text("Se déconnecter")
    expect(items.last).to_be_focused()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.screenshot(path=wm.ROOT / "var" / "captures" / f"menu-compte-{theme}.png")
        assert page.evaluate(JUDGE) == []
        assert not Axe().run(page, options=OPTIONS).response["violations"]
    page.keyboard.press("Escape")
    expect(menu.locator("summary")).to_be_focused()
    expect(items.first).to_be_hidden()


def test_the_judge_sees_what_is_wrong(new_page):
    page = new_page()
    page.set_content(
        '<main style="width:2000px">large</main><a href="#">x</a>'
        '<p style="width:60px;overflow:hidden;white-space:nowrap">un texte bien trop long</p>'
        '<button style="width:90px">Avant</button><button style="margin-left:-50px;position:relative">Après</button>'
    )
    faults = " ".join(page.evaluate(JUDGE))
    for kind in ("px wide", "too small", "cut across", "covered"):
        assert kind in faults

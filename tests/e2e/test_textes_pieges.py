"""Hostile texts in a real browser: saved by the API, pasted, dropped, and looked at everywhere (B01, B03, B04).

The fixture `new_page` fails on any breach of the CSP, any exception and any request to another host.
"""

import html

import pytest
from django.urls import reverse

from procurement.accounts.services import edit_profile
from procurement.marches.services import set_criteres, set_lots, update_marche
from tests.procurement.marches.factories import InvitationFactory
from tests.support.client import Browser
from tests.support.equipe import commit, commits_url, make_equipe, text_of
from tests.wikimarche.domain.factories import insert, link
from tests.wikimarche.factories import ArticleFactory, type_words
from wikimarche.selectors import last_version
from wikimarche.services import name_version, rename_piece


pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FIRE = "window.__xss=1"
OUT = "//mechant.example/a"
PAYLOADS = [
    f"<script>{FIRE}</script>",
    f"</textarea></title></style><script>{FIRE}</script>",
    f"<svg onload={FIRE}>",
    f"<svg><script>{FIRE}</script></svg>",
    f"<svg><animate onbegin={FIRE} attributeName=x dur=1s>",
    f"<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload={FIRE}>#x'>",
    f"<img src=x onerror={FIRE}>",
    f"<img src='{OUT}.png'>",
    f"<image src=x onerror={FIRE}>",
    f"<math><mtext><table><mglyph><style><img src onerror={FIRE}></style></mglyph></table></mtext></math>",
    f"<math href='javascript:{FIRE}'>x</math>",
    f"<noscript><p title='</noscript><img src=x onerror={FIRE}>'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={FIRE}>",
    f"<iframe srcdoc='<script>parent.{FIRE}</script>'></iframe>",
    f"<iframe src='javascript:parent.{FIRE}'></iframe>",
    f"<object data='data:text/html,<script>parent.{FIRE}</script>'></object>",
    f"<embed src='{OUT}.swf'>",
    f"<a href='javascript:{FIRE}'>lien</a>",
    f"<a href='{OUT}'>lien sans schéma</a>",
    f"<form action='{OUT}'><input name=a autofocus onfocus={FIRE}></form>",
    f"<p style=\"background:url('{OUT}')\" onclick={FIRE}>x</p>",
    f"<style>@import '{OUT}';body{{background:url({OUT})}}</style>",
    f"<link rel=stylesheet href='{OUT}.css'><meta http-equiv=refresh content='0;url={OUT}'>",
    f"<base href='{OUT}'><details open ontoggle={FIRE}>x</details>",
    "{{constructor.constructor('window.__xss=1')()}}${window.__xss=1}<template><script>window.__xss=1</script></template>",
]
LINKS = ["javascript:window.__xss=1", "JaVaScRiPt:1", " javascript:1", "data:text/html,<script>1", OUT,
         "https:evil", "vbscript:1", "\tjavascript:1", "//evil.example", "/\\evil.example"]  # fmt: skip
LOOKS = "() => window.__xss === undefined && !document.querySelector('img[src*=mechant], iframe, object, embed, [onload], [onerror], [onclick], base')"


@pytest.fixture
def site_options():
    """Without second factor: a gestionnaire would meet its page, and no other, at every address."""
    return {"DEMO": "on"}


@pytest.fixture
def equipe(live_server_url, settings):
    settings.DEMO = True
    return make_equipe()


@pytest.fixture
def sign_in(new_page, live_server_url):
    def open_for(user):
        page = new_page()
        cookies = Browser(user).cookies
        page.context.add_cookies(
            [
                {"name": name, "value": cookies[name].value, "url": live_server_url}
                for name in cookies
            ]
        )
        return page

    return open_for


def send(equipe, article, *steps, **said):
    article.refresh_from_db()
    browser = equipe.browser()
    return browser.send_json(commits_url(article), commit(article.numero, *steps, **said))


def look_at(page, url):
    """The page itself, and not one that asks who is there."""
    assert page.goto(url).status == 200
    assert page.url.endswith(url)
    assert page.evaluate(LOOKS), url


def look_everywhere(page, equipe, article):
    piece, marche = equipe.piece, equipe.marche
    urls = [
        piece.get_absolute_url(),
        reverse("wikimarche:article_detail", args=[article.pk]),
        reverse("wikimarche:version_list", args=[piece.pk]),
        reverse("wikimarche:version_detail", args=[piece.pk, last_version(piece).numero]),
        reverse("wikimarche:piece_compare", args=[piece.pk]) + "?de=1",
        reverse("marches:marche_detail", args=[marche.pk]),
        reverse("marches:marche_list"),
        "/",
    ]
    for url in urls:
        look_at(page, url)
        page.wait_for_load_state("networkidle")
        page.emulate_media(media="print")
        assert page.evaluate(LOOKS), f"{url}, printed"
        page.emulate_media(media="screen")


@pytest.mark.attaque("B01")
def test_hostile_texts_saved_in_an_article_stay_texts(equipe, sign_in):
    for payload in PAYLOADS:
        assert send(equipe, equipe.article, insert(1, f"{payload} ")).status_code == 200
        note = {"type": "note_bas_de_page", "attrs": {"texte": payload}}
        step = {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [note]}}
        assert send(equipe, equipe.article, step).status_code == 200
        assert payload in text_of(equipe.article)
    before = text_of(equipe.article)
    for href in LINKS:
        assert send(equipe, equipe.article, insert(1, "lien", link(href))).status_code == 400, href
    assert text_of(equipe.article) == before
    page = sign_in(equipe.person())
    look_everywhere(page, equipe, equipe.article)
    page.goto(equipe.piece.get_absolute_url())
    enter(page, equipe.article)
    assert page.evaluate(LOOKS)
    assert PAYLOADS[-2] in page.locator(".ProseMirror").first.inner_text().replace("\n", "")


def enter(page, article):
    page.wait_for_selector(f"#a-{article.pk} [data-wm-ecrire]", state="attached")
    page.locator(f"#a-{article.pk} [data-wm-ecrire]").evaluate("(button) => button.click()")
    page.wait_for_selector(f"#a-{article.pk}.wm-ecrit .ProseMirror-focused")


PASTE = """([html, kind]) => { const data = new DataTransfer();
  if (kind === "drop-file") data.items.add(new File([html], "a.html", {type: "text/html"}));
  else { data.setData("text/html", html); data.setData("text/plain", "collé"); }
  const target = document.querySelector(".ProseMirror"), box = target.getBoundingClientRect();
  const options = {bubbles: true, cancelable: true};
  target.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", {...options, clipboardData: data})
    : new DragEvent("drop", {...options, dataTransfer: data, clientX: box.x + 20, clientY: box.y + 10})); }"""


@pytest.mark.attaque("B03")
@pytest.mark.parametrize("kind", ["paste", "drop", "drop-file"])
def test_hostile_pages_pasted_or_dropped_run_nothing(equipe, sign_in, kind):
    page = sign_in(equipe.person())
    page.goto(equipe.piece.get_absolute_url())
    enter(page, equipe.article)
    # The pasted page is read in a document apart, where the policy itself refuses its styles and its
    # base and says so: a shield that holds. Nothing else may be reported.
    page.expected_errors += ["Applying inline style violates", "Setting the document's base URI"]
    for payload in PAYLOADS:
        page.evaluate(PASTE, [f"<p>avant</p>{payload}<p>après</p>", kind])
        assert page.evaluate("window.__xss === undefined"), payload
    page.wait_for_timeout(1500)
    assert page.evaluate(LOOKS)
    assert page.url.endswith(equipe.piece.get_absolute_url())
    page.reload()
    assert page.evaluate(LOOKS)


@pytest.mark.attaque("B04")
def test_hostile_names_and_titles_stay_words(equipe, sign_in):
    by, marche, piece = equipe.gestionnaire, equipe.marche, equipe.piece
    for payload in PAYLOADS:
        ArticleFactory(piece=piece, titre=payload[:250], texte="Texte.")
    hostile = PAYLOADS[6]
    for user in (by, equipe.person()):
        edit_profile(by=user, prenom=hostile, nom=PAYLOADS[2])
        type_words(user, equipe.article, "Des mots ")
    update_marche(by=by, marche=marche, objet=hostile, lieu_execution=hostile)
    set_lots(by=by, marche=marche, lots=[{"intitule": hostile}])
    set_criteres(
        by=by, marche=marche, criteres=[{"intitule": hostile, "nature": "prix", "poids": 50}]
    )
    rename_piece(by=by, piece=piece, titre=hostile)
    name_version(by=by, piece=piece, nom=hostile)
    InvitationFactory(marche=marche, mot=hostile)
    page = sign_in(by)
    look_everywhere(page, equipe, equipe.article)
    for route in ("history_read", "marche_update", "lots_set", "criteres_set"):
        look_at(page, reverse(f"marches:{route}", args=[marche.pk]))


# ── Positive controls ───────────────────────────────────────────────────────────────────────────


def test_the_sentinel_does_fire(page):
    """On a page that has neither our escaping nor our policy."""
    page.set_content(f"<p>x</p><img src='data:,' onerror='{FIRE}'>")
    page.wait_for_function("window.__xss === 1")
    assert not page.evaluate(LOOKS)


def take_down(page, *, policy: bool) -> None:
    """The pages of the site as they are served, the text written into them as it was typed."""
    page.expected_errors.append("")

    def serve(route):
        if route.request.resource_type != "document":
            return route.continue_()
        answer = route.fetch()
        kept = {
            name: value
            for name, value in answer.headers.items()
            if policy or name != "content-security-policy"
        }
        return route.fulfill(response=answer, headers=kept, body=html.unescape(answer.text()))

    page.route("**/*", serve)


@pytest.mark.attaque("B01")
@pytest.mark.attaque("B04")
@pytest.mark.parametrize("field", ["text", "title of an article", "title of a pièce"])
@pytest.mark.parametrize("policy", [True, False], ids=["policy kept", "no policy"])
def test_without_our_escaping_the_same_page_is_caught_and_without_our_policy_it_runs(
    equipe, sign_in, field, policy
):
    """One wall stops the code and the page is judged red all the same; without both, it runs."""
    hostile = PAYLOADS[6]
    if field == "text":
        assert send(equipe, equipe.article, insert(1, hostile)).status_code == 200
    elif field == "title of an article":
        ArticleFactory(piece=equipe.piece, titre=hostile, texte="Texte.")
    else:
        rename_piece(by=equipe.gestionnaire, piece=equipe.piece, titre=hostile)
    page = sign_in(equipe.person())
    take_down(page, policy=policy)
    page.goto(equipe.piece.get_absolute_url())
    page.wait_for_selector("img[onerror]", state="attached")
    page.wait_for_load_state("networkidle")
    assert not page.evaluate(LOOKS)
    if policy:
        assert page.evaluate("window.__xss === undefined")
    else:
        page.wait_for_function("window.__xss === 1")


NAIVE = """() => { const target = document.querySelector(".ProseMirror");
  const put = (html) => { const held = document.createElement("div"); held.innerHTML = html; target.append(held) };
  const take = (event, data) => { event.preventDefault();
    data.files.length ? data.files[0].text().then(put) : put(data.getData("text/html")) };
  target.addEventListener("paste", (event) => take(event, event.clipboardData));
  target.addEventListener("drop", (event) => take(event, event.dataTransfer)); }"""


@pytest.mark.attaque("B03")
@pytest.mark.parametrize("kind", ["paste", "drop", "drop-file"])
def test_an_editor_that_takes_what_is_pasted_runs_it(page, kind):
    """The same events reach an editor that reads them as they come, on a page without our policy."""
    page.expected_errors.append("")
    page.set_content("<div class=ProseMirror contenteditable>x</div>")
    page.evaluate(NAIVE)
    page.evaluate(PASTE, [f"<p>avant</p>{PAYLOADS[6]}", kind])
    page.wait_for_function("window.__xss === 1")
    assert not page.evaluate(LOOKS)

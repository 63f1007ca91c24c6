"""The whole path on the real site: a marché opened, a CCAP imported, written by two, compared, proved, printed.

Real server, real worker, real browsers. The document is the model of a public body when the
reference data are here, otherwise one that the project writes itself.
"""

import email
import email.policy
import io
import os
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from procurement.accounts.models import User
from procurement.accounts.services import create_user
from procurement.marches.services import create_marche
from procurement.organisations.enums import Fonction, TypeOrganisation
from procurement.organisations.services import add_member, create_organisation
from tests.conftest import LARGE, SMALL
from tests.services import services, wm
from tests.support.process import Process, answers
from wikimarche.domain.repair import new_block_id
from wikimarche.models import Article, Piece, Version
from wikimarche.reports.contents import ArticleContent, PieceContent
from wikimarche.reports.docx import write_docx
from wikimarche.services import create_piece, import_document, read_document, receive_document


pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PASSWORD = "essai-de-redaction-a-plusieurs"
REFERENCE = Path(os.environ.get("WM_DATA", wm.ROOT.parent / "shared" / "data"))
CCAP = REFERENCE / "dce" / "afpa-modeles" / "Afpa_CCAP_modele.docx"
CAPTURES = wm.ROOT / "var" / "captures"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTLED = """() => { const page = document.querySelector("[data-wm-piece]")?.wmPage;
  return page && [...page.seances.values()].every((seance) => !seance.dirty); }"""


# ── The site of these tests: mails in a folder, known passwords ─────────────────────────────────


@pytest.fixture
def outbox(tmp_path) -> Path:
    """Where the mails of the site are written."""
    folder = tmp_path / "courriels"
    folder.mkdir()
    return folder


@pytest.fixture
def live_server_process(cloned_database, outbox) -> Iterator[Process]:
    port = wm.free_port(services.valkey.port + 10)
    url = f"http://127.0.0.1:{port}"
    process = Process(
        "web",
        ["uvicorn", "procurement.asgi:application", f"--port={port}", "--no-proxy-headers"],
        services.environment(cloned_database, PUBLIC_URL=url, DEMO="1"),
    )
    process.url = url
    process.start(lambda: answers(url))
    yield process
    process.stop()


@pytest.fixture
def worker(live_server_process, cloned_database, outbox) -> Iterator[Process]:
    services.valkey.flush()
    options = ["--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO"]
    process = Process(
        "worker",
        ["celery", "-A", "procurement", "worker", *options],
        services.environment(
            cloned_database,
            role="app_worker",
            PUBLIC_URL=live_server_process.url,
            EMAIL_URL=f"filemail:///{outbox}",
            DEMO="1",
        ),
    )
    process.start(lambda: b" ready." in process.log.read_bytes())
    yield process
    process.stop()


@pytest.fixture
def people(cloned_database) -> dict[str, User]:
    """One organisation, and those who work in it."""
    organisation = create_organisation(
        by=None, nom="Région Armor-Loire", type=TypeOrganisation.ACHETEUR, siret="00032145500016"
    )
    found = {}
    for key, prenom, nom, fonction in (
        ("nadia", "Nadia", "Belkacem", Fonction.AGENT),
        ("herve", "Hervé", "Tanguy", Fonction.AGENT),
        ("paul", "Paul", "Le Goff", Fonction.AGENT),
        ("aminata", "Aminata", "Diallo", Fonction.JURISTE),
    ):
        user = create_user(
            by=None, email=f"{key}@essai.example", prenom=prenom, nom=nom, password=PASSWORD
        )
        add_member(by=None, organisation=organisation, user=user, fonction=fonction)
        found[key] = user
    found["organisation"] = organisation
    return found


# ── The document ────────────────────────────────────────────────────────────────────────────────


def paragraph(text: str) -> dict:
    return {
        "type": "paragraph",
        "attrs": {"id": new_block_id(text, 0)},
        "content": [{"type": "text", "text": text}],
    }


def write_ccap() -> bytes:
    """A short CCAP in Word, by the writer of the exports."""
    rows = (
        ("1", 1, "Objet du marché", "Le marché porte sur l’entretien des espaces verts."),
        ("1.1", 2, "Forme du marché", "Le marché est un accord-cadre à bons de commande."),
        ("2", 1, "Durée", "Le marché court à compter de sa notification."),
        ("3", 1, "Pénalités", "Tout retard ouvre droit à une pénalité forfaitaire."),
        ("3.1", 2, "Retard", "La pénalité est de cent euros par jour ouvré."),
        ("4", 1, "Règlement des comptes", "Le délai global de paiement est de trente jours."),
    )
    return write_docx(
        PieceContent(
            titre="Cahier des clauses administratives particulières",
            type_libelle="CCAP",
            marche="Entretien des espaces verts",
            organisation="Région Armor-Loire",
            version="1",
            empreinte="0" * 64,
            instant=datetime(2026, 3, 12, 14, 5, tzinfo=UTC),
            articles=tuple(
                ArticleContent(
                    str(uuid.uuid4()),
                    numero,
                    niveau,
                    titre,
                    {"type": "doc", "content": [paragraph(texte)]},
                )
                for numero, niveau, titre, texte in rows
            ),
        )
    )


@pytest.fixture(params=["modele", "maison"])
def document(request, tmp_path) -> Path:
    if request.param == "modele":
        if not CCAP.exists():
            pytest.skip(f"données de référence absentes : {CCAP.name}")
        return CCAP
    if CCAP.exists():
        pytest.skip("le modèle de référence est là, il est essayé à sa place")
    made = tmp_path / "CCAP espaces verts.docx"
    made.write_bytes(write_ccap())
    return made


# ── Gestures ────────────────────────────────────────────────────────────────────────────────────


def look(page: Page, name: str, *, dark: bool = False) -> None:
    """Judge a screen: it fits at both sizes, axe finds nothing, its pictures are kept."""
    CAPTURES.mkdir(parents=True, exist_ok=True)
    for size, label in ((SMALL, "mobile"), (LARGE, "bureau")):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.screenshot(path=CAPTURES / f"{name}-{label}.png")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], f"{name} overflows at {size[0]} px: {wide}"
        result = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert not result.response["violations"], f"{name}-{label}: {result.generate_report()}"
    if dark:
        page.emulate_media(color_scheme="dark")
        page.evaluate("Promise.allSettled(document.getAnimations().map((each) => each.finished))")
        page.screenshot(path=CAPTURES / f"{name}-sombre.png")
        result = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert not result.response["violations"], f"{name}-sombre: {result.generate_report()}"
        page.emulate_media(color_scheme="light")


def sign_in(page: Page, user: User, *, then: str = "/") -> None:
    page.goto(f"/compte/connexion/?next={then}")
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    # Not the address alone: that of the sign-in page ends with the one asked for.
    page.wait_for_url(lambda url: urlsplit(url).path == then)


RESTED = "() => new Promise((done) => setTimeout(done, 40))"
"""ProseMirror puts its own selection back 20 ms after it takes the keyboard: no hand is that fast."""


def enter(page: Page, article: str) -> None:
    """Put the cursor at the end of an article."""
    page.wait_for_selector(f"#a-{article} [data-wm-ecrire]", state="attached")
    page.locator(f"#a-{article} [data-wm-ecrire]").evaluate("(button) => button.click()")
    page.wait_for_selector(f"#a-{article}.wm-ecrit .ProseMirror-focused")
    page.evaluate(RESTED)


def written_articles(page: Page) -> list[str]:
    """Articles made of paragraphs only, with some text."""
    return page.eval_on_selector_all(
        "[data-wm-article]",
        """(sections) => sections.filter((section) => {
          const corps = section.querySelector("[data-wm-corps]");
          return [...corps.children].every(({ tagName }) => tagName === "P") && corps.innerText.trim().length > 20;
        }).map((section) => section.dataset.wmArticle)""",
    )


def settle(page: Page) -> None:
    page.wait_for_function(SETTLED, timeout=20_000)


def say(page: Page, words: str) -> None:
    expect(
        page.locator(".wm-messages, [data-wm-toasts]").filter(has_text=words).first
    ).to_be_visible()


def read_mail(outbox: Path, to: str, page: Page) -> str:
    """The link of the invitation sent to an address."""
    for _ in range(60):
        for path in sorted(outbox.iterdir()):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if to in str(message["To"]):
                body = message.get_body(("plain",)).get_content()
                return re.search(r"https?://\S+/invitation/\S+", body)[0]
        page.wait_for_timeout(500)
    raise AssertionError(f"No mail to {to}")


def invite(page: Page, marche: str, who: User, role: str, mot: str = "") -> None:
    page.goto(f"{marche}inviter/")
    page.get_by_label("Adresse électronique").fill(who.email)
    page.get_by_role("radio", name=role, exact=True).check()
    if mot:
        page.get_by_label("Un mot pour cette personne").fill(mot)
    page.get_by_role("button", name="Envoyer l’invitation").click()
    say(page, who.email)


def accept(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Accepter l’invitation").click()
    say(page, "de ce marché")


# ── The path ────────────────────────────────────────────────────────────────────────────────────


def test_rediger_a_plusieurs(new_page, people, worker, outbox, document, cloned_database):
    nadia, herve = new_page(), new_page()
    sign_in(nadia, people["nadia"])
    look(nadia, "accueil-vide")
    marche = open_marche(nadia)
    piece = import_ccap(nadia, marche, document)
    look(nadia, "marche", dark=True)

    invite(nadia, marche, people["herve"], "Éditeur", "Peux-tu relire ce CCAP ?")
    invite(nadia, marche, people["paul"], "Commentateur")
    link = read_mail(outbox, people["herve"].email, nadia)
    herve.goto(link)
    look(herve, "invitation")
    sign_in(herve, people["herve"])
    look(herve, "accueil-invitation")
    accept(herve, link)

    first = write_together(nadia, herve, piece)
    move_with_keys(nadia, herve, piece)
    follow_the_fiche(nadia, marche, piece, first)
    compare(nadia, herve, piece, first)
    refuse_the_reader(new_page(), people["paul"], piece, first, outbox)
    prove(new_page(), nadia, people["aminata"], marche)
    print_pdf(nadia, piece)
    look_around(nadia, piece, first)


def open_marche(page: Page) -> str:
    page.get_by_role("link", name="Ouvrir un marché").click()
    look(page, "ouvrir")
    page.get_by_label("Qu’achetez-vous").fill("Entretien des espaces verts des lycées")
    page.get_by_role("button", name="Ouvrir le marché").click()
    say(page, "Le marché est ouvert")
    look(page, "marche-neuf")
    marche = page.url
    page.get_by_role("link", name="Modifier la fiche").click()
    page.get_by_label("Durée").fill("48")
    page.get_by_label("Montant estimé").fill("1 240 000,00")
    page.get_by_label("Code CPV").fill("77310000")
    page.get_by_label("Nature").select_option(label="Services")
    look(page, "fiche", dark=True)
    page.get_by_role("button", name="Enregistrer la fiche").click()
    say(page, "La fiche est à jour")
    expect(page.locator(".wm-fiche")).to_contain_text("48\u00a0mois")
    for name, fill in (("lots", "Lycées du littoral"), ("criteres", "Prix")):
        page.goto(f"{marche}{name}/")
        page.get_by_label("Intitulé").first.fill(fill)
        if name == "criteres":
            page.get_by_label("Nature").first.select_option("prix")
            page.get_by_label("Poids").first.fill("100")
        look(page, name)
        page.get_by_role("button", name="Enregistrer").click()
        say(page, "à jour")
    page.goto(f"{marche}inviter/")
    look(page, "inviter")
    page.goto(marche)
    return marche


def import_ccap(page: Page, marche: str, document: Path) -> str:
    page.goto(marche)
    page.get_by_role("link", name="Ajouter une pièce").first.click()
    page.get_by_label("Type de pièce").select_option("CCAP")
    look(page, "ajouter-piece")
    page.get_by_role("button", name="Ajouter la pièce").click()
    look(page, "piece-vide")
    piece = page.url
    page.goto(f"{piece}importer/")
    look(page, "importer")
    page.expected_errors.append("400")
    file = page.locator("input[type=file]")
    file.set_input_files(
        {"name": "faux.docx", "mimeType": "application/octet-stream", "buffer": b"PK\x03\x04 faux"}
    )
    page.get_by_role("button", name="Lire le document").click()
    expect(page.locator(".erreur").first).to_be_visible()
    look(page, "importer-refuse")
    page.locator("input[type=file]").set_input_files(document)
    page.get_by_role("button", name="Lire le document").click()
    page.wait_for_url("**/importations/**")
    expect(page.locator(".wm-decoupage")).to_be_visible(timeout=90_000)
    look(page, "decoupage")
    page.reload()
    rows = page.locator(".wm-decoupage > li")
    count = rows.count()
    assert count >= 6
    rows.nth(0).locator("summary").click()
    rows.nth(0).get_by_label("Titre").fill("Objet et forme du marché")
    rows.nth(0).get_by_role("button", name="Renommer").click()
    expect(rows.nth(0)).to_contain_text("Objet et forme du marché")
    rows.nth(1).locator("summary").click()
    rows.nth(1).get_by_role("button", name="Fusionner avec l’article précédent").click()
    expect(rows).to_have_count(count - 1)
    page.get_by_role("button", name="Annuler la dernière correction").click()
    expect(rows).to_have_count(count)
    low = page.locator(".wm-decoupage > li:not([data-niveau='1'])").first.get_attribute("id")
    page.locator(f"#{low} summary").click()
    up = page.locator(f"#{low}").get_by_role("button", name="Remonter d’un niveau")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#decoupage-numero")).to_have_value("5")
    expect(up).to_be_focused()
    page.get_by_role("button", name="Annuler la dernière correction").click()
    expect(page.locator("#decoupage-numero")).to_have_value("6")
    page.get_by_role("button", name=re.compile("^Mettre")).click()
    say(page, "Le document est dans la pièce")
    expect(page.locator("[data-wm-article]")).to_have_count(count)
    expect(page.locator("[data-wm-article]").first).to_contain_text("Objet et forme du marché")
    look(page, "piece", dark=True)
    page.goto(marche)
    return piece


def write_together(nadia: Page, herve: Page, piece: str) -> str:
    """Both type in the same article at the same time; each sees the other's words."""
    for page in (nadia, herve):
        page.goto(piece)
    article = written_articles(nadia)[0]
    enter(nadia, article)
    enter(herve, article)
    herve.evaluate("document.querySelector('[data-wm-piece]').wmPage.place({ edge: 'start' })")
    for n in range(6):
        nadia.keyboard.type(f" alpha{n}")
        herve.keyboard.type(f"bravo{n} ")
    for page in (nadia, herve):
        settle(page)
        body = page.locator(f"#a-{article} [data-wm-corps]")
        for n in range(6):
            expect(body).to_contain_text(f"alpha{n}", timeout=15_000)
            expect(body).to_contain_text(f"bravo{n}", timeout=15_000)
    # His is whole: he has the last sign she typed; of his own, the last one may still be on its way to her.
    theirs = herve.locator(f"#a-{article} [data-wm-corps]").inner_text()
    expect(nadia.locator(f"#a-{article} [data-wm-corps]")).to_have_text(
        theirs, use_inner_text=True, timeout=15_000
    )
    expect(nadia.locator("[data-wm-presences]")).to_have_attribute(
        "aria-label", re.compile("Hervé Tanguy"), timeout=15_000
    )
    look(nadia, "piece-a-deux", dark=True)
    expect(nadia.locator("[data-wm-enregistrement]")).to_contain_text("Enregistré à")
    return article


def move_with_keys(nadia: Page, herve: Page, piece: str) -> None:
    """An entry of the outline goes down with Alt+Maj+Bas; the other page follows."""
    top = nadia.locator("[data-wm-sommaire] > li")
    first, second = (top.nth(n).get_attribute("data-wm-entree") for n in (0, 1))
    top.nth(0).locator("a").first.focus()
    nadia.keyboard.press("Alt+Shift+ArrowDown")
    expect(top.nth(0)).to_have_attribute("data-wm-entree", second)
    expect(herve.locator("[data-wm-sommaire] > li").nth(0)).to_have_attribute(
        "data-wm-entree", second, timeout=15_000
    )
    top.nth(1).locator("a").first.focus()
    nadia.keyboard.press("Alt+Shift+ArrowUp")
    expect(top.nth(0)).to_have_attribute("data-wm-entree", first)


def follow_the_fiche(page: Page, marche: str, piece: str, article: str) -> None:
    """A datum of the fiche put in the text follows the fiche."""
    page.goto(piece)
    enter(page, article)
    page.keyboard.type(" Durée : ")
    page.get_by_role("button", name="Donnée de la fiche du marché").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill("durée")
    page.keyboard.press("Enter")
    body = page.locator(f"#a-{article} [data-wm-corps]")
    expect(body.locator(".wm-variable")).to_contain_text("48")
    settle(page)
    page.goto(f"{marche}fiche/")
    page.get_by_label("Durée").fill("36")
    page.get_by_role("button", name="Enregistrer la fiche").click()
    say(page, "La fiche est à jour")
    page.goto(piece)
    expect(body.locator(".wm-variable")).to_contain_text("36")


def compare(nadia: Page, herve: Page, piece: str, article: str) -> None:
    nadia.goto(f"{piece}versions/")
    nadia.get_by_label("Nom de la version").fill("Envoi aux directions")
    nadia.get_by_role("button", name="Nommer la version").click()
    say(nadia, "Envoi aux directions")
    look(nadia, "versions")
    herve.goto(piece)
    enter(herve, article)
    herve.keyboard.type(" Phrase ajoutée après l’envoi.")
    settle(herve)
    enter(herve, next(other for other in written_articles(herve) if other != article))
    herve.keyboard.type(" Une autre phrase.")
    settle(herve)
    nadia.goto(f"{piece}comparer/")
    expect(nadia.locator("h1")).to_contain_text("Envoi aux directions")
    counter = nadia.locator("[data-wm-compteur]")
    expect(counter).to_have_text("Changement 1 sur 2")
    nadia.get_by_role("button", name="Changement suivant").click()
    expect(counter).to_have_text("Changement 2 sur 2")
    nadia.keyboard.press("k")
    expect(counter).to_have_text("Changement 1 sur 2")
    expect(nadia.locator("ins").first).to_contain_text("Phrase")
    nadia.get_by_role("button", name=re.compile("^Texte")).click()
    expect(nadia.locator(".wm-chg li:visible")).to_have_count(2)
    look(nadia, "comparer", dark=True)
    nadia.get_by_role("button", name="Côte à côte").click()
    expect(nadia.locator(".wm-cotes").first).to_be_visible()
    look(nadia, "comparer-cote")
    nadia.get_by_role("button", name="Dans le texte").click()
    nadia.get_by_role("button", name="Restaurer cet article").click()
    nadia.get_by_role("dialog").get_by_role("button", name="Restaurer l’article").click()
    say(nadia, "rien n’est effacé")
    body = nadia.locator(f"#a-{article} [data-wm-corps]")
    expect(body).not_to_contain_text("Phrase ajoutée")
    expect(body).to_contain_text("alpha5")


def refuse_the_reader(page: Page, paul: User, piece: str, article: str, outbox: Path) -> None:
    """A commentateur reads, and writes through no route."""
    page.expected_errors.extend(["403", "404"])
    sign_in(page, paul)
    page.goto(piece)
    expect(page.locator("h1")).to_contain_text("Cette page n’existe pas")
    look(page, "introuvable")
    accept(page, read_mail(outbox, paul.email, page))
    page.goto(piece)
    expect(page.locator(".wm-lecture")).to_contain_text("Vous lisez cette pièce")
    look(page, "piece-lecture")
    before = Article.objects.get(pk=article)
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    root = page.url.split("/pieces/")[0]
    headers = {"X-CSRFToken": token, "Referer": page.url}
    tries = {
        f"{root}/articles/{article}/deplacer/": {"form": {"sens": "bas"}},
        f"{root}/articles/{article}/retirer/": {"form": {"motif": "non"}},
        f"{piece}articles/ajouter/": {"form": {"titre": "non"}},
        f"{root}/articles/{article}/commits/": {
            "data": {"id": str(uuid.uuid4()), "prev": None, "base": before.numero, "steps": [], "titre": "non"}
        },
    }  # fmt: skip
    for url, sent in tries.items():
        answer = page.request.post(url, headers=headers, **sent)
        assert answer.status == 403, url
    assert Article.objects.get(pk=article).numero == before.numero
    page.goto(f"{piece}importer/")
    expect(page.locator("h1")).to_contain_text("Vous ne pouvez pas faire cela ici")
    look(page, "refus")


def prove(page: Page, nadia: Page, aminata: User, marche: str) -> None:
    """The jurist reads the story and has it checked."""
    nadia.goto(marche)
    nadia.get_by_role("button", name="Partager avec les juristes").click()
    say(nadia, "juristes")
    sign_in(page, aminata)
    page.goto(f"{marche}histoire/")
    expect(page.locator(".wm-jour").first).to_contain_text("Nadia Belkacem")
    page.get_by_role("button", name="Vérifier l’intégrité").click()
    expect(page.locator("#integrite")).to_contain_text(
        "Rien n’a été modifié après coup", timeout=30_000
    )
    look(page, "historique", dark=True)


def print_pdf(page: Page, piece: str) -> None:
    """A tagged PDF comes out of the worker, with its version and hash at the foot."""
    page.goto(piece)
    page.get_by_role("tab", name="Exporter").click()
    page.get_by_role("button", name="Préparer le fichier").click()
    page.wait_for_url("**/travaux/**")
    expect(page.get_by_role("link", name="Télécharger")).to_be_visible(timeout=120_000)
    look(page, "travail")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger").click()
    content = Path(waiting.value.path()).read_bytes()
    pdf = pypdf.PdfReader(io.BytesIO(content))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("fr")
    text = "\n".join(sheet.extract_text() for sheet in pdf.pages)
    assert "alpha5" in text
    version = Version.objects.filter(piece=piece.rstrip("/").split("/")[-1]).latest("numero")
    assert version.empreinte[:12] in re.sub(r"\s", "", text)


def look_around(page: Page, piece: str, article: str) -> None:
    root = piece.split("/pieces/", maxsplit=1)[0]
    for name, url in (
        ("accueil", f"{root}/"),
        ("marches", f"{root}/marches/"),
        ("version", f"{piece}versions/1/"),
        ("article", f"{root}/articles/{article}/"),
        ("travaux", f"{root}/travaux/"),
        ("droits", f"{root}/droits/"),
    ):
        page.goto(url)
        look(page, name)


# ── The keyboard alone ──────────────────────────────────────────────────────────────────────────


def tab_to(page: Page, selector: str, *, most: int = 120) -> None:
    """Press Tab until the focus is there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(hook) => document.activeElement.matches(hook)", selector):
            return
    raise AssertionError(f"The keyboard does not reach {selector}")


@pytest.fixture
def piece(people) -> Piece:
    marche = create_marche(
        by=people["nadia"], organisation=people["organisation"], objet="Entretien des espaces verts"
    )
    made = create_piece(by=people["nadia"], marche=marche, type="CCAP", titre="")
    import_document(by=people["nadia"], piece=made, content=write_ccap(), nom="CCAP.docx")
    return made


def test_the_core_path_with_the_keyboard_alone(new_page, people, piece, live_server_url):
    """Sign in, find the pièce, write, move an article, compare: no mouse."""
    page = new_page()
    page.goto("/compte/connexion/")
    page.locator("#id_login").focus()
    page.keyboard.type(people["nadia"].email)
    tab_to(page, "#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server_url}/")
    tab_to(page, "a.nu")
    page.keyboard.press("Enter")
    page.wait_for_url("**/marches/**")
    tab_to(page, f'a.nu[href*="{piece.pk}"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/pieces/**")
    page.wait_for_selector("[data-wm-ecrire]", state="attached")
    tab_to(page, "[data-wm-ecrire]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".wm-ecrit .ProseMirror-focused")
    page.keyboard.type(" Écrit sans souris.")
    settle(page)
    expect(page.locator(".wm-ecrit")).to_contain_text("Écrit sans souris.")
    page.keyboard.press("Alt+F10")
    assert page.evaluate("document.activeElement.closest('[data-wm-barre]') !== null")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(page.locator("[data-wm-article]").nth(0)).not_to_have_class(re.compile("wm-ecrit"))
    settle(page)
    page.keyboard.press("Escape")
    tab_to(page, f'a[href$="{piece.pk}/comparer/"]', most=400)
    page.keyboard.press("Enter")
    page.wait_for_url("**/comparer/**")
    expect(page.locator("[data-wm-compteur]")).to_contain_text("Changement 1 sur")
    page.keyboard.press("n")
    tab_to(page, "[data-wm-suivant]")
    page.keyboard.press("Enter")
    tab_to(page, '[data-wm-vue="cote"]')
    page.keyboard.press("Enter")
    expect(page.locator("[data-wm-comparaison]")).to_have_attribute("data-vue", "cote")


def test_a_name_of_three_hundred_signs_stays_in_its_place(new_page, people, piece):
    """Where a document is named: the jobs, the home page, the page of its cutting."""
    nom = "n" * 300 + ".md"
    made, _ = receive_document(
        by=people["nadia"], piece=piece, content=b"# Objet\n\nTexte.\n", nom=nom
    )
    read_document(by=people["nadia"], importation=made)
    page = new_page()
    sign_in(page, people["nadia"])
    for address, name in (
        ("/travaux/", "travaux-nom-long"),
        ("/", "accueil-nom-long"),
        (f"/importations/{made.pk}/", "decoupage-nom-long"),
    ):
        page.goto(address)
        expect(page.get_by_text("nnnnnnnnnn").first).to_be_visible()
        look(page, name, dark=True)


def test_articles_are_put_in_order_without_script(new_page, people, piece):
    """Moving, indenting and retiring are plain forms on the page of an article."""
    page = new_page(javascript=False)
    sign_in(page, people["nadia"])
    titles = page.locator("[data-wm-titre]")
    page.goto(piece.get_absolute_url())
    before = titles.all_inner_texts()
    top = [row for row in Article.objects.filter(piece=piece, parent=None).order_by("rang")]  # noqa: C416
    page.goto(f"/articles/{top[0].pk}/")
    page.get_by_role("button", name="Descendre").click()
    say(page, "L’article est déplacé")
    expect(titles).to_have_count(len(before))
    assert titles.all_inner_texts() != before
    page.goto(f"/articles/{top[0].pk}/")
    page.get_by_role("button", name="Monter l’article").click()
    expect(titles).to_have_text(before)
    page.goto(f"/articles/{top[-1].pk}/")
    page.locator("summary", has_text="Retirer l’article").click()
    page.get_by_label("Pour quelle raison").fill("Repris ailleurs")
    page.get_by_role("button", name="Retirer l’article").click()
    say(page, "L’article est retiré")
    page.wait_for_load_state()
    expect(titles).to_have_count(len(before) - 1)

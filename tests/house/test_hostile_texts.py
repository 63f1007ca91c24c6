"""Drawings that are programs, signs that read otherwise than they are written, code in mails and papers (B04, B05, B06)."""

import re
from html.parser import HTMLParser
from io import BytesIO

import pytest
from django.conf import settings as site
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from procurement.accounts.registry import MailOrder
from procurement.accounts.services import edit_profile, write_mail
from procurement.accounts.templatetags.liens import liens_de_la_plateforme
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.services import update_marche
from procurement.organisations.services import edit_organisation
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.documents.builders import png
from tests.procurement.marches.factories import InvitationFactory, MarcheFactory
from tests.support.canary import Oracle
from tests.support.equipe import commits_url, text_of, words
from tests.wikimarche.factories import ArticleFactory
from wikimarche.models import Image
from wikimarche.services import ask_export, name_version, rename_piece


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
DRAWINGS = {
    "script": SVG.format("<script>window.__xss=1</script>"),
    "handler": SVG.format("<rect onload='window.__xss=1' width='9' height='9'/>"),
    "page inside": SVG.format(
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><script>1</script></body>"
        "</foreignObject>"
    ),
    "file of the server": SVG.format("<image xlink:href='file:///etc/passwd'/>"),
    "entity": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG.format("&x;"),
    "harmless": SVG.format("<rect width='9' height='9'/>"),
}


@pytest.mark.attaque("B05")
@pytest.mark.parametrize("nom", ["plan.svg", "plan.png", "plan.svg.png", "plan.jpg"])
@pytest.mark.parametrize("kind", DRAWINGS)
def test_a_drawing_that_holds_a_script_is_no_image(equipe, kind, nom):
    """No SVG is an image here, harmless or not, whatever its name and its type say."""
    url = reverse("wikimarche:image_add", args=[equipe.piece.pk])
    for declared in ("image/svg+xml", "image/png"):
        sent = SimpleUploadedFile(nom, DRAWINGS[kind].encode(), content_type=declared)
        answer = equipe.browser().post(url, {"fichier": sent})
        assert answer.status_code == 400
    assert not Image.objects.filter(piece=equipe.piece).exists()


@pytest.mark.attaque("B05")
def test_a_drawing_behind_the_first_bytes_of_an_image_is_not_served_as_it_is(equipe):
    """A PNG followed by a page: the page is cut away, and the rest says that it is an image."""
    url = reverse("wikimarche:image_add", args=[equipe.piece.pk])
    sent = SimpleUploadedFile("a.png", png(20, 20) + DRAWINGS["script"].encode())
    assert equipe.browser().post(url, {"fichier": sent}).status_code == 200
    image = Image.objects.get(piece=equipe.piece)
    served = equipe.browser().get(reverse("wikimarche:image", args=[image.pk]))
    assert b"".join(served) == png(20, 20)
    assert served["Content-Type"] == "image/png"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served["Content-Security-Policy"]


def test_an_image_passes(equipe):
    """Positive control."""
    url = reverse("wikimarche:image_add", args=[equipe.piece.pk])
    answer = equipe.browser().post(url, {"fichier": SimpleUploadedFile("a.png", png(20, 20))})
    assert answer.status_code == 200


TRICKS = {
    "turned round": ("prix \u202e00 5 € ", "prix ␦00 5 €"),
    "zero width in an amount": ("1\u200b000 € ", "1␦000 €"),
    "joined amount": ("1\u2060000 € ", "1␦000 €"),
    "soft hyphen in an amount": ("1\u00ad000 € ", "1␦000 €"),
    "soft hyphen before an amount": ("de \u00ad12 % ", "de ␦12 %"),
}


@pytest.mark.attaque("B06")
@pytest.mark.parametrize("trick", TRICKS)
def test_what_reads_otherwise_than_it_is_written_is_marked_and_said(equipe, trick):
    typed, shown = TRICKS[trick]
    before = equipe.browser().get(equipe.piece.get_absolute_url()).content.decode()
    assert "␦" not in before
    answer = equipe.browser().send_json(commits_url(equipe.article), words(typed))
    assert answer.status_code == 200
    assert "caractère" in answer.json()["avertissement"]
    assert typed.strip() in text_of(equipe.article)
    detail = reverse("wikimarche:article_detail", args=[equipe.article.pk])
    compare = reverse("wikimarche:piece_compare", args=[equipe.piece.pk])
    for url, asked in ((equipe.piece.get_absolute_url(), {}), (detail, {}), (compare, {"de": 2})):
        page = equipe.browser().get(url, asked).content.decode()
        assert shown in page, url


@pytest.mark.attaque("B06")
@pytest.mark.parametrize("format", ["pdf", "md"])
def test_a_paper_marks_what_would_read_otherwise(equipe, format):
    for typed, _ in TRICKS.values():
        equipe.article.refresh_from_db()
        sent = words(typed, equipe.article.numero)
        assert equipe.browser().send_json(commits_url(equipe.article), sent).status_code == 200
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=format)
    run_job(job.pk)
    assert Job.objects.get(pk=job.pk).statut == "fait"
    browser = equipe.browser("gestionnaire")
    answer = browser.get(reverse("documents:job_download", args=[job.pk]))
    content = b"".join(answer)
    layers = Oracle().texts_of(content)
    for typed, _ in TRICKS.values():
        assert not any(typed.strip().encode() in layer for layer in layers)
    assert any(layer.count("␦".encode()) >= len(TRICKS) for layer in layers)


@pytest.mark.attaque("B06")
@pytest.mark.parametrize(
    "typed",
    [
        "Durée\u202f: 4\u00a0ans ",
        "l’été 😀 ",
        "1\u202f240\u202f000,00\u00a0€ ",
        "coopé\u00adration ",
    ],
)
def test_honest_typography_is_neither_marked_nor_warned_of(equipe, typed):
    answer = equipe.browser().send_json(commits_url(equipe.article), words(typed))
    assert answer.json().get("avertissement", "") == ""
    page = equipe.browser().get(equipe.piece.get_absolute_url()).content.decode()
    assert "␦" not in page


@pytest.mark.attaque("B06")
@pytest.mark.parametrize("digits", ["１２０", "𝟏𝟐𝟎", "١٢٠", "l2O"])
def test_digits_that_only_look_alike_are_said(equipe, digits):
    """Full width, mathematical, of another script; letters are left: a person may write « l2O »."""
    answer = equipe.browser().send_json(commits_url(equipe.article), words(f"{digits} € "))
    assert bool(answer.json().get("avertissement")) == (digits != "l2O")


@pytest.mark.attaque("B06")
@pytest.mark.parametrize("asked", ["nettoyage", "net\u200btoyage", "net\u00adtoyage", "ｎettoyage"])
def test_a_search_finds_through_invisible_and_look_alike_signs(equipe, asked):
    answer = equipe.browser("gestionnaire").get(reverse("marches:marche_list"), {"q": asked})
    assert equipe.marche.reference in answer.content.decode()


# ── Mails and papers (B04) ──────────────────────────────────────────────────────────────────────

FIRE = "window.__xss=1"
HOSTILE = [
    f"<script>{FIRE}</script>",
    f"</title></style></p><svg onload={FIRE}>",
    f"<img src=x onerror={FIRE}>",
    f"\"'><a href='javascript:{FIRE}'>ici</a>",
    "<a href=//mechant.example>ici</a>",
    "<style>@import '//mechant.example'</style>",
    "<base href=//mechant.example><form action=//mechant.example><input>",
    "{{ lien }}{% debug %}%(x)s{0.__class__}",
    "Écrivez à mechant.com",
    "mechant.com/cadeau",
]
NAMES = [text for text in HOSTILE if len(text) <= 80]


class Skeleton(HTMLParser):
    """The tags of a page in order, with where their links lead; nothing of its words."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.links = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value for name, value in attrs if name in ("href", "src", "action")]


def html_of(message) -> str:
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return content


def bones(page: str) -> list[tuple]:
    """Tags of a mail; every link of it leads to the platform."""
    skeleton = Skeleton(page)
    assert all(link.startswith(site.PUBLIC_URL) for link in skeleton.links), skeleton.links
    return skeleton.tags


def invitation_mail(text: str, *, name: str = "Jeanne"):
    marche = MarcheFactory(objet=text)
    edit_profile(by=marche.author, prenom=name, nom=name)
    edit_organisation(by=marche.author, organisation=marche.organisation, nom=text)
    InvitationFactory(marche=marche, mot=text)
    mail.outbox.clear()
    for job in Job.objects.filter(kind="marches:mail_invitation", statut="en_file"):
        run_job(job.pk)
    return mail.outbox[-1]


@pytest.mark.attaque("B04")
@pytest.mark.attaque("B08")
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_code_in_the_words_of_a_mail_stays_words(db, text):
    harmless, hostile = invitation_mail("Nettoyage"), invitation_mail(text)
    assert bones(html_of(hostile)) == bones(html_of(harmless))
    assert text in hostile.body
    assert "\n" not in hostile.subject


@pytest.mark.attaque("B04")
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_code_in_the_name_of_a_person_stays_a_name(db, name):
    """Whoever signs up with the address of somebody else writes the first words of her mail."""
    user = UserFactory(prenom="Jeanne", email="vraie@region.example")
    orders = [MailOrder(kind, user.email) for kind in ("account_opened", "password_reset_key")]
    harmless = [bones(html_of(write_mail(order))) for order in orders]
    harmless.append(bones(html_of(invitation_mail("Nettoyage"))))
    if "@" in name:
        with pytest.raises(ValidationError, match="adresse"):
            edit_profile(by=user, prenom=name, nom=name)
        return
    edit_profile(by=user, prenom=name, nom=name)
    hostile = [bones(html_of(write_mail(order))) for order in orders]
    hostile.append(bones(html_of(invitation_mail("Nettoyage", name=name))))
    assert hostile == harmless


def test_a_mail_that_links_or_marks_what_people_write_is_seen():
    """Positive control: the same words, as a template without escaping or with urlize would put them."""
    from django.utils.html import urlize  # noqa: PLC0415

    with pytest.raises(AssertionError):
        bones(f"<p>{urlize('Écrivez à mechant.com')}</p>")
    with pytest.raises(AssertionError):
        bones("<p><a href=//mechant.example>ici</a></p>")
    assert bones(f"<p>{HOSTILE[0]}</p>") != bones("<p>Nettoyage</p>")


def test_a_mail_links_to_the_platform_alone(settings):
    settings.PUBLIC_URL = "https://marches.example"
    ours = "https://marches.example/compte/x/"
    linked = liens_de_la_plateforme(f"Voyez {ours}. Ni https://marches.example.com/x ni a.com <b>")
    assert Skeleton(linked).links == [ours]
    assert linked.endswith(". Ni https://marches.example.com/x ni a.com &lt;b&gt;")
    assert Skeleton(liens_de_la_plateforme("Wiki-Marché, https://marches.example")).links == [
        "https://marches.example"
    ]


@pytest.mark.attaque("B04")
def test_code_in_names_and_titles_stays_words_on_paper(equipe):
    """Title of a pièce, of its articles, of the marché, a name, the name of a version."""
    by, hostile = equipe.gestionnaire, HOSTILE[2]
    edit_profile(by=by, prenom=hostile, nom=HOSTILE[0])
    update_marche(by=by, marche=equipe.marche, objet=HOSTILE[3], lieu_execution=HOSTILE[5])
    rename_piece(by=by, piece=equipe.piece, titre=hostile)
    for text in HOSTILE:
        ArticleFactory(piece=equipe.piece, titre=text, texte=text)
    name_version(by=by, piece=equipe.piece, nom=hostile)
    job = ask_export(by=by, piece=equipe.piece, format="pdf")
    run_job(job.pk)
    answer = equipe.browser("gestionnaire").get(reverse("documents:job_download", args=[job.pk]))
    content = b"".join(answer)
    assert not re.search(rb"/(JavaScript|JS|Launch|EmbeddedFile|SubmitForm|ImportData)\b", content)
    reader = PdfReader(BytesIO(content))
    links = [
        note["/A"]["/URI"]
        for page in reader.pages
        for note in (each.get_object() for each in page.get("/Annots") or [])
        if "/URI" in note.get("/A", {})
    ]
    assert links == []
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
    for each in HOSTILE:
        assert re.sub(r"\s+", "", each) in text, each

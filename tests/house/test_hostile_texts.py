"""Drawings that are programs, and signs that read otherwise than they are written (B05, B06)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.procurement.documents.builders import png
from tests.support.canary import Oracle
from tests.support.equipe import commits_url, make_equipe, text_of, words
from wikimarche.models import Image
from wikimarche.services import ask_export


pytestmark = pytest.mark.django_db
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


@pytest.fixture
def equipe(settings):
    settings.DEMO = True
    return make_equipe()


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
    assert not Image.objects.exists()


@pytest.mark.attaque("B05")
def test_a_drawing_behind_the_first_bytes_of_an_image_is_not_served_as_it_is(equipe):
    """A PNG followed by a page: the page is cut away, and the rest says that it is an image."""
    url = reverse("wikimarche:image_add", args=[equipe.piece.pk])
    sent = SimpleUploadedFile("a.png", png(20, 20) + DRAWINGS["script"].encode())
    assert equipe.browser().post(url, {"fichier": sent}).status_code == 200
    served = equipe.browser().get(reverse("wikimarche:image", args=[Image.objects.get().pk]))
    assert b"".join(served.streaming_content) == png(20, 20)
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
    content = b"".join(answer.streaming_content)
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

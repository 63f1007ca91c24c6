"""What a PDF is made of, field by field (F01), and a text that would hang it (F02)."""

import html
from decimal import Decimal

import pytest
from django.urls import reverse

from procurement.accounts.services import edit_profile
from procurement.documents.services import drawing, render_pdf as draw_pdf, run_child
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.services import set_criteres, set_lots, update_marche
from procurement.organisations.services import edit_organisation
from tests.procurement.documents.builders import png
from tests.procurement.documents.services.test_drawing import (
    CANARY,
    CORPUS,
    canary,
    streams,
)
from tests.support.equipe import make_equipe
from tests.wikimarche.domain.factories import doc, p
from tests.wikimarche.factories import ArticleFactory
from wikimarche.enums import FormatExport
from wikimarche.reports import exports
from wikimarche.services import add_image, ask_export, name_version, rename_piece


__all__ = ["canary"]


@pytest.fixture
def equipe(db, settings):
    settings.DEMO = True
    return make_equipe()


def fetch(equipe) -> bytes:
    """Ask for the PDF, have it drawn, take it as its asker does."""
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.PDF)
    run_job(job.pk)
    assert Job.objects.get(pk=job.pk).raison == ""
    answer = equipe.browser("gestionnaire").get(reverse("documents:job_download", args=[job.pk]))
    return b"".join(answer.streaming_content)


def attacks(url, file):
    """What calls out when it is markup, short enough for a title."""
    return [
        f"<img src='{url}/i'>",
        f"<link rel=attachment href='{file}'>",
        f"<style>@import '{url}/s'; body{{background:url({url}/b)}}</style>",
        f"<object data='{url}/o'></object><iframe src='{url}/f'></iframe>",
        f"\"'><svg><image href='{file}.svg' width=99 height=99 /></svg>",
        f"url({url}/u)",
    ]


def fill_with(equipe, text, url) -> None:
    """Put a text in every field that reaches a paper."""
    by = equipe.gestionnaire
    # An address is refused in a name; markup is not.
    edit_profile(by=by, prenom="Jeanne", nom="<base href=//x><link rel=attachment href=x>")
    edit_organisation(by=by, organisation=equipe.marche.organisation, nom=text)
    fiche = {"objet": text, "reference": text[:28], "lieu_execution": text}
    update_marche(by=by, marche=equipe.marche, **fiche)
    set_lots(by=by, marche=equipe.marche, lots=[{"intitule": text}])
    critere = {"intitule": text, "nature": "technique", "poids": Decimal(100)}
    set_criteres(by=by, marche=equipe.marche, criteres=[critere])
    rename_piece(by=by, piece=equipe.piece, titre=text)
    image = add_image(by=by, piece=equipe.piece, content=png(40, 20), nom=f"{text[:60]}.png")
    linked = {"type": "text", "text": "lien", "marks": [{"type": "link", "attrs": {"href": url}}]}
    corps = doc(
        p(text, id="aaaaaaaaa"),
        p(
            {"type": "variable", "attrs": {"chemin": "marche.lieu_execution"}},
            {"type": "variable", "attrs": {"chemin": "marche.objet"}},
            {"type": "note_bas_de_page", "attrs": {"texte": text}},
            linked,
            id="bbbbbbbbb",
        ),
        {"type": "image", "attrs": {"id": "ccccccccc", "fichier": str(image.pk), "alt": text}},
    )
    ArticleFactory(piece=equipe.piece, titre=text, corps=corps)
    name_version(by=by, piece=equipe.piece, nom=text[:120])


@pytest.mark.attaque("F01")
@pytest.mark.parametrize("rank", range(6))
def test_no_field_that_reaches_a_paper_makes_it_call_out(equipe, listener, canary, rank):
    url = f"http://127.0.0.1:{listener.server_port}"
    fill_with(equipe, attacks(url, canary)[rank], url)
    shown, attachments = streams(fetch(equipe))
    assert listener.heard == []
    assert CANARY not in shown
    assert not attachments


# ── The same paper, with our walls taken down ───────────────────────────────────────────────────

as_it_is = str
as_markup = html.unescape


def closed_child(page, css, media):
    return draw_pdf(page, css=css, media=media)


def open_drawing(page, css, media):
    """WeasyPrint as it comes, outside the child: it fetches whatever it is asked to."""
    from weasyprint import CSS, HTML

    sheets = [CSS(string=sheet) for sheet in css if "@font-face" not in sheet]
    return HTML(string=page).write_pdf(stylesheets=sheets)


WALLS = {
    "neither": (as_markup, open_drawing, True),
    "escaping alone": (as_it_is, open_drawing, False),
    "closed child alone": (as_markup, closed_child, False),
}


@pytest.mark.attaque("F01")
@pytest.mark.parametrize("left", WALLS)
@pytest.mark.parametrize("rank", [0, 1, 2, 3, 4])
def test_each_of_two_walls_is_enough_and_without_both_the_same_paper_calls_out(
    equipe, listener, canary, monkeypatch, left, rank
):
    """Positive control: same fields, same pipeline; what is written becomes markup, the fetcher opens."""
    put, draw, heard = WALLS[left]

    def render(page, *, css=(), media={}, **asked):  # noqa: B006
        return draw(put(page), css, media)

    monkeypatch.setattr(drawing, "render_pdf", render)
    url = f"http://127.0.0.1:{listener.server_port}"
    fill_with(equipe, attacks(url, canary)[rank], url)
    shown, attachments = streams(fetch(equipe))
    assert bool(listener.heard or attachments or CANARY in shown) is heard


@pytest.mark.attaque("F02")
@pytest.mark.parametrize("cas", CORPUS)
def test_a_paper_that_would_hang_is_a_failed_job_that_says_why(equipe, monkeypatch, cas):
    """The person reads a reason, and the next paper is drawn."""

    def hang(*args, **kwargs):
        return exports_render(CORPUS[cas], timeout=5)

    from procurement.documents.services import render_pdf as exports_render  # noqa: PLC0415

    monkeypatch.setattr(exports, "draw_piece", hang)
    job = ask_export(by=equipe.gestionnaire, piece=equipe.piece, format=FormatExport.PDF)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.statut, job.tentatives) == ("echec", 1)
    page = equipe.browser("gestionnaire").get(reverse("jobs:job_detail", args=[job.pk]))
    assert job.raison in page.context["job"].raison
    assert job.raison.endswith(".")
    monkeypatch.undo()
    assert fetch(equipe).startswith(b"%PDF")


@pytest.mark.attaque("F02")
def test_no_paper_is_drawn_for_more_than_a_minute(equipe, monkeypatch):
    """By the clock and by the processor: 139 pages took 30 s on two busy cores."""
    asked = {}

    def watch(program, **limits):
        asked[program] = limits
        return run_child(program, **limits)

    monkeypatch.setattr(drawing, "run_child", watch)
    fetch(equipe)
    assert max(asked["draw_pdf"]["timeout"], asked["draw_pdf"]["cpu"]) <= 60

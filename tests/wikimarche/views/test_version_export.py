"""Taking a named version out: from the list of versions to its file, by whoever may read it."""

import contextlib
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from procurement.access import registry
from procurement.access.enums import Role
from procurement.audit.selectors import list_entries
from procurement.documents.models import StoredFile
from procurement.documents.services import open_stored
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.procurement.marches.factories import MarcheFactory
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.enums import FormatExport
from wikimarche.models import Version
from wikimarche.services import name_version, retire_article


@pytest.fixture
def named(equipe):
    """A version with a name, then another text; gives the number of the named one."""
    type_words(equipe.person(), equipe.article, "ANCIEN ")
    numero = name_version(by=equipe.gestionnaire, piece=equipe.piece, nom="Envoi aux directions")
    type_words(equipe.person(), equipe.article, "NOUVEAU ")
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    return equipe, numero


def form_of(browser, piece, numero):
    """The fields of the form that exports a version, as its page has them."""
    page = browser.get(reverse("wikimarche:version_detail", args=[piece.pk, numero]))
    (form,) = re.findall(
        rf'<form method="post" action="{reverse("wikimarche:piece_export", args=[piece.pk])}">(.*?)</form>',
        page.content.decode(),
        re.DOTALL,
    )
    (version,) = re.findall(r'name="version" value="(\d+)"', form)
    return version, re.findall(r'name="format" id="[^"]*" value="(\w+)"', form)


@pytest.mark.parametrize("role", ["observateur", "editeur", "gestionnaire"])
def test_the_list_of_versions_leads_to_the_export_of_a_named_one(named, role):
    equipe, numero = named
    browser = equipe.browser(role)
    address = reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero])
    for page in (
        reverse("wikimarche:version_list", args=[equipe.piece.pk]),
        equipe.piece.get_absolute_url(),
    ):
        content = browser.get(page).content.decode()
        assert content.count(f'href="{address}#exporter"') == 1
        assert content.count("#exporter") == 1
    assert 'id="exporter"' in browser.get(address).content.decode()
    assert form_of(browser, equipe.piece, numero) == (str(numero), list(FormatExport.values))


@pytest.mark.parametrize("format", FormatExport.values)
def test_the_file_asked_from_the_page_of_a_version_is_that_version(named, format):
    equipe, numero = named
    browser = equipe.browser("observateur")
    version, _formats = form_of(browser, equipe.piece, numero)
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    answer = browser.post(url, {"format": format, "version": version})
    job = Job.objects.get(kind="wikimarche:export_piece")
    assert answer.url == reverse("jobs:job_detail", args=[job.pk])
    assert (job.params["version"], job.params["format"]) == (numero, format)
    (entry,) = list_entries(equipe.marche.pk, action="wikimarche:piece:exported")
    assert entry.corps["details"]["version"] == str(numero)


def test_what_was_written_since_is_not_in_the_file(named):
    equipe, numero = named
    browser = equipe.browser("observateur")
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    browser.post(url, {"format": "md", "version": numero})
    job = Job.objects.get(kind="wikimarche:export_piece")
    run_job(job.pk)
    job.refresh_from_db()
    with open_stored(StoredFile.objects.get(pk=job.resultat["fichier"])) as stored:
        text = stored.read().decode()
    assert "ANCIEN" in text
    assert "NOUVEAU" not in text
    assert "Les prix sont fermes." in text


# ── Attacks: a version that is not of this pièce, or of nobody's business ───────────────────────


def taken_out(equipe, role, piece, version, tmp_path):
    """What a person takes out of a pièce by both ways, « 404 » or « refus » where they are refused."""
    answer = equipe.browser(role).post(
        reverse("wikimarche:piece_export", args=[piece]), {"format": "md", "version": version}
    )
    job = Job.objects.filter(kind="wikimarche:export_piece").order_by("-created_at").first()
    by_site = str(answer.status_code)
    if answer.status_code == 302:
        run_job(job.pk)
        job.refresh_from_db()
        with open_stored(StoredFile.objects.get(pk=job.resultat["fichier"])) as stored:
            by_site = stored.read().decode()
        job.delete()
    elif job:
        by_site += ", with a job"
    user = equipe.gestionnaire if role == "gestionnaire" else equipe.person(role)
    sortie = tmp_path / f"{uuid4()}.md"
    by_command = "refus"
    with contextlib.suppress(CommandError, SystemExit):
        call_command(
            "export_piece", f"--par={user.email}", f"--piece={piece}", "--format=md",
            f"--version-piece={version}", f"--sortie={sortie}",
        )  # fmt: skip
    if sortie.exists():
        by_command = sortie.read_text()
    return by_site, by_command


@pytest.fixture
def higher(equipe):
    """A number of version that another pièce of the same marché has, and this one has not."""
    other = PieceFactory(marche=equipe.marche)
    article = ArticleFactory(piece=other, texte="AILLEURS")
    for _ in range(6):
        type_words(equipe.person(), article, "AILLEURS ")
    numero = Version.objects.filter(piece=other).order_by("-numero").first().numero
    assert not Version.objects.filter(piece=equipe.piece, numero=numero).exists()
    return numero


@pytest.fixture
def foreign():
    """A pièce of another organisation, and a version that it has."""
    piece = PieceFactory(marche=MarcheFactory())
    ArticleFactory(piece=piece, texte="ORGANISATION VOISINE")
    return piece, Version.objects.filter(piece=piece).order_by("-numero").first().numero


@pytest.mark.parametrize("role", ["observateur", "commentateur", "editeur", "gestionnaire"])
def test_who_reads_the_piece_takes_an_old_version_out_by_both_ways(named, role, tmp_path):
    equipe, numero = named
    by_site, by_command = taken_out(equipe, role, equipe.piece.pk, numero, tmp_path)
    assert by_site == by_command
    assert "ANCIEN" in by_site
    assert "NOUVEAU" not in by_site


def test_a_file_of_today_under_the_number_of_yesterday_is_seen(named, tmp_path, monkeypatch):
    """The guard can fail: an export that writes what the articles are now, by both ways."""
    from wikimarche.reports import exports  # noqa: PLC0415

    equipe, numero = named
    read_state = exports.read_state

    def today(piece, version):
        return read_state(piece, Version.objects.filter(piece=piece).order_by("-numero").first())

    monkeypatch.setattr(exports, "read_state", today)
    for text in taken_out(equipe, "observateur", equipe.piece.pk, numero, tmp_path):
        assert "NOUVEAU" in text


def test_who_may_not_read_the_piece_takes_none_of_its_versions(named, tmp_path):
    equipe, numero = named
    for version in (1, numero, numero + 1):
        refused = taken_out(equipe, "etranger", equipe.piece.pk, version, tmp_path)
        assert refused == ("404", "refus")
    assert list_entries(equipe.marche.pk, action="wikimarche:piece:exported") == []


def test_an_old_version_behind_a_door_left_open_is_seen(named, tmp_path, monkeypatch):
    """The guard can fail: with the roles of a stranger widened, both ways give the text."""
    equipe, numero = named
    known = registry._registry.resources["wikimarche:piece"]
    wide = replace(known, roles=lambda user, piece: frozenset(Role))
    monkeypatch.setitem(registry._registry.resources, "wikimarche:piece", wide)
    for text in taken_out(equipe, "etranger", equipe.piece.pk, numero, tmp_path):
        assert "ANCIEN" in text


def test_the_number_of_another_piece_takes_nothing_out(named, higher, tmp_path):
    equipe, _numero = named
    for version in (higher, 0, -1, 2**31, 2**63):
        refused = taken_out(equipe, "gestionnaire", equipe.piece.pk, version, tmp_path)
        assert refused[0] in ("404", "400"), (version, refused)
        assert refused[1] == "refus"
    assert list_entries(equipe.marche.pk, action="wikimarche:piece:exported") == []


def test_the_version_of_another_organisation_is_out_of_reach_by_its_piece_and_by_its_number(
    named, foreign, tmp_path
):
    equipe, _numero = named
    piece, numero = foreign
    assert taken_out(equipe, "gestionnaire", piece.pk, numero, tmp_path) == ("404", "refus")
    for text in taken_out(equipe, "gestionnaire", equipe.piece.pk, numero, tmp_path):
        assert "VOISINE" not in text
        assert "Le délai est de trente jours." in text


def test_a_number_looked_for_in_every_piece_is_seen(named, higher, tmp_path, monkeypatch):
    """The guard can fail: a version found by its number alone goes out by the site and the command."""
    equipe, _numero = named

    class Everywhere:
        class objects:  # noqa: N801 - in the place of the manager
            @staticmethod
            def filter(piece):
                return Version.objects.all()

    monkeypatch.setattr("wikimarche.services.exports.Version", Everywhere)
    monkeypatch.setattr(
        "wikimarche.management.commands.export_piece.find_version",
        lambda piece, numero: Version.objects.filter(numero=numero).first(),
    )
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    answer = equipe.browser("gestionnaire").post(url, {"format": "md", "version": higher})
    assert answer.status_code == 302
    Job.objects.all().delete()
    sortie = tmp_path / "x.md"
    call_command(
        "export_piece", f"--par={equipe.gestionnaire.email}", f"--piece={equipe.piece.pk}",
        "--format=md", f"--version-piece={higher}", f"--sortie={sortie}",
    )  # fmt: skip
    assert sortie.exists()

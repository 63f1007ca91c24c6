"""Taking a named version out: from the list of versions to its file, by whoever may read it."""

import re

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.documents.models import StoredFile
from procurement.documents.services import open_stored
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.wikimarche.factories import type_words
from wikimarche.enums import FormatExport
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


def test_who_may_not_read_the_piece_takes_none_of_its_versions(named):
    equipe, numero = named
    url = reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    answer = equipe.browser("etranger").post(url, {"format": "md", "version": numero})
    assert answer.status_code == 404
    assert not Job.objects.filter(kind="wikimarche:export_piece").exists()

"""Exports as jobs: the four formats hold every word, of the version asked."""

import io
import re
import zipfile

import docx
import pytest
from pypdf import PdfReader

from procurement.audit.selectors import list_entries
from procurement.documents.models import StoredFile
from procurement.documents.services import open_stored
from procurement.jobs.services import run_job
from tests.support.fils import comment_on, passage
from tests.wikimarche.domain.factories import doc, liste, p, tableau, texte
from tests.wikimarche.factories import ArticleFactory, type_words, unnumber
from wikimarche.services import ask_export, retire_article


BODY = doc(
    p("Le titulaire ", texte("nettoie", "strong"), " les locaux.", id="aaaaaaaa"),
    liste("vitrerie", "moquette", id="bbbbbbbb"),
    tableau(["Local", "Surface"], ["Hall", "quarante"], id="cccccccc"),
)
WORDS = (
    "Consistance",
    "titulaire",
    "nettoie",
    "vitrerie",
    "moquette",
    "Surface",
    "Hall",
    "quarante",
)


def read(format, content):
    if format == "pdf":
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        return text.replace("\u00ad", "").replace("-\n", "")
    if format == "docx":
        document = docx.Document(io.BytesIO(content))
        return " ".join(document.element.body.itertext())
    if format == "odt":
        xml = zipfile.ZipFile(io.BytesIO(content)).read("content.xml").decode()
        return re.sub(r"<[^>]+>", " ", xml)
    return content.decode()


def export(equipe, format, by=None, **options):
    job = ask_export(by=by or equipe.person(), piece=equipe.piece, format=format, **options)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.statut, job.raison) == ("fait", "")
    with open_stored(StoredFile.objects.get(pk=job.resultat["fichier"])) as stored:
        content = stored.read()
    assert job.resultat["taille"] == len(content)
    return read(format, content)


@pytest.mark.parametrize("format", ["pdf", "docx", "odt", "md"])
def test_every_word_is_in_the_file(equipe, format):
    ArticleFactory(piece=equipe.piece, titre="Consistance", corps=BODY)
    text = export(equipe, format)
    for word in (*WORDS, "trente jours", "fermes"):
        assert word in " ".join(text.split()), word


@pytest.mark.parametrize("format", ["docx", "odt", "md"])
def test_the_version_asked_is_the_one_written(equipe, format):
    type_words(equipe.person(), equipe.article, "ULTÉRIEUR ")
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    past, now = export(equipe, format, version=2), export(equipe, format)
    assert "ULTÉRIEUR" not in past
    assert "fermes" in past
    assert "ULTÉRIEUR" in now
    assert "fermes" not in now


@pytest.mark.parametrize("format", ["pdf", "docx", "odt", "md"])
def test_comments_never_leave(equipe, format):
    on = passage(equipe.article, 0, 8)
    fil = comment_on(equipe.browser("commentateur"), equipe.article, "Mots réservés", on=on)
    written = export(equipe, format)
    assert str(fil.pk) not in written
    assert "Mots réservés" not in written


def test_an_export_is_an_event_of_the_marche(equipe):
    export(equipe, "md", by=equipe.person("observateur"))
    entry = list_entries(equipe.marche.pk, action="wikimarche:piece:exported")[-1]
    assert entry.acteur == f"acheteur:{equipe.person('observateur').pk}"


def test_run_twice_it_gives_the_same_file(equipe):
    from procurement.jobs.models import Job  # noqa: PLC0415

    export(equipe, "md")
    job = Job.objects.get(kind="wikimarche:export_piece")
    first = job.resultat["fichier"]
    Job.objects.filter(pk=job.pk).update(statut="en_file")
    run_job(job.pk)
    job.refresh_from_db()
    files = StoredFile.objects.filter(pk__in=[first, job.resultat["fichier"]])
    assert len(set(files.values_list("sha256", flat=True))) == 1


@pytest.mark.parametrize("format", ["pdf", "docx", "odt", "md"])
def test_a_renvoi_whose_article_went_away_is_printed_as_broken(equipe, format):
    renvoi = {"type": "renvoi", "attrs": {"article": str(equipe.second.pk)}}
    front = unnumber(ArticleFactory(piece=equipe.piece, titre="Préambule"))
    named = {"type": "renvoi", "attrs": {"article": str(front.pk)}}
    ArticleFactory(piece=equipe.piece, corps=doc(p("Voir l’", renvoi, " et l’", named, ".")))
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    text = re.sub(r"\s+", " ", re.sub(r"\\(.)", r"\1", export(equipe, format)))
    assert "[renvoi rompu : article retiré « Prix »]" in text
    assert "article « Préambule »" in text

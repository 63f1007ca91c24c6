"""Files brought into a pièce, judged by a real antivirus: refused, waiting, or sound."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.documents.models import StoredFile
from procurement.documents.services import analysis, sweep_analyses, sweep_files
from procurement.documents.services.evidence import list_bytes
from procurement.documents.services.files import path_of
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from tests.procurement.documents.builders import make_docx, png
from tests.procurement.documents.services.test_scanning import HOSTILE, SIGNATURE
from tests.wikimarche.domain.importing.samples import styled_word
from wikimarche.models import Image, Importation, Piece
from wikimarche.services.evidence import list_bytes_of_marche


pytestmark = pytest.mark.attaque("C02")
SOUND = styled_word((1, "Objet"), (0, "Le marché porte sur le nettoyage."))
INFECTED = {
    "cctp.docx": make_docx(**{"word__embeddings__objet.bin": HOSTILE}),
    "notes.md": b"# Objet\n\n" + HOSTILE,
}


@pytest.fixture
def down(clamd, settings):
    """The antivirus does not answer; `down()` brings it back."""
    settings.CLAMAV_URL = clamd.url + "-absent"

    def come_back():
        settings.CLAMAV_URL = clamd.url

    return come_back


def bring(equipe, content=SOUND, nom="cctp.docx"):
    url = reverse("wikimarche:piece_import", args=[equipe.piece.pk])
    return equipe.browser().post(url, {"fichier": SimpleUploadedFile(nom, content)})


def bring_image(equipe, content=None, nom="plan.png"):
    url = reverse("wikimarche:image_add", args=[equipe.piece.pk])
    content = png(40, 20) if content is None else content
    return equipe.browser().post(url, {"fichier": SimpleUploadedFile(nom, content)})


def readings():
    """Jobs that would parse a document."""
    return list(Job.objects.filter(kind="wikimarche:read_document"))


def see(browser, url):
    """Return the status and the bytes as text; a file read to its end is closed."""
    answer = browser.get(url)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, body.decode("utf-8", "replace")


def on_disk(stored_files):
    return [path for path in stored_files.rglob("*") if path.is_file()]


def traces(chain):
    return list_entries(chain, action="documents:file:infected")


def check_refused(equipe, stored_files, answer):
    """What must hold once an infected document was sent."""
    assert answer.status_code == 400
    (sentence,) = answer.context["form"].errors["fichier"]
    assert sentence.startswith(f"Ce fichier contient un logiciel malveillant ({SIGNATURE})")
    assert on_disk(stored_files) == []
    assert not Importation.objects.exists()
    assert not readings()
    (entry,) = traces(equipe.marche.pk)
    assert entry.acteur == f"acheteur:{equipe.person().pk}"
    file = StoredFile.objects.get()
    assert entry.objet == f"fichier:{file.pk}"
    assert (file.statut, file.signature) == ("infectee", SIGNATURE)


@pytest.mark.parametrize("nom", INFECTED)
def test_an_infected_document_is_refused_and_only_its_trace_is_kept(
    equipe, clamd, stored_files, nom
):
    check_refused(equipe, stored_files, bring(equipe, INFECTED[nom], nom))
    history = reverse("marches:history_read", args=[equipe.marche.pk])
    page = equipe.browser("gestionnaire").get(history).content.decode()
    assert f"a envoyé un fichier refusé, {nom}" in page
    assert SIGNATURE in page


def test_without_the_guard_the_infected_document_comes_in(equipe, clamd, stored_files, monkeypatch):
    """Positive control: an antivirus that is not asked, and the same expectations."""
    monkeypatch.setattr(analysis, "scan", lambda content, patience: analysis.Verdict(sound=True))
    answer = bring(equipe, INFECTED["cctp.docx"])
    with pytest.raises(AssertionError):
        check_refused(equipe, stored_files, answer)
    assert Importation.objects.exists()


def test_a_document_once_refused_stays_so_without_the_antivirus(
    equipe, clamd, stored_files, settings
):
    bring(equipe, INFECTED["cctp.docx"])
    settings.CLAMAV_URL, settings.UNSCANNED_FILES = "", "accepter"
    assert bring(equipe, INFECTED["cctp.docx"]).status_code == 400
    assert on_disk(stored_files) == []


def test_a_sound_document_is_analysed_then_read(equipe, clamd):
    assert bring(equipe).status_code == 302
    importation = Importation.objects.get()
    assert importation.fichier.statut == "saine"
    run_job(readings()[0].pk)
    importation.refresh_from_db()
    assert importation.statut == "a_verifier"


def test_nothing_is_parsed_until_the_antivirus_answers(equipe, down):
    page = equipe.browser().get(bring(equipe).url)
    assert "L’antivirus ne répond pas" in page.content.decode()
    importation = Importation.objects.get()
    assert (importation.statut, importation.fichier.statut) == (
        "en_lecture",
        "analyse_indisponible",
    )
    assert not readings()
    assert sweep_analyses() == 0
    down()
    assert sweep_analyses() == 1
    run_job(readings()[0].pk)
    importation.refresh_from_db()
    assert importation.statut == "a_verifier", importation.raison
    assert sweep_analyses() == 0


def test_what_the_antivirus_finds_late_is_refused_and_thrown_away(equipe, down, stored_files):
    bring(equipe, INFECTED["cctp.docx"])
    importation = Importation.objects.get()
    assert on_disk(stored_files) == [path_of(importation.fichier.sha256)]
    down()
    assert sweep_analyses() == 1
    importation.refresh_from_db()
    assert importation.statut == "refuse"
    assert SIGNATURE in importation.raison
    assert on_disk(stored_files) == []
    assert len(list_entries(equipe.marche.pk, action="documents:file:found")) == 1
    assert not readings()
    assert sweep_files() == []
    assert [*list_bytes(None), *list_bytes_of_marche(equipe.marche.pk)] == []


def test_an_infected_image_is_refused(equipe, clamd, stored_files):
    content = png(40, 20)
    hostile = content[:-12] + chunk(b"tEXt", b"Comment\0" + HOSTILE) + content[-12:]
    answer = bring_image(equipe, hostile)
    assert answer.status_code == 400
    assert SIGNATURE in answer.json()["erreur"]
    assert (on_disk(stored_files), Image.objects.count()) == ([], 0)
    assert len(traces(equipe.marche.pk)) == 1


def chunk(kind, body):
    import struct  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_an_image_is_shown_to_nobody_before_its_analysis(equipe, down):
    answer = bring_image(equipe).json()
    assert "dès que l’antivirus" in answer["avis"]
    url = reverse("wikimarche:image", args=[answer["id"]])
    for role in ("editeur", "gestionnaire", "observateur"):
        status, body = see(equipe.browser(role), url)
        assert status == 409
        assert "L’antivirus n’a pas encore pu analyser" in body
    down()
    sweep_analyses()
    assert see(equipe.browser("observateur"), url)[0] == 200
    assert "avis" not in bring_image(equipe).json()


def test_an_image_found_late_is_served_no_more(equipe, down, settings):
    """Found among those shown, because the same bytes came again."""
    settings.CLAMAV_URL = ""
    settings.UNSCANNED_FILES = "accepter"
    content = png(40, 20)[:-12] + chunk(b"tEXt", b"Comment\0" + HOSTILE) + png(40, 20)[-12:]
    url = reverse("wikimarche:image", args=[bring_image(equipe, content).json()["id"]])
    assert see(equipe.browser(), url)[0] == 200
    down()
    assert see(equipe.browser(), url)[0] == 409
    sweep_analyses()
    status, body = see(equipe.browser(), url)
    assert status == 409
    assert "logiciel malveillant" in body


def test_without_any_antivirus_files_stay_closed(equipe, settings):
    settings.CLAMAV_URL, settings.UNSCANNED_FILES = "", "refuser"
    page = equipe.browser().get(reverse("wikimarche:piece_import", args=[equipe.piece.pk]))
    assert "un document reçu n’y est pas lu" in page.content.decode()
    page = equipe.browser().get(bring(equipe).url)
    assert "Aucun antivirus n’est en service" in page.content.decode()
    assert not readings()
    image = reverse("wikimarche:image", args=[bring_image(equipe).json()["id"]])
    assert see(equipe.browser(), image)[0] == 409


def test_the_accepted_risk_is_said_and_journaled(equipe, settings):
    settings.CLAMAV_URL, settings.UNSCANNED_FILES = "", "accepter"
    page = equipe.browser().get(reverse("wikimarche:piece_import", args=[equipe.piece.pk]))
    assert "lu sans analyse" in page.content.decode()
    image = reverse("wikimarche:image", args=[bring_image(equipe).json()["id"]])
    assert see(equipe.browser(), image)[0] == 200
    file = StoredFile.objects.get()
    assert file.statut == "analyse_indisponible"
    entry = list_entries(PLATFORM_CHAIN, action="documents:file:unscanned")[-1]
    assert entry.objet == f"fichier:{file.pk}"


def test_a_configured_antivirus_that_is_down_is_not_an_accepted_risk(equipe, down, settings):
    settings.UNSCANNED_FILES = "accepter"
    image = reverse("wikimarche:image", args=[bring_image(equipe).json()["id"]])
    assert see(equipe.browser(), image)[0] == 409


def test_a_file_that_waits_is_not_printed(equipe, down):
    from wikimarche.reports.exports import _images  # noqa: PLC0415

    made = bring_image(equipe).json()["id"]
    assert _images(equipe.piece) == {}
    down()
    sweep_analyses()
    assert set(_images(equipe.piece)) == {made}


def test_the_command_line_leaves_the_trace_and_no_piece(equipe, clamd, stored_files, tmp_path):
    from django.core.management import CommandError, call_command  # noqa: PLC0415

    path = tmp_path / "cctp.docx"
    path.write_bytes(INFECTED["cctp.docx"])
    before = Piece.objects.count()
    with pytest.raises((CommandError, SystemExit)):
        call_command(
            "import_piece", "--par", equipe.gestionnaire.email,
            "--marche", str(equipe.marche.pk), str(path),
        )  # fmt: skip
    assert Piece.objects.count() == before
    assert len(traces(equipe.marche.pk)) == 1
    assert on_disk(stored_files) == []

"""The attestation de fonctionnement: what the minutes say, hour by hour, and nothing more."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from pypdf import PdfReader

from procurement.audit.selectors import database_now, list_entries
from procurement.audit.services import PLATFORM_CHAIN, record_event, seal_evidence
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.services import end_participation
from procurement.operations.models import MinuteSante
from procurement.operations.services import (
    check_period,
    draw_attestation,
    purge_minutes,
    read_attestation,
)
from procurement.operations.services.minutes import HOUR_TAG, digest, first_hour_kept
from tests.procurement.accounts.factories import UserFactory


# Of the day before yesterday: old enough to be sealed, young enough to be kept.
EIGHT = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=2)
HERE = EIGHT.astimezone(ZoneInfo("Europe/Paris"))
# The same two hours, as a person says them.
ASKED = {
    "jour_depuis": f"{HERE:%Y-%m-%d}", "heure_depuis": HERE.hour,
    "jour_jusqua": f"{HERE:%Y-%m-%d}", "heure_jusqua": HERE.hour + 2,
}  # fmt: skip
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ADDRESS = "/plateforme/attestation/"


def note(minute, etat="en_marche", **constats):
    MinuteSante.objects.create(minute=minute, etat=etat, constats=constats, version="0.1.0")


def seal_hour(hour):
    rows = MinuteSante.objects.filter(minute__gte=hour, minute__lt=hour + HOUR).order_by("minute")
    record_event(
        by=None, tag=HOUR_TAG, chain=PLATFORM_CHAIN, objet=f"chaine:{PLATFORM_CHAIN}",
        details={"heure": hour.isoformat(), "minutes": len(rows), "empreinte": digest(rows)},
    )  # fmt: skip


@pytest.fixture
def morning(lived):
    """Eight to ten: a whole sealed hour with five minutes down, then half an hour nobody noted."""
    valkey = {"etat": "degradee", "mots": "Valkey ne répond pas."}
    down = {"etat": "en_panne", "mots": "La base de données ne répond pas."}
    for shift in range(60):
        if 20 <= shift < 25:
            note(EIGHT + shift * MINUTE, "en_panne", base=down)
        elif shift == 40:
            note(EIGHT + shift * MINUTE, "degradee", valkey=valkey)
        else:
            note(EIGHT + shift * MINUTE)
    for shift in range(30):
        note(EIGHT + HOUR + shift * MINUTE)
    seal_hour(EIGHT)
    return EIGHT, EIGHT + 2 * HOUR


def text_of(pdf):
    reader = PdfReader(BytesIO(pdf))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_minutes_are_counted_and_those_nobody_noted_are_not_proved(morning):
    found = read_attestation(*morning)
    assert found.expected == 120
    assert found.counts == {"en_marche": 84, "degradee": 1, "en_panne": 5, "non_prouve": 30}
    assert found.available == 85
    told = [(run.etat, run.minutes, run.mots) for run in found.incidents]
    assert told == [
        ("en_panne", 5, ("La base de données ne répond pas.",)),
        ("degradee", 1, ("Valkey ne répond pas.",)),
        ("non_prouve", 30, ()),
    ]


def test_lines_of_nonsense_hide_no_true_seal(morning, monkeypatch):
    """Who holds the password of the site may write as many as would fill what is read at once."""
    monkeypatch.setattr("procurement.operations.services.attestations.PART", 3)
    for _ in range(7):
        record_event(by=None, tag=HOUR_TAG, chain=PLATFORM_CHAIN, objet="x", details={"heure": "?"})
    assert [row.concorde for row in read_attestation(*morning).hours] == [True, False]


def test_before_the_journal_began_nothing_is_proved(lived):
    note(EIGHT)
    found = read_attestation(EIGHT - 24 * HOUR, EIGHT)
    assert (found.available, found.counts["non_prouve"]) == (0, 1440)


@pytest.fixture
def well_again(rewrite):
    """As who may write in the base would hide a minute of the breakdown."""
    minute = EIGHT + 22 * MINUTE
    statement = (
        "UPDATE operations_minutesante SET etat = 'en_marche', constats = '{}' WHERE minute = '%s'"
    )
    return lambda: rewrite(statement % minute)


def test_the_same_rows_give_the_same_hash_and_one_changed_minute_another(morning, well_again):
    first = read_attestation(*morning)
    assert read_attestation(*morning).empreinte == first.empreinte
    assert [row.concorde for row in first.hours] == [True, False]
    assert [bool(row.scellee) for row in first.hours] == [True, False]
    well_again()
    forged = read_attestation(*morning)
    assert forged.empreinte != first.empreinte
    assert [row.concorde for row in forged.hours] == [False, False]


def test_the_pdf_says_it_and_is_tagged(morning):
    seal_evidence()
    found = read_attestation(*morning)
    pdf = draw_attestation(found, instant=EIGHT + 24 * HOUR)
    reader, text = text_of(pdf)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    for words in (
        "Attestation de fonctionnement", "85 minutes prouvées", "sur 120", "70,83",
        "La base de données ne répond pas.", "Aucune minute notée.", "concorde", "non scellée",
        "1 sur 2 concordent", f"attest_sante --depuis {HERE.isoformat()}",
    ):  # fmt: skip
        assert words in text, words
    assert found.empreinte in text.replace(" ", "")
    assert "en marche" not in text.partition("Ce qui n’allait pas")[2].partition("Heure par")[0]


def test_an_hour_that_changed_since_it_was_sealed_is_told(morning, well_again):
    well_again()
    _, text = text_of(draw_attestation(read_attestation(*morning), instant=EIGHT))
    assert "ne concorde pas" in text.partition("Heure par heure")[2].partition("Comment")[0]


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (EIGHT, EIGHT, "après son début"),
        (EIGHT, EIGHT + timedelta(days=32), "trente et un jours"),
        (EIGHT + MINUTE, EIGHT + HOUR, "heure ronde"),
        (EIGHT, datetime(2199, 1, 1, tzinfo=UTC), "trente et un jours"),
        (datetime(2199, 1, 1, tzinfo=UTC), datetime(2199, 1, 2, tzinfo=UTC), "dernière heure"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(db, since, until, words):
    with pytest.raises(ValidationError, match=words):
        check_period(since, until)


def test_the_administrator_asks_for_it_on_screen(morning, browse):
    browser = browse(UserFactory(without_password=True, is_administrateur=True))
    page = browser.get(ADDRESS).content.decode()
    assert "Établir l’attestation" in page
    answer = browser.post(ADDRESS, ASKED)
    (job,) = Job.objects.filter(kind="operations:draw_attestation")
    assert answer.url == reverse("jobs:job_detail", args=[job.pk])
    (kept,) = list_entries(PLATFORM_CHAIN, action="operations:attestation:made")
    assert kept.corps["details"]["empreinte"] == read_attestation(*morning).empreinte
    assert run_job(job.pk)
    served = browser.get(reverse("documents:job_download", args=[job.pk]))
    _, text = text_of(b"".join(served.streaming_content))
    assert "85 minutes prouvées" in text
    refused = browser.post(ADDRESS, ASKED | {"heure_jusqua": HERE.hour})
    assert refused.status_code == 422
    assert "La fin de la période vient après son début." in refused.content.decode()
    assert browser.post(ADDRESS, {}).status_code == 422


def test_a_program_reads_it_too_and_counts_the_same(morning, browse):
    """The JSON asked for on screen: its table hashes to what the journal kept of the ask."""
    browser = browse(UserFactory(without_password=True, is_administrateur=True))
    seal = seal_evidence()
    browser.post(ADDRESS, ASKED | {"format": "json"})
    (job,) = Job.objects.filter(kind="operations:draw_attestation")
    assert run_job(job.pk)
    served = browser.get(reverse("documents:job_download", args=[job.pk]))
    assert served["Content-Type"] == "application/json"
    told = json.loads(b"".join(served.streaming_content))
    (kept,) = list_entries(PLATFORM_CHAIN, action="operations:attestation:made")
    assert told["empreinte"] == kept.corps["details"]["empreinte"]
    states = ("en_marche", "degradee", "en_panne", "non_prouve")
    table = [
        [row["heure"], *(row[state] for state in states), row["empreinte"]] for row in told["table"]
    ]
    made = sha256(json.dumps(table, separators=(",", ":")).encode()).hexdigest()
    assert made == told["empreinte"]
    assert [row["concorde"] for row in told["table"]] == [True, False]
    assert told["sceau"] == {"numero": seal.pk, "racine": bytes(seal.racine).hex()}
    assert told["journal"]["ligne"] >= kept.seq
    # A minute changed after its hour was sealed: the same file says that it no longer agrees.
    table[0][1] -= 1
    assert sha256(json.dumps(table, separators=(",", ":")).encode()).hexdigest() != made


def test_the_command_gives_the_same_hash_and_the_pdf(morning, tmp_path):
    out = StringIO()
    asked = [f"--depuis={HERE.isoformat()}", f"--jusqua={HERE + 2 * HOUR:%Y-%m-%dT%H:%M}"]
    call_command("attest_sante", *asked, f"-o{tmp_path / 'a.pdf'}", stdout=out)
    told = json.loads(out.getvalue())
    assert told["empreinte"] == read_attestation(*morning).empreinte
    assert (told["non_prouve"], told["concordent"]) == (30, 1)
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(CommandError, match="heure ronde"):
        call_command("attest_sante", asked[0].replace(":00:00", ":30:00"), asked[1])


@pytest.mark.parametrize("role", ["gestionnaire", "juriste"])
def test_who_must_prove_it_has_it_and_nothing_more_of_the_platform(equipe, role):
    """The whole matrix is in tests/house/droits.txt."""
    asker = equipe.gestionnaire if role == "gestionnaire" else equipe.person(role)
    browser = equipe.browse(asker)
    assert browser.get(ADDRESS).status_code == 200
    assert browser.get("/plateforme/").status_code == 403
    asked = ASKED | {"format": "json"}
    answer = browser.post(ADDRESS, asked)
    job = Job.objects.get(kind="operations:draw_attestation", requested_by=asker)
    assert answer.url == reverse("jobs:job_detail", args=[job.pk])
    run_job(job.pk)
    told = json.loads(b"".join(browser.get(reverse("documents:job_download", args=[job.pk]))))
    assert told["non_prouve"] == 120
    assert equipe.browser("editeur").get(ADDRESS).status_code == 403
    assert equipe.browser("editeur").post(ADDRESS, asked).status_code == 403


def test_who_no_longer_manages_anything_does_not_take_it_away(equipe):
    second = equipe.person("gestionnaire", "autre")
    browser = equipe.browse(second)
    asked = ASKED | {"format": "json"}
    browser.post(ADDRESS, asked)
    job = Job.objects.get(kind="operations:draw_attestation", requested_by=second)
    run_job(job.pk)
    end_participation(by=equipe.gestionnaire, participation=second.participations.get())
    assert browser.get(reverse("documents:job_download", args=[job.pk])).status_code in (403, 404)
    assert browser.get(ADDRESS).status_code == 403


def test_minutes_noted_afterwards_are_counted(cloned_database, browse):
    """A breakdown of the base is noted at its return; nothing else may be."""
    now = database_now()
    this_minute = now.replace(second=0, microsecond=0)
    note(this_minute)
    note(this_minute - HOUR, "en_panne")
    note(this_minute - HOUR - MINUTE, "en_panne")
    start = this_minute.replace(minute=0) - 3 * HOUR
    found = read_attestation(start, start + 4 * HOUR)
    assert (found.late, found.counts["en_marche"], found.counts["en_panne"]) == (2, 1, 2)
    assert found.told()["apres_coup"] == 2
    _, text = text_of(draw_attestation(found, instant=now))
    assert "2 minutes notées après coup" in text
    # When each was written is part of what the journal keeps of an hour.
    rows = list(MinuteSante.objects.all())
    before = digest(rows)
    rows[0].written_at -= HOUR
    assert digest(rows) != before


@pytest.mark.parametrize("heure", ["demain", "2026-11-22T12:00", 3, None])
def test_a_line_that_seals_nonsense_is_not_read(morning, heure):
    """Whoever holds the password of the site may write one; the hour keeps the hash it has."""
    forged = {"heure": heure, "empreinte": "0" * 64}
    for details in (forged, forged | {"heure": EIGHT.isoformat()}, {}):
        record_event(by=None, tag=HOUR_TAG, chain=PLATFORM_CHAIN, objet="x", details=details)
    assert [row.concorde for row in read_attestation(*morning).hours] == [True, False]


def test_what_is_removed_after_thirteen_months_is_refused_and_not_told_as_altered(lived, as_worker):
    """The hash of an hour stays for ever in the journal, its minutes do not."""
    first = first_hour_kept(database_now())
    for shift in (-HOUR, 0 * HOUR):
        note(first + shift)
        seal_hour(first + shift)
    with as_worker():
        assert purge_minutes() == 1
    with pytest.raises(ValidationError, match="treize mois") as refused:
        check_period(first - HOUR, first + HOUR)
    assert list(refused.value.message_dict) == ["depuis"]
    # Positive control: what may be asked for has lost nothing.
    check_period(first, first + HOUR)
    (row,) = read_attestation(first, first + HOUR).hours
    assert (row.minutes[0], row.empreinte) == (1, digest(MinuteSante.objects.all()))


@pytest.mark.parametrize(
    ("limite", "offered"),
    [
        ("2026-03-12T12:00:00+01:00", ("2026-03-12", 11, "2026-03-12", 12)),
        ("2026-03-12T11:30:00+01:00", ("2026-03-12", 10, "2026-03-12", 12)),
        ("2026-03-12T00:10:00+01:00", ("2026-03-11", 23, "2026-03-12", 1)),
        ("2999-01-01T12:00:00+01:00", None),
        ("demain", None),
        ("9999-99-99T00:00:00Z", None),
        ("2026-03-12T12:00:00", None),
        ("0001-01-01T00:00:00+23:00", None),
    ],
)
def test_the_hour_before_the_deadline_is_offered(equipe, limite, offered):
    page = equipe.browser("gestionnaire").get(ADDRESS, {"limite": limite})
    assert page.status_code == 200
    initial = page.context["form"].initial
    found = (
        str(initial["jour_depuis"]), initial["heure_depuis"],
        str(initial["jour_jusqua"]), initial["heure_jusqua"],
    )  # fmt: skip
    assert (found == offered) if offered else found[2] != "2026-03-12"


def test_the_history_of_a_marche_leads_to_it(equipe):
    browser = equipe.browser("gestionnaire")
    page = browser.get(reverse("marches:history_read", args=[equipe.marche.pk])).content.decode()
    (link,) = re.findall(rf'href="({ADDRESS}[^"]*)"', page)
    assert browser.get(link).status_code == 200

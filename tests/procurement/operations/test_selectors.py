"""What is looked at, one fault at a time; each look is shown to be able to see it."""

import collections
import json
from contextlib import suppress
from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from procurement.audit.services import record_verdict, seal_evidence, verify_evidence
from procurement.jobs.enums import StatutJob
from procurement.jobs.models import Job
from procurement.operations import selectors
from procurement.operations.enums import EtatSante, Organe
from procurement.operations.models import MinuteSante
from procurement.operations.selectors import SIGN_OF_LIFE, Constat, Sante, read_sante
from procurement.operations.services import sign_life


UP, SLOW, DOWN = EtatSante.EN_MARCHE, EtatSante.DEGRADEE, EtatSante.EN_PANNE


def states():
    return {one.organe: one.etat for one in read_sante().constats}


def test_all_is_well_and_everything_was_looked_at(db):
    sign_life()
    # Whether the site takes requests is seen by its own process.
    assert states() == dict.fromkeys(set(Organe) - {Organe.WEB}, UP)
    assert read_sante().etat is UP


def test_the_state_is_the_worst_constat():
    one, two = Constat(Organe.BASE, UP, ""), Constat(Organe.VALKEY, SLOW, "")
    assert Sante((one, two)).etat is SLOW
    assert Sante((two, Constat(Organe.BASE, DOWN, ""), one)).etat is DOWN


def test_a_worker_that_never_spoke_or_is_silent(db):
    assert states()[Organe.TRAVAILLEUR] is SLOW
    old = timezone.now() - selectors.SILENCE - timedelta(seconds=1)
    cache.set(SIGN_OF_LIFE, old.isoformat(), timeout=None)
    assert states()[Organe.TRAVAILLEUR] is SLOW
    assert any("signe de vie depuis" in one.mots for one in read_sante().constats)
    sign_life()
    assert states()[Organe.TRAVAILLEUR] is UP


def test_a_worker_at_a_long_job_is_alive_as_long_as_it_renews_its_lease(db):
    job = Job(kind="x", titre="x", statut=StatutJob.EN_COURS)
    job.bail_jusqua = timezone.now() + timedelta(seconds=20)
    job.save()
    assert states()[Organe.TRAVAILLEUR] is UP
    Job.objects.update(bail_jusqua=timezone.now() - timedelta(seconds=1))
    assert states()[Organe.TRAVAILLEUR] is SLOW


def measured(organe):
    return next(one.mesures for one in read_sante().constats if one.organe is organe)


def test_what_waits_is_counted_and_the_oldest_is_told(db):
    sign_life()
    assert measured(Organe.TRAVAILLEUR) == {
        "travaux_en_file": 0, "courriels_en_file": 0, "plus_ancien_s": 0,
    }  # fmt: skip
    for kind, hours in (("accounts:mail", 3), ("marches:mail_alert", 1), ("x", 2)):
        job = Job.objects.create(kind=kind, titre="x")
        Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    Job.objects.create(kind="accounts:mail", titre="x", statut=StatutJob.FAIT)
    found = measured(Organe.TRAVAILLEUR)
    assert (found["travaux_en_file"], found["courriels_en_file"]) == (3, 2)
    assert 3 * 3600 - 5 <= found["plus_ancien_s"] <= 3 * 3600 + 60


def test_a_healthy_platform_leaves_figures_of_its_base_and_its_disk(db):
    assert measured(Organe.BASE).keys() == {"lecture_ms", "ecriture_ms", "taille_mo"}
    assert measured(Organe.BASE)["taille_mo"] > 1
    assert measured(Organe.DISQUE)["libre_mo"] > 0


def test_a_verification_of_more_than_two_days_is_not_up(as_worker, monkeypatch):
    """« Intègre » of ten days ago says nothing of today; and no break is told, for none was found."""
    with as_worker():
        record_verdict(verify_evidence())
    seal_evidence()
    assert states()[Organe.VERIFICATION] is UP
    assert measured(Organe.PREUVE)["sceau_h"] == measured(Organe.VERIFICATION)["age_h"] == 0
    later = timezone.now() + selectors.UNVERIFIED + timedelta(minutes=1)
    monkeypatch.setattr(selectors.timezone, "now", lambda: later)
    assert states()[Organe.VERIFICATION] is SLOW
    assert states()[Organe.PREUVE] is UP
    assert measured(Organe.VERIFICATION)["age_h"] == 48


def test_a_platform_never_verified_is_told_after_two_days_only(lived):
    assert states()[Organe.VERIFICATION] is UP
    first = timezone.now() - selectors.UNVERIFIED - timedelta(hours=1)
    MinuteSante.objects.create(minute=first, etat="en_marche", version="0.1.0")
    assert states()[Organe.VERIFICATION] is SLOW


def test_valkey_out_of_reach(db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert states()[Organe.VALKEY] is SLOW


def test_an_antivirus_that_is_away_or_not_wanted(db, settings, tmp_path):
    settings.CLAMAV_URL = f"unix://{tmp_path}/clamd"
    assert states()[Organe.ANTIVIRUS] is SLOW
    settings.CLAMAV_URL = ""
    assert states()[Organe.ANTIVIRUS] is UP


def test_an_antivirus_that_was_never_installed_is_not_told_as_running(db, settings):
    """Nothing is wrong, and nothing is « en marche » either."""
    settings.CLAMAV_URL = ""
    (seen,) = [one for one in read_sante().constats if one.organe is Organe.ANTIVIRUS]
    assert (seen.etat, seen.absent) == (UP, "absent")
    out = StringIO()
    with suppress(SystemExit):
        call_command("read_sante", "--organe=antivirus", stdout=out)
    assert "absent     Aucun antivirus" in out.getvalue()
    assert "antivirus    en marche" not in out.getvalue()


def test_a_real_antivirus_answers(db, clamd):
    assert states()[Organe.ANTIVIRUS] is UP
    assert "L’antivirus répond." in [one.mots for one in read_sante().constats]


@pytest.mark.parametrize(("free", "state"), [(2 * 2**30, UP), (2**29, SLOW), (2**20, DOWN)])
def test_a_disk_that_fills(db, monkeypatch, free, state):
    usage = collections.namedtuple("usage", "total used free")
    monkeypatch.setattr(selectors.shutil, "disk_usage", lambda folder: usage(0, 0, free))
    assert states()[Organe.DISQUE] is state


def test_a_clock_that_drifts(db, monkeypatch):
    late = timezone.now() - timedelta(seconds=3)
    monkeypatch.setattr(selectors.timezone, "now", lambda: late)
    assert states()[Organe.HORLOGE] is SLOW


def test_a_base_behind_the_code(cloned_database, run_manage, monkeypatch):
    """Real: the last migration of an app is not there."""
    monkeypatch.setattr(selectors, "_migrated", set())
    assert states()[Organe.MIGRATIONS] is UP
    from tests.services import services  # noqa: PLC0415

    services.postgres.sql(
        "DELETE FROM django_migrations WHERE app = 'wikimarche' AND name ="
        " (SELECT max(name) FROM django_migrations WHERE app = 'wikimarche')",
        cloned_database,
    )
    monkeypatch.setattr(selectors, "_migrated", set())
    assert states()[Organe.MIGRATIONS] is DOWN
    done = run_manage("read_sante", "--json", database=cloned_database)
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout)["constats"]["migrations"]["etat"] == "en_panne"


def test_a_base_of_another_version_of_the_code_is_left_as_it_is(cloned_database, run_manage):
    from tests.services import services  # noqa: PLC0415

    def tables() -> str:
        return services.postgres.sql(
            "SELECT string_agg(name, ' ' ORDER BY id) FROM django_migrations", cloned_database
        )

    services.postgres.sql(
        "INSERT INTO django_migrations (app, name, applied) VALUES "
        "('wikimarche', '0099_demain', now()), ('appartie', '0001_initial', now())",
        cloned_database,
    )
    before = tables()
    refused = run_manage("migrate", "--noinput", database=cloned_database)
    assert refused.returncode == 1
    assert "préparée par une autre version du code" in refused.stderr
    assert "wikimarche.0099_demain." in refused.stderr  # another's app is none of our business
    assert tables() == before
    services.postgres.sql(
        "DELETE FROM django_migrations WHERE app = 'wikimarche' AND name = '0099_demain'",
        cloned_database,
    )
    assert run_manage("migrate", "--noinput", database=cloned_database).returncode == 0


def test_the_command_says_it_in_words_and_by_its_code(cloned_database, run_manage):
    done = run_manage("read_sante", database=cloned_database)
    assert done.returncode == 1
    assert "Plateforme dégradée." in done.stdout
    assert "Le travailleur n’a jamais donné signe de vie." in done.stdout
    assert run_manage("read_sante", "--organe", "base", database=cloned_database).returncode == 0
    away = run_manage("read_sante", "--organe", "travailleur", database="nulle_part")
    assert away.returncode == 2
    assert "Traceback" not in away.stderr


@pytest.mark.timeout(180)
def test_the_worker_gives_its_sign_of_life(cloned_database, worker):
    """Rung by its name, as beat does, over Valkey, to the real worker and back to the base."""
    from celery import current_app  # noqa: PLC0415

    current_app.send_task("operations.sign_life", expires=30)
    limit = timezone.now() + timedelta(seconds=60)
    while states()[Organe.TRAVAILLEUR] is not UP and timezone.now() < limit:
        pass
    assert states()[Organe.TRAVAILLEUR] is UP

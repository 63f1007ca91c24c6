"""Work in the background: each kind has its row (tests/house/travaux.txt), and the right of its asker when it runs."""

import re
from functools import cache

import pytest
from celery import current_app
from django.conf import settings as site

from procurement.jobs import registry as kinds
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.models import Marche
from procurement.marches.services import share_marche
from tests.services import ROOT
from tests.support.cells import scene, stored_files, undone, without_second_factor
from tests.support.droits import (
    table,
)
from tests.support.scene import ACTORS


__all__ = ["scene", "stored_files", "without_second_factor"]
HERE = ROOT / "tests" / "house"


@cache
def work_table() -> dict[str, str]:
    lines = (HERE / "travaux.txt").read_text().splitlines()
    return dict(line.split() for line in lines if line.strip() and not line.startswith("#"))


def all_work() -> set[str]:
    current_app.loader.import_default_modules()
    tasks = {name for name in current_app.tasks if not name.startswith("celery.")}
    return tasks | set(kinds._kinds)


def test_every_task_and_kind_of_job_has_a_row():
    """Repair: write it in tests/house/travaux.txt, with the right checked again when it runs."""
    assert set(work_table()) == all_work()


def test_beat_only_rings_known_tasks():
    assert {entry["task"] for entry in site.CELERY_BEAT_SCHEDULE.values()} <= all_work()


@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "anonyme"])
def test_a_job_runs_with_the_rights_of_its_asker_at_that_moment(scene, actor):
    """ASVS 8.3.3: rows written by anyone, whoever asked; only the right decides."""
    faults = []
    rows = {row.action: row for row in table()}
    with undone(outermost=True):
        if actor == "juriste_sans_partage":
            marche = Marche.objects.get(pk=scene.objets["marche"])
            share_marche(by=scene.people["gestionnaire"], marche=marche, partage=False)
        for kind, action in work_table().items():
            if action == "-":
                continue
            row = rows[action]
            job = Job(
                kind=kind, action=action, objet=scene.objets.get(row.objet), titre="x",
                requested_by=scene.people[actor], params={},
            )  # fmt: skip
            job.save()
            run_job(job.pk)
            job.refresh_from_db()
            refused = bool(re.search("plus le droit", job.raison))
            if refused != (row.expected[actor] not in (200, 302) or actor == "desactive"):
                faults.append(f"{kind}: {job.statut} {job.raison}")
    assert not faults, "\n".join(faults)

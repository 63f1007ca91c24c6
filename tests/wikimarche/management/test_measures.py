"""The measures run whole on small sizes, and what they generate is sound evidence."""

import json

import pytest

from procurement.audit.services import verify_evidence
from tests.services import services
from wikimarche.management.measures.scenes import add_piece, lengthen_history, set_scene
from wikimarche.models import Version
from wikimarche.selectors import find_version


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("compare", {"chars", "seconds", "ratio"}),
        ("save", {"versions", "p95_ms", "ratio"}),
        ("open", {"articles", "versions", "p95_ms", "ratio"}),
        ("verify", {"versions", "seconds", "ratio", "peak_rss_mb"}),
    ],
)
def test_a_measure_speaks_json(run_manage, name, keys):
    with services.cloned() as database:
        done = run_manage("bench", name, "--json", "--court", database=database)

    # 1: a goal was missed, which a busy machine is free to do.
    assert done.returncode in (0, 1), done.stderr
    *rows, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) >= 2
    assert all(keys <= row.keys() for row in rows)
    assert last["summary"] is True
    assert all(isinstance(value, bool) for value in last["passed"].values())


def test_a_measure_refuses_a_database_in_use(run_manage):
    with services.cloned() as database:
        run_manage("bench", "verify", "--court", database=database)
        done = run_manage("bench", "verify", "--court", database=database)

    assert done.returncode == 1
    assert "base vide" in done.stderr


def test_a_generated_history_is_sound(cloned_database):
    scene = set_scene()
    piece = add_piece(scene, articles=12, chars=4_000)
    lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=40)

    assert verify_evidence().ok
    assert Version.objects.filter(piece=piece).count() == 40
    assert find_version(piece, 40) is not None

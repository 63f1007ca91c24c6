"""The measures run whole on small sizes, and what they generate is sound evidence."""

import json
import signal

import pytest

from procurement.audit.services import verify_evidence
from tests.services import services
from wikimarche.domain.specimen import generate_piece, revise_piece
from wikimarche.management.measures import wagtail_child as child
from wikimarche.management.measures.comparing import articles_html, share_marked
from wikimarche.management.measures.scenes import add_piece, lengthen_history, set_scene
from wikimarche.models import Version
from wikimarche.selectors import find_version


SIZE = {"chars", "articles", "versions"}
"""What every row says of the pièce it was taken on."""


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("compare", {"seconds", "ratio"}),
        ("save", {"p95_ms", "ratio"}),
        ("open", {"p95_ms", "ratio", "panel_p50_ms"}),
        ("verify", {"seconds", "ratio", "peak_rss_mb"}),
    ],
)
def test_a_measure_speaks_json(run_manage, name, keys):
    with services.cloned() as database:
        done = run_manage("bench", name, "--json", "--court", database=database)

    # 1: a goal was missed, which a busy machine is free to do.
    assert done.returncode in (0, 1), done.stderr
    *rows, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) >= 2
    assert all(keys | SIZE <= row.keys() for row in rows)
    assert all(row[size] > 0 for row in rows for size in SIZE)
    assert last["summary"] is True
    assert all(isinstance(value, bool) for value in last["passed"].values())


def test_a_measure_refuses_a_database_in_use(run_manage):
    with services.cloned() as database:
        run_manage("bench", "verify", "--court", database=database)
        done = run_manage("bench", "verify", "--court", database=database)

    assert done.returncode == 1
    assert "base vide" in done.stderr


def test_wagtail_is_compared_with_comparisons_only(run_manage):
    with services.cloned() as database:
        done = run_manage("bench", "open", "--court", "--wagtail=python3", database=database)

    assert done.returncode == 1
    assert "ne va qu’avec la mesure «\u202fcompare\u202f»" in done.stderr


def test_wagtail_is_given_the_texts_as_they_are_read():
    old = generate_piece(chars=12_000, seed=3)
    new = revise_piece(old, moves=3)

    before, after = articles_html(old), articles_html(new)

    assert {key for key, _ in before} == {key for key, _ in after}
    assert [key for key, _ in before] != [key for key, _ in after]
    assert all(html.startswith("<h2>") and "<p" in html for _, html in before)


def test_the_share_of_signs_told_as_changed():
    html = "<p>dix signes<ins>onze signes</ins> <del><b>neuf</b></del></p>"
    assert share_marked(html) == round(15 / 26, 3)
    assert child.share_marked('a<span class="addition">bc</span>d') == 0.5
    assert child.share_marked("") is None


def test_a_comparison_without_end_is_stopped_and_says_so():
    """As on a text where difflib would take hours: the ratio is then a least."""

    def endless() -> str:
        while True:
            pass

    before = signal.signal(signal.SIGVTALRM, child._stop)
    try:
        found = child.clock(endless, 0.2)
    finally:
        signal.signal(signal.SIGVTALRM, before)

    assert found["borne"] is True
    assert found["marques"] is None
    assert 0.1 < found["secondes"] < 5


def test_a_generated_history_is_sound(cloned_database):
    scene = set_scene()
    piece = add_piece(scene, articles=12, chars=4_000)
    lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=40)

    assert verify_evidence().ok
    assert Version.objects.filter(piece=piece).count() == 40
    assert find_version(piece, 40) is not None

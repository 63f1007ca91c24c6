"""Cross fuzz: the real prosemirror packages and the Python authority must find the same.

frontend/fuzz/fuzz.mjs makes the edits; a seed that once showed a difference is kept in SEEDS.
Longer: `pytest -m lent tests/wikimarche/domain/test_fuzz.py`.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.required import missing
from tests.wikimarche.domain.factories import rebase_steps
from wikimarche.domain.authority import commit_steps
from wikimarche.domain.canonical import canonical_node
from wikimarche.domain.repair import give_ids
from wikimarche.domain.rewriting import steps_between
from wikimarche.domain.schema import dump_doc, load_doc, parse_doc
from wikimarche.domain.steps import replay_steps


FUZZ = Path(__file__).resolve().parents[3] / "frontend" / "fuzz"
# 12: undo of a redo of a mark gives sets of mark steps inside sets.
SEEDS = [(1, 60), (7, 60), (12, 120), (2026, 60)]
LONG = [(seed, 400) for seed in range(100, 130)]


def cases(seed, count):
    node = shutil.which("node")
    if node is None:
        missing("NODEJS", "node is not here to run the packages of the editor")
    if not (FUZZ.parent / "node_modules" / "prosemirror-tables").is_dir():
        missing("NODEJS", "the packages of the editor are not here: `npm ci` in frontend/")
    command = [node, str(FUZZ / "fuzz.mjs"), "--seed", str(seed), "--cases", str(count)]
    done = subprocess.run(command, capture_output=True, timeout=500, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def flat(step):
    if step["stepType"] != "markSet":
        return [step]
    return [inner for nested in step["steps"] for inner in flat(nested)]


def laid_flat(steps):
    return [
        {"stepType": "markSet", "steps": flat(step)} if step["stepType"] == "markSet" else step
        for step in steps
    ]


def check(case):
    base, ours, theirs = case["base"], case["ours"], case["theirs"]
    assert dump_doc(load_doc(base)) == base
    assert replay_steps(base, ours) == case["afterOurs"]
    assert replay_steps(base, theirs) == case["afterTheirs"]
    # What the browser sends to undo.
    assert replay_steps(case["afterOurs"], laid_flat(case["inverted"])) == base
    steps, dropped = rebase_steps(ours, theirs, case["afterTheirs"])
    assert dropped == case["dropped"]
    assert steps == laid_flat(case["rebased"])
    assert replay_steps(case["afterTheirs"], steps) == case["afterRebase"]
    done = commit_steps(case["afterTheirs"], ours, theirs, seed="croisement")
    parse_doc(done.doc)
    # Alone, a commit is mapped over nothing: a mark laid on no word stays, and harms nobody.
    assert done.steps[: len(steps)] == steps if theirs else done.dropped == ()
    assert list(done.dropped) == dropped or not theirs
    assert replay_steps(case["afterTheirs"], done.steps) == done.doc
    target = give_ids(case["afterOurs"], seed="cible")
    way = steps_between(case["afterTheirs"], target)
    reached = replay_steps(case["afterTheirs"], way)
    assert canonical_node(reached) == canonical_node(target)


@pytest.mark.parametrize(("seed", "count"), SEEDS)
def test_python_finds_what_prosemirror_finds(seed, count):
    for case in cases(seed, count):
        check(case)


@pytest.mark.lent
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("seed", "count"), LONG)
def test_python_finds_what_prosemirror_finds_for_long(seed, count):
    for case in cases(seed, count):
        check(case)

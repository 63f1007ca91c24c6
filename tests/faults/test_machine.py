"""X21: orders drawn at random, given to the real site and to a model written apart; both must agree.

A longer run, whose seed is printed: MACHINE=200x30 ./wm test --lent -s tests/faults/test_machine.py
The same again: MACHINE=200x30 MACHINE_SEED=1234 …
"""

import json
import os
import re
import secrets
import sys

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.machine import machine_on
from tests.support.machine_model import MATRIX
from tests.support.machine_site import Site, settle_people


pytestmark = [pytest.mark.attaque("X21"), pytest.mark.lent, pytest.mark.timeout(4 * 3600)]
SEEDS = ["1:4x15", "2026:4x15", "4711:25x30"]
"""Kept, with their size: those of the run of CI, then each that once showed a difference."""


@pytest.fixture
def site_options() -> dict[str, str]:
    """Without second factor: it has its own tests."""
    return {"DEMO": "1"}


@pytest.fixture
def site(live_server_process, worker, tmp_path) -> Site:
    return settle_people(live_server_process, tmp_path)


def run(machine, number: int, examples: int, steps: int) -> None:
    kept = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    run_state_machine_as_test(seed(number)(machine), settings=kept)


def seeds() -> list[str]:
    asked = os.environ.get("MACHINE")
    if not asked:
        return SEEDS
    return [f"{os.environ.get('MACHINE_SEED') or secrets.randbelow(10**6)}:{asked}"]


@pytest.mark.parametrize("kept", seeds())
def test_the_site_does_what_the_model_says(site, kept):
    machine = machine_on(site)
    number, examples, steps = map(int, re.split("[:x]", kept))
    try:
        run(machine, number, examples, steps)
    finally:
        told = {"seed": number, "examples": examples, "steps": steps, **machine.accepted}
        sys.stdout.write(f"\n{json.dumps(told)}\n")
    assert machine.accepted["accepted"] > 4 * examples
    assert machine.accepted["refused"] > examples


@pytest.mark.parametrize(
    ("cell", "roles"),
    [
        pytest.param("lire", MATRIX["lire"] - {"editeur"}, id="one who reads must not"),
        pytest.param("ecrire", MATRIX["ecrire"] - {"editeur"}, id="one who writes must not"),
        pytest.param("inviter", MATRIX["inviter"] | {"editeur"}, id="one who may not invite must"),
    ],
)
def test_one_inverted_cell_of_the_matrix_is_seen(site, cell, roles):
    """Positive control: the machine is judged red by a model that differs by one cell.

    Ten examples may never have an éditeur write; eighty do.
    """

    def run_until_red() -> None:
        for number in range(3, 11):
            run(machine_on(site, **{cell: roles}), number, 10, 20)

    with pytest.raises(AssertionError, match=r"the model says|does not read"):
        run_until_red()

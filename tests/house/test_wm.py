"""./wm judges the database it is given, says so in French, and leaves with the right code."""

import fcntl
import json
import os
import subprocess
import sys
import time
from uuid import uuid4

import pytest

from procurement.audit.services import PLATFORM_CHAIN, record_event
from procurement.demo.edition import EDITION
from tests.services import ROOT, services, wm


NOWHERE = "postgres://x:y@127.0.0.1:1/x"


@pytest.fixture
def verify(tmp_path):
    """Run ./wm manage verify_evidence in an empty data folder; no server is started there."""

    def run(*args, database, **plus):
        env = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT}
        env |= {
            "WM_VAR": str(tmp_path),
            "DATABASE_URL": database,
            "REDIS_URL": services.valkey.url,
        }
        done = subprocess.run(  # noqa: S603
            [sys.executable, ROOT / "wm", "manage", "verify_evidence", *args],
            env=env | plus, check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        assert not (tmp_path / "postgres").exists()
        return done

    return run


ENVIRONMENT = set(services.environment("x"))


@pytest.fixture
def demonstration(tmp_path):
    """Another supervisor that holds the data folder, with servers of its own."""
    wm.read_secrets(tmp_path)
    state = {
        "pid": os.getpid(),
        "url": "http://127.0.0.1:1",
        "database": 1,
        "redis": "redis://127.0.0.1:1/0",
    }
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps(state))
        lock.flush()
        yield


@pytest.fixture
def address(cloned_database):
    """A database with one entry."""
    record_event(by=None, tag="audit:row:noted", chain=PLATFORM_CHAIN, objet="x")
    return services.postgres.url("app_web", cloned_database)


def test_a_database_out_of_reach_is_not_a_broken_history(verify):
    done = verify("--json", database=NOWHERE)
    assert done.returncode == 2
    said = json.loads(done.stdout)
    assert said["ok"] is None
    start = (
        "Vérification impossible\u202f: la base de données ne répond pas à l’adresse 127.0.0.1:1"
    )
    assert said["erreur"].startswith(start)
    assert start in done.stderr


def test_a_database_out_of_reach_stops_the_other_commands_with_a_sentence(tmp_path):
    env = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT}
    done = subprocess.run(  # noqa: S603
        [sys.executable, ROOT / "wm", "manage", "sweep_files"],
        env=env | {"WM_VAR": str(tmp_path), "DATABASE_URL": NOWHERE, "REDIS_URL": "redis://x"},
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "DATABASE_URL ne répond pas à l’adresse 127.0.0.1:1." in done.stderr
    assert "Traceback" not in done.stderr


def test_the_database_given_is_the_one_verified(verify, address):
    done = verify("--json", database=address)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["entries"] == 1


def test_it_wins_over_a_demonstration_that_runs(verify, address, demonstration):
    done = verify("--json", database=address)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["entries"] == 1
    assert verify(database=NOWHERE).returncode == 2


def test_positive_control_without_address_the_demonstration_is_verified(verify, demonstration):
    """Nothing listens on its port 1: it is the one that was asked."""
    started = time.monotonic()
    done = verify("--json", database="")
    assert done.returncode == 2
    assert "127.0.0.1:1" in json.loads(done.stdout)["erreur"]
    assert time.monotonic() - started < 60


def test_an_unknown_marche_is_not_sound(verify, address):
    key = str(uuid4())
    done = verify("--marche", key, database=address)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"aucun marché ni aucune chaîne ne porte l’identifiant {key}" in done.stderr


def test_a_database_without_evidence_says_what_is_missing(verify):
    name = f"essai_{uuid4().hex}"
    services.postgres.create_database(name)
    try:
        done = verify("--json", database=services.postgres.url("app_web", name))
    finally:
        services.drop(name)
    assert done.returncode == 2
    assert "n’a pas les tables de la preuve" in json.loads(done.stdout)["erreur"]


@pytest.mark.parametrize(("held", "said"), [(True, True), (1, True), (EDITION, False)])
def test_an_older_demonstration_is_named_and_never_erased(
    tmp_path, monkeypatch, capsys, held, said
):
    monkeypatch.setattr(wm, "VAR", tmp_path)
    monkeypatch.setattr(wm, "digest", lambda paths: "same")
    stamp = tmp_path / "prepared.json"
    stamp.write_text(json.dumps({"code": "same", "seeded": held}))
    house = wm.House(demo=True)
    house.state = {"database": 1}
    monkeypatch.setattr(house, "manage", lambda *args, **options: pytest.fail("it ran a command"))
    house.prepare()
    assert (str(tmp_path) in capsys.readouterr().err) is said
    assert json.loads(stamp.read_text())["seeded"] == int(held)

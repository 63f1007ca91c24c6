"""./wm judges the database it is given, says so in French, and leaves with the right code."""

import fcntl
import json
import os
import socket
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


# ── The database that somebody gives is never filled with the demonstration ─────────────────────


@pytest.fixture
def wm_run(tmp_path):
    """Run ./wm in an empty data folder."""

    def run(*args, **variables):
        env = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT}
        env |= {"WM_VAR": str(tmp_path), "REDIS_URL": services.valkey.url}
        done = subprocess.run(  # noqa: S603
            [sys.executable, ROOT / "wm", *args],
            env=env | variables, check=False, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


def people_in(database):
    return services.postgres.sql("SELECT count(*) FROM accounts_user", database)


def given(database):
    """A database that somebody else runs, with the role that may migrate it."""
    return {
        "DATABASE_URL": services.postgres.url("app_web", database),
        "DATABASE_OWNER_URL": services.postgres.url("app_migrate", database),
    }


def test_a_command_leaves_the_database_it_is_given_without_demonstration(wm_run, cloned_database):
    done = wm_run("manage", "sweep_files", **given(cloned_database))
    assert done.returncode == 0, done.stderr
    assert "démonstration" not in done.stderr
    assert people_in(cloned_database) == "0"


def test_a_command_that_is_not_there_is_told_under_the_name_one_typed(wm_run, cloned_database):
    done = wm_run("manage", "rien_de_tel", **given(cloned_database))
    assert done.returncode == 1
    assert "«\u202f./wm manage help\u202f» les énumère." in done.stderr


def test_asked_by_name_alone_the_demonstration_says_which_word_is_missing(wm_run, cloned_database):
    done = wm_run("manage", "seed_demo", **given(cloned_database))
    assert done.returncode == 1
    assert "DEMO=on ./wm manage seed_demo" in done.stderr
    assert people_in(cloned_database) == "0"


@pytest.mark.parametrize(("database", "seeded"), [(5432, True), (NOWHERE, False)])
def test_only_the_embedded_database_is_filled_by_itself(
    monkeypatch, tmp_path, capsys, database, seeded
):
    """What any first command does, one way and the other."""
    asked = []
    monkeypatch.setattr(wm, "VAR", tmp_path)
    monkeypatch.setattr(wm, "check_answers", lambda database: None)
    monkeypatch.setattr(wm.House, "manage", lambda self, *args, output=None: asked.append(args[0]))
    house = wm.House(demo=True)
    house.state = {"database": database}
    house.prepare()
    assert asked == ["migrate", "collectstatic", *(["seed_demo"] if seeded else [])]
    assert ("reste telle qu’elle est" in capsys.readouterr().err) is not seeded
    assert bool(json.loads((tmp_path / "prepared.json").read_text())["seeded"]) is seeded


def test_an_antivirus_that_is_away_stops_the_demonstration_before_anything_is_made(
    wm_run, cloned_database, tmp_path
):
    away = f"unix://{tmp_path}/clamd"
    done = wm_run("manage", "seed_demo", DEMO="on", CLAMAV_URL=away, **given(cloned_database))
    assert done.returncode == 1
    assert f"L’antivirus ne répond pas à l’adresse {away} (CLAMAV_URL)" in done.stderr
    assert "rien n’a été chargé" in done.stderr
    assert people_in(cloned_database) == "0"
    assert services.postgres.sql("SELECT count(*) FROM journal", cloned_database) == "0"


def test_a_second_demonstration_in_one_folder_says_where_the_first_is(
    wm_run, demonstration, tmp_path
):
    (tmp_path / "comptes.txt").write_text("gestionnaire@demo.example")
    done = wm_run("demo")
    assert done.returncode == 0
    assert f"La démonstration tourne déjà dans {tmp_path}." in done.stderr
    assert "WM_VAR=AUTRE_DOSSIER PORT=AUTRE_PORT ./wm demo" in done.stderr
    assert "http://127.0.0.1:1\n" in done.stdout
    assert "gestionnaire@demo.example" in done.stdout


def test_a_port_that_is_taken_is_said_before_anything_is_prepared(
    wm_run, cloned_database, tmp_path
):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = wm_run("demo", PORT=str(port), **given(cloned_database))
    assert done.returncode == 1
    assert f"Le port {port} est pris. Un autre\u202f: PORT=" in done.stderr
    assert not (tmp_path / "prepared.json").exists()


# ── Two suites in one folder ────────────────────────────────────────────────────────────────────


def test_a_second_suite_in_one_folder_takes_servers_and_ports_of_its_own():
    """It runs while this one does, from the same WM_VAR and the same PORT."""
    script = (
        "from tests.services import services as s;"
        "print(s.folder.name, s.postgres.port, s.valkey.port, s.postgres.answers(), s.valkey.answers())"
    )
    env = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        env=env, cwd=ROOT, check=True, capture_output=True, text=True, timeout=110,
    )  # fmt: skip
    folder, database, valkey, *answers = done.stdout.split()
    assert folder != services.folder.name
    assert database != str(services.postgres.port)
    assert valkey != str(services.valkey.port)
    assert answers == ["True", "True"]


def test_the_server_of_somebody_else_is_not_taken_for_ours(tmp_path):
    """Same machine, same passwords, same port, another folder: it answers, and is not ours."""
    if not services.postgres.child:
        pytest.skip("an outside server has no folder")
    secrets = wm.read_secrets(services.folder.parent)
    other = wm.Postgres(tmp_path, secrets)
    other.port = services.postgres.port
    assert other.sql("SELECT 1") == "1"
    assert not other.answers()
    bell = wm.Valkey(tmp_path, secrets)
    bell.port = services.valkey.port
    assert not bell.answers()
    assert services.postgres.answers()
    assert services.valkey.answers()


def test_a_port_taken_between_the_look_and_the_start_is_tried_again():
    """The first ports are refused, as by somebody quicker; the third time is the last."""
    tried = []

    class Server:
        def start(self, first):
            tried.append(first)
            if len(tried) < 3:
                raise wm.Refused("pris")

    wm.start_on_free_port(Server(), 8000)
    assert tried == [8000, 8001, 8002]
    tried[:] = [0, 0, 0]
    Server.start = lambda self, first: (_ for _ in ()).throw(wm.Refused("pris"))
    with pytest.raises(wm.Refused):
        wm.start_on_free_port(Server(), 8000)

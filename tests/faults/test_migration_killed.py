"""A migration killed on its way; the code of yesterday on the tables of tomorrow. X20."""

import os
import re
import signal
import subprocess
import sys
import time
from uuid import uuid4

import pytest

from tests.services import services, wm
from tests.support.client import Browser
from tests.support.equipe import make_equipe
from tests.support.faults import ask


APPLIED = "SELECT count(*) FROM pg_tables WHERE tablename = 'django_migrations'"


@pytest.fixture
def empty():
    """A database where nothing was migrated."""
    name = f"essai_{uuid4().hex}"
    services.postgres.create_database(name)
    yield name
    services.drop(name)


def schema(database: str) -> list[str]:
    """The definition of everything, without the random marks of the dump."""
    target = f"host=127.0.0.1 port={services.postgres.port} user=postgres dbname={database}"
    dump = services.postgres._run("pg_dump", "--schema-only", "-d", target)
    assert dump.returncode == 0, dump.stderr
    return [line for line in dump.stdout.splitlines() if not re.match(r"\\(un)?restrict ", line)]


def applied(database: str) -> int:
    if services.postgres.sql(APPLIED, database) == "0":
        return 0
    return int(services.postgres.sql("SELECT count(*) FROM django_migrations", database))


@pytest.mark.attaque("X20")
@pytest.mark.timeout(300)
def test_killed_on_its_way_it_goes_on_from_whole_steps(empty, run_manage):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "migrate", "--noinput"],
        env={**os.environ, **services.environment(empty)}, cwd=wm.ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while applied(empty) < 8:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    done = applied(empty)
    again = run_manage("migrate", "--noinput", database=empty)
    assert again.returncode == 0, again.stderr
    assert applied(empty) > done, "it was killed too late to show anything"
    assert schema(empty) == schema(services.template)


@pytest.mark.attaque("X20")
def test_half_a_step_is_seen(empty, run_manage):
    """Positive control: what a migration without transaction would leave behind."""
    services.postgres.sql(
        "SET ROLE procurement_owner; CREATE TABLE public.jobs_job (id uuid PRIMARY KEY)", empty
    )
    assert run_manage("migrate", "--noinput", database=empty).returncode != 0


@pytest.mark.attaque("X20")
def test_the_code_of_yesterday_reads_the_tables_of_tomorrow(cloned_database, live_server_process):
    equipe = make_equipe()
    services.postgres.sql(
        "ALTER TABLE wikimarche_piece ADD COLUMN demain text;"
        "ALTER TABLE marches_marche ADD COLUMN demain integer NOT NULL DEFAULT 0;"
        "CREATE TABLE wikimarche_demain (id uuid PRIMARY KEY)",
        cloned_database,
    )
    session = Browser(equipe.person("editeur")).cookies["seance"].value
    for path in ("/", f"/marches/{equipe.marche.pk}/", f"/pieces/{equipe.piece.pk}/"):
        assert ask(live_server_process.url, path, session=session)[0] == 200


@pytest.mark.attaque("X20")
def test_tables_that_the_code_of_yesterday_cannot_read_are_seen(
    cloned_database, live_server_process
):
    """Positive control: a column renamed in one step, as a migration must never do."""
    equipe = make_equipe()
    session = Browser(equipe.person("editeur")).cookies["seance"].value
    services.postgres.sql(
        "ALTER TABLE wikimarche_piece RENAME COLUMN titre TO intitule", cloned_database
    )
    url = f"/pieces/{equipe.piece.pk}/"
    assert ask(live_server_process.url, url, session=session)[0] in (500, 503)

"""/sante/: up or not, to anybody, at no cost, and without a word more."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.operations import selectors
from procurement.operations.enums import EtatSante, Organe
from procurement.operations.selectors import Constat, Sante, lately
from procurement.operations.services import sign_life


@pytest.fixture(autouse=True)
def unseen():
    """No test reads what another one has seen."""
    lately.forget()
    yield
    lately.forget()


def test_the_platform_is_up(db):
    sign_life()
    answer = Client().get("/sante/")
    assert (answer.status_code, answer.json()) == (200, {"etat": "en_marche"})
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_it_asks_little_and_nothing_of_a_person(db):
    """The first answer of a process reads the list of migrations; then ten queries, then none."""
    Client().get("/sante/")
    lately.forget()
    sign_life()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        Client().get("/sante/")
    queries = [query["sql"] for query in asked.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(queries) == 10, queries
    assert [sql.split()[2] for sql in queries if sql.startswith(("INSERT", "UPDATE"))] == ["cache"]
    assert not any("session" in sql or "accounts_user" in sql for sql in queries)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(20):
            Client().get("/sante/")
    assert not asked.captured_queries


@pytest.mark.django_db
def test_a_base_out_of_reach_is_down_and_says_nothing_of_it(django_db_blocker):
    with django_db_blocker.unblock():
        connection.close()
        port = connection.settings_dict["PORT"]
        connection.settings_dict["PORT"] = "1"
        try:
            answer = Client().get("/sante/")
            live = Client().get("/sante/vie/")
        finally:
            connection.settings_dict["PORT"] = port
    assert (answer.status_code, answer.json()) == (503, {"etat": "en_panne"})
    assert (live.status_code, live.json()) == (200, {"etat": "en_vie"})


@pytest.mark.parametrize("organe", [Organe.VALKEY, Organe.TRAVAILLEUR, Organe.ANTIVIRUS])
def test_what_does_not_prevent_writing_does_not_take_the_site_off(monkeypatch, organe):
    """Rule 7: losing Valkey blocks no writing; a load balancer must go on sending people."""
    seen = Sante((Constat(organe, EtatSante.DEGRADEE, "mots de la panne"),))
    monkeypatch.setattr(selectors, "read_sante", lambda: seen)
    answer = Client().get("/sante/")
    assert (answer.status_code, answer.json()) == (200, {"etat": "en_marche"})
    assert "panne" not in answer.content.decode()


def test_a_probe_beside_the_site_needs_no_https(db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/sante/").status_code == 200
    assert Client().get("/").status_code == 301

"""/sante/vie/: this process answers, whatever else is down."""

from django.test import Client


def test_nothing_is_asked_of_the_database():
    """Without the fixture db, a query would fail the test."""
    answer = Client().get("/sante/vie/")
    assert (answer.status_code, answer.json()) == (200, {"etat": "en_vie"})
    assert not answer.cookies


def test_only_reading_is_answered():
    assert Client().post("/sante/vie/").status_code == 405
    assert Client().post("/sante/").status_code == 405

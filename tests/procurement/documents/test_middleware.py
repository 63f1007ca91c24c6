"""A body too heavy is refused on its announced length."""

import io

import pytest
from django.test import Client, override_settings


class Unreadable(io.RawIOBase):
    """A body that must not be read."""

    def readable(self):
        return True

    def readinto(self, buffer):
        raise AssertionError("the body was read")


def post(length: str, **headers: str):
    return Client(headers={"host": "127.0.0.1", **headers}).generic(
        "POST", "/marches/ouvrir/", b"", CONTENT_LENGTH=length, **{"wsgi.input": Unreadable()}
    )


@pytest.mark.parametrize("length", ["209715200", "3000000000", "-1", "douze"])
def test_a_body_above_the_limit_is_refused_unread(length):
    response = post(length)

    assert response.status_code == 413
    assert "Erreur 400" not in response.content.decode()
    assert "dépasse 26\u00a0Mo" in response.content.decode()


def test_a_script_is_answered_in_json():
    response = post("209715200", accept="application/json")

    assert response.status_code == 413
    assert "dépasse" in response.json()["erreur"]


def test_a_chunked_body_without_length_is_refused():
    response = post("", **{"transfer-encoding": "chunked"})

    assert response.status_code == 411


@pytest.mark.django_db
@override_settings(BODY_LIMIT=10)
def test_a_body_within_the_limit_passes():
    response = Client(headers={"host": "127.0.0.1"}).post("/compte/connexion/", {"a": "b"})

    assert response.status_code == 413
    with override_settings(BODY_LIMIT=10_000):
        passed = Client(headers={"host": "127.0.0.1"}).post("/compte/connexion/", {"a": "b"})
    assert passed.status_code == 200

"""Lines of the log: one event a line whatever is written, with its facts, without secrets."""

import json
import logging
import sys

import pytest
from django.urls import reverse

from procurement.ui.logs import JsonFormatter, TextFormatter, current_request_id, saying
from tests.procurement.accounts.factories import UserFactory
from tests.support.client import Browser


HOSTILE = [
    "a\nb", "a\r\nb", 'a"}\n{"niveau": "CRITICAL"}', "\x1b[2J\x1b]0;x\x07", "a\x00b", "a\x85b",
    "a\u2028b\u2029c", "prix \u202e00 5", "a\u200bb", "\x9b31m", "\ud800", "\\n", "\x7f",
]  # fmt: skip


def write(message, *args, formatter=JsonFormatter, **extra):
    record = logging.LogRecord("essai", logging.WARNING, "f.py", 1, message, args, None)
    vars(record).update(extra)
    return formatter().format(record)


@pytest.mark.attaque("B09")
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_written_makes_one_line(hostile):
    line = write("path %s", hostile, faits={"fichier": hostile})
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    said = json.loads(line)
    assert (said["message"], said["fichier"]) == (f"path {hostile}", hostile)
    assert said["niveau"] == "WARNING"
    text = write("path %s", hostile, formatter=TextFormatter)
    assert len(text.splitlines()) == 1
    assert text.isprintable()


def test_a_bare_formatter_would_have_written_two_lines():
    """Positive control: what logging does by itself."""
    record = logging.LogRecord("essai", logging.WARNING, "f.py", 1, "path %s", ("a\nb",), None)
    assert len(logging.Formatter().format(record).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("bonjour camille.durand@region.example !", "bonjour […] !"),
        ("Key (email)=(camille@region.example) already exists", "Key (email)=([…]) already exists"),
        ("postgres://app_web:s3cret@base/x", "postgres://[…]@base/x"),
        ("redis://:s3cret@127.0.0.1:6379/0", "redis://[…]@127.0.0.1:6379/0"),
        ("?token=abc&page=2", "?token=[…]&page=2"),
        ("Cookie: seance=abc; csrf=def", "Cookie: seance=[…]; csrf=[…]"),
        ("rien à cacher : 3 @ 4", "rien à cacher : 3 @ 4"),
    ],
)
def test_what_is_secret_is_masked(text, kept):
    assert json.loads(write(text))["message"] == kept


def test_an_error_is_one_line_and_its_secrets_are_masked():
    try:
        raise ValueError("refused to camille@region.example\nsecond line")
    except ValueError:
        info = sys.exc_info()
    line = write("failed", exc_info=info)
    assert len(line.splitlines()) == 1
    said = json.loads(line)
    assert "ValueError: refused to […]\nsecond line" in said["erreur"]
    assert "Traceback" in said["erreur"]
    assert write("failed", exc_info=info, formatter=TextFormatter).count("\n") > 3


def test_instants_are_in_universal_time():
    assert json.loads(write("x", created=0.0))["instant"] == "1970-01-01T00:00:00.000+00:00"


def test_what_is_under_way_is_on_each_line_and_ends_with_it():
    with saying(requete="abc"), saying(acteur="u1"):
        said = json.loads(write("x"))
        assert (said["requete"], said["acteur"]) == ("abc", "u1")
        assert current_request_id() == "abc"
    assert "requete" not in json.loads(write("x"))


# ── Requests ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def lines(settings, caplog):
    """What the site would write, read back: `lines()`."""
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(JsonFormatter())
    # Formatted at once: the context of the request is over afterwards.
    said = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(json.loads(JsonFormatter().format(record)))
    logging.getLogger().addHandler(handler)
    yield lambda: [line for line in said if line["source"] == "requetes"]
    logging.getLogger().removeHandler(handler)


def test_a_request_is_one_line_with_its_number(db, browse, lines):
    user = UserFactory()
    answer = browse(user).get("/", HTTP_X_REQUEST_ID="choisi-par-le-navigateur")
    (line,) = lines()
    assert line["requete"] == answer["X-Request-ID"] != "choisi-par-le-navigateur"
    assert (line["methode"], line["adresse"], line["statut"]) == ("GET", "/", 200)
    assert line["acteur"] == str(user.pk)
    assert isinstance(line["ms"], int)


def test_an_address_stands_as_its_pattern(db, lines):
    secret = "S3CRET0SECRET"
    Browser().get(f"/compte/mot-de-passe/{secret}/?recherche={secret}")
    Browser().get(reverse("jobs:job_detail", args=["00000000-0000-4000-8000-000000000001"]))
    written = json.dumps(lines())
    assert secret not in written
    assert lines()[1]["adresse"] == "/travaux/<uuid:pk>/"
    assert "acteur" not in lines()[1]


def test_error_pages_give_the_number_to_quote(db, browse):
    for url, status in (("/nulle-part/", 404), ("/%00", 404)):
        answer = browse(UserFactory()).get(url)
        assert answer.status_code == status
        assert f"<code>{answer['X-Request-ID']}</code>" in answer.content.decode()


def test_a_broken_page_gives_its_number_and_the_log_the_error(db, browse, lines, monkeypatch):
    from procurement.jobs.views import jobs  # noqa: PLC0415

    def fail(*args, **kwargs):
        raise RuntimeError("camille@region.example")

    monkeypatch.setattr(jobs, "render", fail)
    answer = browse(UserFactory()).get(reverse("jobs:job_list"))
    assert answer.status_code == 500
    assert f"<code>{answer['X-Request-ID']}</code>" in answer.content.decode()
    assert "camille" not in answer.content.decode()
    (line,) = lines()
    assert (line["niveau"], line["statut"]) == ("ERROR", 500)

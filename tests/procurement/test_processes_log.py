"""Web, worker and beat started as in production: every line they write is one JSON object."""

# ruff: noqa: S310 - the test's own server

import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from http.cookiejar import CookieJar

import pytest
from django.urls import reverse

from procurement.jobs.services import enqueue
from tests.procurement.accounts.factories import PASSWORD, UserFactory
from tests.services import services, wm
from tests.support.client import Browser
from tests.support.equipe import make_equipe
from tests.support.process import Process, answers


SECRET_WORD = "recherche-secrete-7f3a"


def read_lines(process):
    """Every line, parsed; the test fails on the first that is not one object."""
    lines = process.log.read_text().split("\n")
    assert lines.pop() == ""
    for line in lines:
        assert line.startswith("{"), line
    return [json.loads(line) for line in lines]


@pytest.mark.attaque("B09")
def test_the_site_writes_one_object_a_line_and_no_secret(cloned_database):
    user = UserFactory()
    port = wm.free_port(services.valkey.port + 10)
    url = f"http://127.0.0.1:{port}"
    process = Process(
        "web",
        ["uvicorn", "procurement.asgi:application", f"--port={port}", "--no-proxy-headers"],
        services.environment(cloned_database, PUBLIC_URL=url, LOG_FORMAT="json", DEMO="on"),
    )
    process.start(lambda: answers(url))
    try:
        jar = CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        browser.addheaders = [("User-Agent", "navigateur \x1b[2J hostile")]
        browser.open(f"{url}/compte/connexion/").read()
        token = next(cookie.value for cookie in jar if cookie.name == "csrf")
        form = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
        browser.open(f"{url}/compte/connexion/", urllib.parse.urlencode(form).encode()).read()
        session = next(cookie.value for cookie in jar if cookie.name == "seance")
        answer = browser.open(f"{url}/marches/?q={SECRET_WORD}%0d%0aHTTP")
        number = answer.headers["X-Request-ID"]
        for path in (f"/{SECRET_WORD}%0a%7b/", "/compte/mot-de-passe/cle/1-abcdef/"):
            with pytest.raises(urllib.error.HTTPError):
                browser.open(url + path)
    finally:
        process.stop()
    lines, written = read_lines(process), process.log.read_text()
    (line,) = [line for line in lines if line.get("requete") == number]
    assert (line["adresse"], line["statut"], line["acteur"]) == ("/marches/", 200, str(user.pk))
    assert any(line["source"] == "uvicorn.error" for line in lines)
    for secret in (user.email, PASSWORD, session, token, SECRET_WORD, "1-abcdef", "\x1b"):
        assert secret not in written
        assert urllib.parse.quote(secret) not in written


BREAKS = 'a\r\n{"niveau": "CRITICAL"}\x1b[2J\x00\u202e'


@pytest.mark.attaque("B09")
def test_whoever_writes_a_name_a_file_a_path_or_a_browser_writes_no_line(cloned_database):
    """Breaks of lines and commands of terminal, by every way in, in the log of the real site."""
    equipe = make_equipe()
    user = equipe.person()
    cookie = Browser(user).cookies["seance"].value
    port = wm.free_port(services.valkey.port + 10)
    url = f"http://127.0.0.1:{port}"
    process = Process(
        "web",
        ["uvicorn", "procurement.asgi:application", f"--port={port}", "--no-proxy-headers"],
        services.environment(cloned_database, PUBLIC_URL=url, LOG_FORMAT="json", DEMO="on"),
    )
    process.start(lambda: answers(url))
    quoted = urllib.parse.quote(BREAKS)
    browsers = ("\x1b[2J\x07", "a\tb\x7f", '{"niveau": "CRITICAL"}', "é\x85\xa0")
    paths = (
        f"/{quoted}/",
        f"/marches/?q={quoted}&{quoted}=1",
        f"/pieces/{quoted}/",
        "/%0d%0a%1b%00",
    )
    try:
        jar = f"seance={cookie}"
        for agent in browsers:
            for path in paths:
                asked = urllib.request.Request(
                    url + path, headers={"Cookie": jar, "User-Agent": agent}
                )
                with suppress(urllib.error.HTTPError, http.client.HTTPException):
                    urllib.request.urlopen(asked).read()
        form = {"prenom": BREAKS, "nom": BREAKS}
        file = {"fichier": (f"{BREAKS}.docx", b"PK not a document")}
        for address, fields, files in (
            ("/compte/", form, {}),
            (reverse("wikimarche:piece_import", args=[equipe.piece.pk]), {}, file),
            (reverse("wikimarche:piece_rename", args=[equipe.piece.pk]), {"titre": BREAKS}, {}),
        ):
            send_form(url, address, jar, fields, files)
    finally:
        process.stop()
    lines, written = read_lines(process), process.log.read_text()
    asked = [line for line in lines if line["source"] == "requetes"]
    assert len(asked) >= len(browsers) * (len(paths) - 1) + 3
    assert not [line for line in lines if line["niveau"] == "CRITICAL"]
    assert {line["statut"] for line in asked} <= {200, 302, 400, 404, 409, 422}
    assert all(line.isprintable() for line in written.split("\n"))


def send_form(url, path, jar, fields, files):
    """Post a form as a browser does, with its token; names of files are sent as they are."""
    page = urllib.request.Request(f"{url}/compte/", headers={"Cookie": jar})
    answer = urllib.request.urlopen(page)
    token = re.search(r"csrf=([^;]+)", str(answer.headers["Set-Cookie"]))[1]
    body = b""
    for name, value in {**fields, "csrfmiddlewaretoken": token}.items():
        body += f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, (nom, content) in files.items():
        shown = nom.replace("\r\n", "%0D%0A").replace('"', "%22")
        body += f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{shown}"\r\n\r\n'.encode()
        body += content + b"\r\n"
    body += b"--b--\r\n"
    headers = {
        "Cookie": f"{jar}; csrf={token}",
        "Content-Type": "multipart/form-data; boundary=b",
        "Origin": url,
    }
    asked = urllib.request.Request(url + path, body, headers)
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(asked).read()


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_the_background_writes_one_object_a_line(cloned_database, tmp_path, name):
    services.valkey.flush()
    options = {
        "worker": ["--concurrency=1", "--without-gossip", "--without-mingle"],
        "beat": [f"--schedule={tmp_path / 'beat'}", "--pidfile="],
    }[name]
    process = Process(
        name,
        ["celery", "-q", "-A", "procurement", name, "--loglevel=INFO", *options],
        services.environment(cloned_database, role="app_worker", LOG_FORMAT="json"),
    )
    told = {"worker": b" ready.", "beat": b"beat: Starting"}[name]
    process.start(lambda: told in process.log.read_bytes())
    try:
        if name == "worker":
            job = enqueue(
                "accounts:mail", by=None, titre="Courriel", params={"illisible": "a@b.fr"}
            )
            limit = time.monotonic() + 30
            while str(job.pk) not in process.log.read_text() and time.monotonic() < limit:
                time.sleep(0.2)
            time.sleep(0.5)
        # Read now: told to stop, Celery says so by itself, outside the log.
        lines = read_lines(process)
    finally:
        process.stop()
    assert {"instant", "niveau", "source", "message"} <= set(lines[0])
    if name == "worker":
        assert any(line.get("travail") == str(job.pk) and "erreur" in line for line in lines)
        assert "a@b.fr" not in process.log.read_text()

"""What each answer tells the browser to refuse, and how its cookies are kept, here and behind HTTPS."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from django.urls import reverse

from tests.procurement.accounts.factories import PASSWORD, UserFactory
from tests.services import ROOT, services, wm
from tests.support.client import Browser
from tests.support.process import Process, answers


CSP = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "manifest-src 'self'", "base-uri 'none'",
    "object-src 'none'", "frame-ancestors 'none'",
}  # fmt: skip
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
PAGES = {"/compte/connexion/": 200, "/nulle-part/": 404, "/sante/": 200, "/": 302, "/%00": 404}


def directives(answer) -> set[str]:
    return {part.strip() for part in answer["Content-Security-Policy"].split(";") if part.strip()}


def check_headers(answer) -> None:
    assert directives(answer) == CSP
    assert {name: answer.get(name) for name in HEADERS} == HEADERS
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_closes_the_browser(db, path):
    answer = Browser().get(path)
    assert answer.status_code == PAGES[path]
    check_headers(answer)


@pytest.mark.parametrize("route", ["marches:home", "account_profile", "jobs:job_list"])
def test_so_do_the_pages_of_a_person_which_no_cache_keeps(db, browse, route):
    answer = browse(UserFactory()).get(reverse(route))
    check_headers(answer)
    assert {"private", "no-store"} <= set(answer["Cache-Control"].replace(" ", "").split(","))
    assert answer["Content-Type"] == "text/html; charset=utf-8"


def test_nobody_is_let_in_from_another_origin(db, browse):
    answer = browse(UserFactory()).get("/", HTTP_ORIGIN="https://mechant.example")
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_a_header_taken_away_is_seen(db, settings):
    """Positive control."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("csp.")]
    with pytest.raises(KeyError):
        check_headers(Browser().get("/compte/connexion/"))


def command_of_the_image() -> list[str]:
    """Its CMD, which docker-compose.yml keeps."""
    cmd = re.search(r"^CMD (\[.*?\])$", (ROOT / "Dockerfile").read_text(), re.DOTALL | re.MULTILINE)
    return json.loads(cmd[1].replace("\\\n", ""))


def headers_of(url: str) -> set[str]:
    try:
        answer = urllib.request.urlopen(url, timeout=10)  # noqa: S310
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return {name.lower() for name in answer.headers}


@pytest.mark.parametrize("command", [wm.WEB, command_of_the_image()], ids=["wm", "image"])
def test_the_server_tells_neither_its_name_nor_that_any_site_may_read(cloned_database, command):
    """Django’s client has no server: this is what the two ways of starting one really answer."""
    port = wm.free_port(services.valkey.port + 10)
    url = f"http://127.0.0.1:{port}"
    process = Process(
        "web",
        [*command, "--host=127.0.0.1", f"--port={port}"],
        services.environment(cloned_database, PUBLIC_URL=url),
    )
    process.start(lambda: answers(url))
    try:
        said = {path: headers_of(url + path) for path in [*PAGES, "/static/dist/site.css"]}
    finally:
        process.stop()
    assert "cache-control" in said["/static/dist/site.css"]
    for names in said.values():
        assert "date" in names
        assert not names & {"server", "x-powered-by", "access-control-allow-origin"}


def test_a_script_reads_no_cookie_of_the_session(db):
    browser, user = Browser(), UserFactory()
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    cookie = browser.cookies["seance"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert len(cookie.value) >= 32
    assert len(f"seance={cookie.value}") < 4096


SAID = """
import json
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE,
    s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS,
    s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_DOMAIN]))
"""


def test_behind_https_cookies_are_of_this_host_alone_and_plain_http_is_left():
    there = services.environment(
        services.database, PUBLIC_URL="https://marches.example", DEMO="off"
    )
    asked = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", SAID],
        env={**os.environ, **there}, cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    said = json.loads(asked.stdout.splitlines()[-1])
    assert said == ["__Host-seance", "__Host-csrf", True, True, 31_536_000, True, True, None]

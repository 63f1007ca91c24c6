"""No place left for the files, then for the database. X11."""

import contextlib
import http.client
import io
import json
import os
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connections
from PIL import Image

from procurement.documents.models import StoredFile
from procurement.operations.selectors import FRESH
from procurement.operations.services import note_minute
from tests.services import services, wm
from tests.support.client import Browser
from tests.support.equipe import commits_url, words
from tests.support.faults import DEAD, ROUND, TOKEN, ask, start_crowd
from tests.support.required import missing
from wikimarche.models import Commit


SMALL_DISK = (
    "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
    'mount -t tmpfs -o size=900k tmpfs "$0" && exec "$@"',
)  # fmt: skip


def noise() -> bytes:
    """A picture of about 390 kB that nothing compresses."""
    out = io.BytesIO()
    Image.frombytes("RGB", (380, 340), os.urandom(380 * 340 * 3)).save(out, "PNG")
    return out.getvalue()


def send(url: str, piece, session: str, content: bytes) -> tuple[int, str]:
    """Send a picture as the editor does."""
    head = (
        '--limite\r\nContent-Disposition: form-data; name="fichier"; filename="plan.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=40)
    connection.request(
        "POST", f"/pieces/{piece.pk}/images/", head.encode() + content + b"\r\n--limite--\r\n",
        {"Content-Type": "multipart/form-data; boundary=limite", "Accept": "application/json",
         "X-CSRFToken": TOKEN, "Cookie": f"seance={session}; csrf={TOKEN}"},
    )  # fmt: skip
    response = connection.getresponse()
    status, body = response.status, response.read().decode()
    connection.close()
    return status, body


@pytest.mark.attaque("X11")
def test_a_full_disk_keeps_nothing_by_halves_and_says_so(own_site, equipe):
    media = services.site / "media"
    media.mkdir(exist_ok=True)
    probe = subprocess.run([*SMALL_DISK, str(media), "true"], check=False, capture_output=True)  # noqa: S603
    if probe.returncode:
        missing("NAMESPACES", "this machine lends no file system of one's own")
    session = Browser(equipe.gestionnaire).cookies["seance"].value
    with own_site.serving(prefix=(*SMALL_DISK, str(media))) as web:
        disk = Path(f"/proc/{web.pid}/root{media}")
        (disk / "reste").write_bytes(bytes(400_000))
        status, kept = send(web.url, equipe.piece, session, noise())
        assert status == 200, kept
        files = {path.name for path in disk.rglob("*") if path.is_file()}

        status, told = send(web.url, equipe.piece, session, noise())
        assert status == 503
        assert (
            "n’a plus de place" in told.encode().decode("unicode_escape")
            or "n\\u2019a plus de place" in told
        )
        assert {path.name for path in disk.rglob("*") if path.is_file()} == files, "half a file"
        assert StoredFile.objects.count() == 1, "a row without its file"
        assert ask(web.url, f"/pieces/{equipe.piece.pk}/", session=session)[0] == 200

        # Positive control: written straight to its final name, half a file stays and is seen.
        with pytest.raises(OSError, match="No space left"):
            (disk / "direct").write_bytes(noise())
        assert "direct" in {path.name for path in disk.rglob("*") if path.is_file()}
        (disk / "direct").unlink()

        (disk / "reste").unlink()
        assert send(web.url, equipe.piece, session, noise())[0] == 200, "it goes on by itself"
        assert StoredFile.objects.count() == 2


# ── The disk of the database ────────────────────────────────────────────────────────────────────

SAID = "La base de données n’a plus de place"


@pytest.fixture
def disk(own_site, equipe):
    with own_site.small_disk() as disk:
        if disk is None:
            missing("NAMESPACES", "this machine lends no file system of one's own")
        yield disk


def save(url: str, article, session: str, commit: dict) -> tuple[int, dict]:
    """Save as the editor does, once."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=40)
    connection.request(
        "POST", commits_url(article), json.dumps(commit),
        {"Content-Type": "application/json", "X-CSRFToken": TOKEN, "Cookie": f"seance={session}; csrf={TOKEN}"},
    )  # fmt: skip
    response = connection.getresponse()
    status, told = response.status, json.loads(response.read())
    connection.close()
    return status, told


def refused_save(url: str, equipe, session: str) -> tuple[list[str], tuple[str, dict]]:
    """Save until it is refused: a page may still have a hole for a small row. What was kept, then what was not."""
    kept: list[str] = []
    for _ in range(200):
        commit = words("encore ", base=0)
        status, told = save(url, equipe.article, session, commit)
        if status != 200:
            assert status == 503, told
            return kept, (commit["id"], told)
        kept.append(commit["id"])
    raise AssertionError("a full disk refuses nothing")


def wait_refused(crowd) -> None:
    """Wait until everybody who types has been refused since now."""
    before = [typist.resent for typist in crowd.typists]
    limit = time.monotonic() + DEAD
    while time.monotonic() < limit:
        if all(typist.resent > was for typist, was in zip(crowd.typists, before, strict=True)):
            return
        time.sleep(0.02)
    raise AssertionError("a full disk refused nobody")


@pytest.mark.attaque("X11")
@pytest.mark.timeout(600)
def test_a_database_without_room_says_so_and_goes_on_by_itself(own_site, equipe, tmp_path, disk):
    page = f"/pieces/{equipe.piece.pk}/"
    with own_site.serving() as web:
        crowd = start_crowd(web.url, equipe, tmp_path)
        session = crowd.typists[0].session
        crowd.wait_saved()
        assert ask(web.url, "/sante/")[0] == 200
        disk.fill()
        wait_refused(crowd)
        kept, (refused, told) = refused_save(web.url, equipe, session)
        crowd.typists[0].sent += kept
        assert SAID in told["erreur"], told
        assert not Commit.objects.filter(pk=refused).exists(), "half a save"
        status, read, _seconds = ask(web.url, page, session=session)
        assert status == 200, "people read on"
        assert crowd.acknowledged[0]["mot"] in read
        assert ask(web.url, "/sante/vie/")[0] == 200
        time.sleep(FRESH)
        assert ask(web.url, "/sante/")[0] == 503, "nobody can write: no probe may be told otherwise"
        minute = note_minute()
        assert minute.etat == "en_panne", minute.constats
        disk.make_room()
        freed = time.monotonic()
        recovery = crowd.first_after(freed)
        crowd.wait_saved()
        time.sleep(FRESH)
        assert ask(web.url, "/sante/")[0] == 200, "and nobody repaired anything"
        crowd.stop()
    crowd.tell(recovery=round(recovery, 2))
    assert crowd.faults == []
    assert crowd.judge() == []


@pytest.mark.attaque("X11")
@pytest.mark.timeout(600)
def test_a_log_without_room_stops_postgres_and_loses_nothing(own_site, equipe, tmp_path, disk):
    """Postgres would rather stop than promise what it cannot write; whoever runs it starts it again."""
    with own_site.serving() as web:
        crowd = start_crowd(web.url, equipe, tmp_path)
        crowd.wait_saved()
        disk.fill()
        for _ in range(100):
            with contextlib.suppress(wm.Refused):
                own_site.postgres.sql("SELECT pg_switch_wal(), txid_current()")
        wait_refused(crowd)
        disk.make_room()
        freed = time.monotonic()
        stopped = own_site.postgres.child.process.poll() is not None
        if stopped:
            own_site.restart_postgres()
        recovery = crowd.first_after(freed)
        crowd.wait_saved()
        crowd.stop()
    connections["default"].close()  # it was cut off with everybody's
    assert "PANIC" in own_site.postgres.log.read_text()
    crowd.tell(recovery=round(recovery, 2), stopped=stopped)
    assert crowd.faults == []
    assert crowd.judge() == []


@pytest.mark.attaque("X11")
@pytest.mark.timeout(600)
def test_the_oracle_sees_what_is_promised_without_room(own_site, equipe, tmp_path, disk):
    """Positive control: a site that answers « enregistré » before the database has found its room."""
    unsafe = {"application": "tests.support.unsafe_site:application", "UNSAFE": "early"}
    with own_site.serving(**unsafe) as web:
        crowd = start_crowd(web.url, equipe, tmp_path, count=2)
        crowd.wait_saved()
        disk.fill()
        crowd.wait_saved(5 * ROUND)
        crowd.stop()
        time.sleep(1)
        disk.make_room()
    assert any(fault.startswith("lost or doubled") for fault in crowd.judge())

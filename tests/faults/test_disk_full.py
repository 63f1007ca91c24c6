"""No place left for the files. X11."""

import http.client
import io
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from procurement.documents.models import StoredFile
from tests.services import services
from tests.support.client import Browser
from tests.support.faults import TOKEN, ask


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
        pytest.skip("this machine lends no file system of one's own (user namespaces)")
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

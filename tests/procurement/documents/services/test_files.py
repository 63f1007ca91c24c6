import hashlib
import io
import os
import stat
import time

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from procurement.access.services import AccessRefused
from procurement.documents.enums import StatutFichier
from procurement.documents.models import StoredFile
from procurement.documents.services import (
    IntegrityBroken,
    open_bytes,
    open_stored,
    serve_file,
    store_file,
    sweep_files,
)
from procurement.documents.services.files import path_of
from tests.procurement.documents.factories import PersonFactory


pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    by = PersonFactory()

    def make(content=b"bonjour", nom="CCAP.pdf", **plus):
        return store_file(by=by, content=content, nom=nom, type_mime="application/pdf", **plus)

    return make


def test_bytes_are_kept_under_their_hash(store, stored_files):
    file = store()
    sha256 = hashlib.sha256(b"bonjour").hexdigest()
    path = stored_files / sha256[:2] / sha256[2:4] / sha256
    assert (file.sha256, file.taille, file.nom) == (sha256, 7, "CCAP.pdf")
    assert path.read_bytes() == b"bonjour"
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert list((stored_files / "zone").iterdir()) == []
    with open_stored(file) as stream:
        assert stream.read() == b"bonjour"


def test_equal_bytes_are_kept_once_for_two_rows(store, stored_files):
    assert store(nom="a.pdf").sha256 == store(io.BytesIO(b"bonjour"), nom="b.pdf").sha256
    assert StoredFile.objects.count() == 2
    assert len([path for path in stored_files.rglob("*") if path.is_file()]) == 1


def test_stream_that_breaks_leaves_nothing(store, stored_files):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store(Broken())
    assert not StoredFile.objects.exists()
    assert list((stored_files / "zone").iterdir()) == []


def test_refused_row_leaves_no_temporary_file(store, stored_files):
    with pytest.raises(ValidationError):
        store(statut="inventé")
    assert list((stored_files / "zone").iterdir()) == []


def spoil(file, content):
    path = path_of(file.sha256)
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.attaque("G02")
@pytest.mark.attaque("X19")
@pytest.mark.parametrize("content", [b"bonsoir", b"bonjour ", b""])
def test_altered_bytes_are_never_given(store, content, caplog):
    file = store()
    spoil(file, content)
    with pytest.raises(IntegrityBroken):
        open_stored(file)
    answer = serve_file(file)
    assert answer.status_code == 409
    assert "empreinte" in answer.content.decode()
    assert str(file.pk) in caplog.text
    # Positive control: read without being checked, the altered bytes are there to be served.
    with open_bytes(file.sha256) as unchecked:
        assert unchecked.read() == content


def test_missing_bytes_are_a_break(store):
    file = store()
    path_of(file.sha256).unlink()
    with pytest.raises(IntegrityBroken):
        open_stored(file)


def test_damaged_file_is_not_healed_in_silence(store):
    file = store()
    spoil(file, b"bonsoir")
    with pytest.raises(IntegrityBroken):
        store()
    assert path_of(file.sha256).read_bytes() == b"bonsoir"


@pytest.mark.attaque("C10")
def test_file_is_served_as_a_closed_download(store):
    answer = serve_file(store(nom='Règlement "v2"\r\n.pdf'))
    assert b"".join(answer.streaming_content) == b"bonjour"
    assert answer["Content-Disposition"].startswith('attachment; filename="R_glement _v2_')
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Length"] == "7"
    assert answer["Accept-Ranges"] == "none"
    answer.close()


@pytest.mark.parametrize(
    ("type_mime", "kind"),
    [("image/png", "inline"), ("image/svg+xml", "attachment"), ("text/html", "attachment")],
)
def test_only_harmless_types_are_shown_inline(type_mime, kind):
    file = store_file(by=PersonFactory(), content=b"x", nom="a", type_mime=type_mime)
    answer = serve_file(file, inline=True)
    assert answer["Content-Disposition"].startswith(kind)
    answer.close()


@pytest.mark.parametrize(
    "statut", [statut for statut in StatutFichier if statut not in {"saine", "produite"}]
)
def test_file_that_is_not_sound_is_not_served(store, statut, settings):
    file = store()
    file.statut = statut
    file.signature = "Essai" if statut == StatutFichier.INFECTEE else ""
    settings.UNSCANNED_FILES = "refuser"
    with pytest.raises(AccessRefused) as refusal:
        serve_file(file)
    assert refusal.value.status == 409


def age(path, seconds=4000):
    old = time.time() - seconds
    os.utime(path, (old, old))


def leave_orphan(store, content=b"bonjour"):
    """What a transaction undone after its bytes were written leaves on the disk; rows stay for ever."""
    with transaction.atomic():
        file = store(content)
        transaction.set_rollback(True)
    return file


def test_sweep_takes_old_orphans_and_nothing_else(store, stored_files, capsys):
    kept, young = store(), leave_orphan(store, b"jeune")
    orphan = leave_orphan(store, b"orphelin")
    for file in (kept, orphan):
        age(path_of(file.sha256))
    (stored_files / "zone" / "vieux.tmp").write_bytes(b"x")
    (stored_files / "zone" / "neuf.tmp").write_bytes(b"x")
    age(stored_files / "zone" / "vieux.tmp")
    assert set(sweep_files(dry_run=True)) == {"zone/vieux.tmp", orphan.sha256}
    call_command("sweep_files")
    assert orphan.sha256 in capsys.readouterr().out
    assert path_of(kept.sha256).exists()
    assert path_of(young.sha256).exists()
    assert not path_of(orphan.sha256).exists()
    assert [path.name for path in (stored_files / "zone").iterdir()] == ["neuf.tmp"]


def test_an_orphan_that_serves_again_is_young_again(store):
    file = leave_orphan(store)
    age(path_of(file.sha256))
    leave_orphan(store)
    assert sweep_files() == []

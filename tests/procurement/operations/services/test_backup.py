"""Back up, destroy, restore: what was there is there again, and the chain says so."""

import hashlib
import json
import shutil
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import ProgrammingError, connections

from procurement.accounts.models import User
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN, issue_receipt, verify_evidence
from procurement.audit.services.witnesses import receipt_document, verify_receipt
from procurement.documents.models import StoredFile
from procurement.documents.services.files import path_of, store_file
from procurement.marches.models import Marche
from procurement.marches.services import update_marche
from procurement.operations.services import OperationRefused, backup, restore
from procurement.operations.services.backup import DUMP, FILES, MANIFEST
from tests.services import services
from tests.support.scene import make_scene
from wikimarche.models import Version


ABSENT = "select count(*) from information_schema.tables where table_schema = 'public'"
CONTENT = r"""
SELECT format('SELECT %L, md5(coalesce(string_agg(t::text, %L ORDER BY t::text), %L)) FROM %I t',
    c.relname, ' ', ' ', c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY c.relname \gexec
"""


@pytest.fixture
def scene(cloned_database):
    """A marché with pièces, an image, an export and people of every kind."""
    return make_scene()


@pytest.fixture
def patched(cloned_database):
    """Undone while the database of the test is still there: it is the one that is given back."""
    with pytest.MonkeyPatch.context() as own:
        yield own


@contextmanager
def elsewhere(patched, settings, tmp_path):
    """An empty base and an empty folder: another machine, after the loss of the first."""
    name = f"essai_{uuid4().hex}"
    services.postgres.create_database(name)
    _serve(patched, settings, name, tmp_path / "ailleurs")
    try:
        yield name
    finally:
        connections["default"].close()
        services.drop(name)


def _serve(patched, settings, name, folder):
    """What the environment would say there."""
    base = connections.settings["default"]
    connections["default"].close()
    for key, value in (
        ("NAME", name),
        ("USER", "app_web"),
        ("PASSWORD", services.postgres.secrets["app_web"]),
    ):
        patched.setitem(base, key, value)
        patched.setitem(connections["default"].settings_dict, key, value)
    settings.DATABASE_OWNER_URL = services.postgres.url("app_migrate", name)
    settings.DATABASE_BACKUP_URL = services.postgres.url("app_sauvegarde", name)
    settings.POSTGRES_PROGRAMS = str(services.postgres.programs)
    settings.MEDIA_ROOT = folder / "media"


@pytest.fixture
def here(scene, cloned_database, settings, patched, tmp_path):
    """The site to save, with its roles."""
    media = settings.MEDIA_ROOT
    _serve(patched, settings, cloned_database, tmp_path)
    settings.MEDIA_ROOT = media
    return scene


def content(database):
    """A digest of every table, without what a verification or a probe may write."""
    rows = (line.split("|") for line in services.postgres.sql(CONTENT, database).splitlines())
    return {table: digest for table, digest in rows if table != "cache"}


def test_what_is_destroyed_comes_back_whole(here, cloned_database, settings, patched, tmp_path):
    before, files = content(cloned_database), media_of(settings.MEDIA_ROOT)
    assert len(files) >= 2
    made = backup(into=tmp_path / "copies")
    assert (made.missing, made.files) == ((), len(files))
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [made.folder.name]
    shutil.rmtree(settings.MEDIA_ROOT)
    connections["default"].close()
    services.drop(cloned_database)

    with elsewhere(patched, settings, tmp_path) as database:
        back = restore(folder=made.folder)
        assert back.report.ok, back.report.breaks
        assert back.is_sound
        assert (back.files, back.same_key, back.same_heads) == (len(files), True, True)
        assert media_of(settings.MEDIA_ROOT) == files
        after = content(database)
        changed = {table for table in before if before[table] != after.get(table)}
        # The restore is told in the journal of the platform, and nothing else moved.
        assert changed <= {"journal", "chaine_tete"}
        assert set(after) == set(before)
        told = services.postgres.sql(
            "SELECT count(*) FROM journal WHERE action = 'operations:backup:restored'", database
        )
        assert told == "1"
        assert verify_evidence(files=True).ok


def test_the_journal_says_that_a_backup_was_made(here, tmp_path):
    made = backup(into=tmp_path / "copies")
    [told] = list_entries(PLATFORM_CHAIN, action="operations:backup:made")
    assert told.corps["details"]["fichiers"] == made.files
    assert told.corps["details"]["sauvegarde"] == made.instant.isoformat()


def test_the_restored_site_is_guarded_as_before(here, cloned_database, settings, patched, tmp_path):
    """Same roles, same triggers, same refusals: the history cannot be rewritten there either."""
    guards = (
        "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
        "SELECT relname, relacl FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT tablename, tableowner FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    )
    before = [services.postgres.sql(sql, cloned_database) for sql in guards]
    made = backup(into=tmp_path / "copies")
    with elsewhere(patched, settings, tmp_path) as database:
        restore(folder=made.folder)
        assert [services.postgres.sql(sql, database) for sql in guards] == before
        _serve(patched, settings, database, tmp_path / "ailleurs")
        # People go on writing where they were.
        marche = Marche.objects.get(pk=here.objets["marche"])
        by = User.objects.get(pk=here.people["gestionnaire"].pk)
        update_marche(by=by, marche=marche, objet="Après la restauration")
        assert verify_evidence().ok
        with pytest.raises(ProgrammingError, match="permission denied"):
            Version.objects.update(numero=1)


def test_what_is_written_after_the_backup_is_not_in_it(here, settings, patched, tmp_path):
    made = backup(into=tmp_path / "copies")
    marche = Marche.objects.get(pk=here.objets["marche"])
    update_marche(by=here.people["gestionnaire"], marche=marche, objet="Trop tard")
    with elsewhere(patched, settings, tmp_path):
        back = restore(folder=made.folder)
        assert back.is_sound
        assert back.instant == made.instant
        assert Marche.objects.get(pk=marche.pk).objet.startswith("Objet secret du marché")


def test_a_file_missing_or_altered_at_the_source_is_named_at_both_ends(
    here, settings, patched, tmp_path
):
    first, second = sorted(media_of(settings.MEDIA_ROOT))[:2]
    path_of(first).unlink()
    path_of(second).chmod(0o600)
    path_of(second).write_bytes(b"autre chose")
    made = backup(into=tmp_path / "copies")
    assert set(made.missing) == {first, second}
    assert not list((made.folder / FILES).rglob("*.tmp"))
    with elsewhere(patched, settings, tmp_path):
        back = restore(folder=made.folder)
        assert not back.is_sound
        assert set(back.missing) == {first, second}
        assert {found.kind for found in back.report.breaks} == {"fichier"}


@pytest.mark.attaque("X18")
def test_files_copied_before_the_base_are_missed_and_named(here, settings, patched, tmp_path):
    """Positive control: copied in the wrong order, what came in between is in the base alone."""
    early = tmp_path / "avant"
    shutil.copytree(settings.MEDIA_ROOT, early)
    late = store_file(
        by=here.people["gestionnaire"], content=b"venu entre les deux", nom="tard.md", type_mime="text/markdown"
    )  # fmt: skip
    settings.MEDIA_ROOT = early
    made = backup(into=tmp_path / "copies")
    assert made.missing == (late.sha256,)
    with elsewhere(patched, settings, tmp_path):
        back = restore(folder=made.folder)
        assert (back.is_sound, back.missing) == (False, (late.sha256,))


@pytest.mark.attaque("X18")
def test_a_receipt_later_than_the_backup_is_told_to_be_so(here, settings, patched, tmp_path):
    """The window of loss has a witness: whoever holds a receipt of it."""
    chain = here.objets["marche"]

    def receipt():
        marche = Marche.objects.get(pk=chain)
        update_marche(by=here.people["gestionnaire"], marche=marche, objet=f"Objet {uuid4()}")
        seq = list_entries(chain, limit=1)[0].seq
        return receipt_document(issue_receipt(chain=chain, seq=seq))

    before = receipt()
    made = backup(into=tmp_path / "copies")
    after = receipt()
    assert verify_receipt(after) == []
    with elsewhere(patched, settings, tmp_path):
        assert restore(folder=made.folder).is_sound
        assert verify_receipt(before) == []
        [told] = verify_receipt(after)
        assert (told.kind, told.seq) == ("recu_inconnu", after["seq"])
        assert "postérieur à ce que la base tient" in told.words


def harm_dump(folder):
    with (folder / DUMP).open("r+b") as dump:
        dump.seek(-1, 2)
        dump.write(b"\xff")


def harm_file(folder):
    path = some_file(folder)
    path.chmod(0o600)
    path.write_bytes(b"autre chose")


def lose_manifest(folder):
    (folder / MANIFEST).unlink()


def change_layout(folder):
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"forme": 99}))


def some_file(folder):
    return next(path for path in (folder / FILES).rglob("*") if path.is_file())


HARMS = {
    harm_dump: "abîmée, et rien n’a été restauré. À reprendre\u202f: base.dump",
    harm_file: "abîmée, et rien n’a été restauré. À reprendre\u202f: fichiers/",
    lambda folder: some_file(folder).unlink(): "abîmée, et rien n’a été restauré",
    lambda folder: (folder / DUMP).unlink(): "abîmée, et rien n’a été restauré",
    lose_manifest: "n’est pas une sauvegarde",
    change_layout: "de la forme 99",
}


def test_a_damaged_backup_changes_nothing(here, settings, patched, tmp_path):
    made = backup(into=tmp_path / "copies")
    with elsewhere(patched, settings, tmp_path) as database:
        for number, (harm, words) in enumerate(HARMS.items()):
            folder = tmp_path / f"abimee-{number}"
            shutil.copytree(made.folder, folder)
            harm(folder)
            with pytest.raises(OperationRefused, match=words):
                restore(folder=folder)
            assert services.postgres.sql(ABSENT, database) == "0"
            assert not settings.MEDIA_ROOT.exists()
        # Positive control: unharmed, the same one comes back.
        assert restore(folder=made.folder).is_sound


def test_only_an_empty_place_is_restored_into(here, cloned_database, settings, patched, tmp_path):
    made, before = backup(into=tmp_path / "copies"), content(cloned_database)
    with pytest.raises(OperationRefused, match="n’est pas vide"):
        restore(folder=made.folder)
    assert content(cloned_database) == before
    with elsewhere(patched, settings, tmp_path) as database:
        stranger = settings.MEDIA_ROOT / "ab" / "cd"
        stranger.mkdir(parents=True)
        (stranger / ("ab" * 32)).write_bytes(b"d'un autre site")
        with pytest.raises(OperationRefused, match="dossier des fichiers"):
            restore(folder=made.folder)
        assert services.postgres.sql(ABSENT, database) == "0"


def test_files_copied_by_an_interrupted_restore_are_found_again(here, settings, patched, tmp_path):
    made = backup(into=tmp_path / "copies")
    with elsewhere(patched, settings, tmp_path):
        shutil.copytree(made.folder / FILES, settings.MEDIA_ROOT)
        assert restore(folder=made.folder).is_sound


def test_another_secret_key_is_told(here, settings, patched, tmp_path):
    made = backup(into=tmp_path / "copies")
    assert settings.SECRET_KEY not in (made.folder / MANIFEST).read_text()
    with elsewhere(patched, settings, tmp_path):
        settings.SECRET_KEY = "une-autre-clef-de-plus-de-cinquante-caracteres-tiree-au-hasard"
        assert not restore(folder=made.folder).same_key


def test_only_its_owner_reads_a_backup(here, tmp_path):
    made = backup(into=tmp_path / "copies")
    assert made.folder.stat().st_mode & 0o077 == 0
    assert StoredFile.objects.exists()


def test_a_base_out_of_reach_or_empty_leaves_no_backup(here, settings, patched, tmp_path):
    settings.DATABASE_BACKUP_URL = "postgres://app_sauvegarde:x@127.0.0.1:1/x"
    with pytest.raises(OperationRefused, match="ne répond pas"):
        backup(into=tmp_path / "copies")
    with (
        elsewhere(patched, settings, tmp_path),
        pytest.raises(OperationRefused, match="vide"),
    ):
        backup(into=tmp_path / "copies")
    assert not list((tmp_path / "copies").iterdir())


def test_the_site_may_be_written_during_a_backup(here, settings, patched, tmp_path):
    """A change made after the snapshot, before the dump: none of it, files included, is torn."""
    module = import_module("procurement.operations.services.backup")
    marche, ran = Marche.objects.get(pk=here.objets["marche"]), []
    real = module.run_program

    def slowly(*args, **options):
        update_marche(by=here.people["gestionnaire"], marche=marche, objet="Pendant")
        ran.append(args)
        return real(*args, **options)

    patched.setattr(module, "run_program", slowly)
    made = module.backup(into=tmp_path / "copies")
    assert ran
    with elsewhere(patched, settings, tmp_path):
        back = restore(folder=made.folder)
        assert back.is_sound
        assert Marche.objects.get(pk=marche.pk).objet.startswith("Objet secret du marché")


def media_of(root: Path) -> dict[str, str]:
    """Stored files by name, each with the SHA-256 of what it holds."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")
    }

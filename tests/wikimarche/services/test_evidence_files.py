"""Files, images and imports are what the journal says they were, whoever writes to the database."""

# ruff: noqa: S608 - statements made of the names below; a refusal comes with the commit

import hashlib
import json
import os

import psycopg2
import pytest
from django.db import ProgrammingError, connection

from procurement.access.services import Conflict
from procurement.audit.selectors import list_entries
from procurement.audit.services import redact_entry, verify_evidence
from procurement.documents.models import StoredFile
from procurement.documents.services.files import path_of
from procurement.jobs.services import run_job
from procurement.marches.selectors import read_history
from tests.procurement.documents.builders import png
from wikimarche.enums import FormatExport
from wikimarche.models import Importation
from wikimarche.services import (
    abandon_importation,
    accept_importation,
    add_image,
    ask_export,
    correct_importation,
    receive_document,
    refuse_importation,
    undo_correction,
)
from wikimarche.services.importations import hash_draft


MARKDOWN = b"# Objet\n\nLe nettoyage.\n\n# Duree\n\nUn an.\n"


@pytest.fixture
def histoire(equipe_durable):
    """A pièce with two pictures, a document accepted, another one being corrected, an export."""
    equipe = equipe_durable
    by, piece = equipe.gestionnaire, equipe.piece
    equipe.image = add_image(by=by, piece=piece, content=png(8, 8), nom="plan.png")
    equipe.other = add_image(by=by, piece=piece, content=png(9, 9), nom="autre.png")
    for nom in ("cctp.md", "suite.md"):
        made, lecture = receive_document(
            by=by, piece=piece, content=MARKDOWN + nom.encode(), nom=nom
        )
        run_job(lecture.pk)
    made.refresh_from_db()
    equipe.draft = made
    accepted = Importation.objects.exclude(pk=made.pk).get()
    accept_importation(by=by, importation=accepted)
    equipe.accepted = accepted
    run_job(ask_export(by=by, piece=piece, format=FormatExport.MD).pk)
    return equipe


SWAP = """UPDATE documents_storedfile SET (sha256, taille) =
    (SELECT sha256, taille FROM documents_storedfile WHERE nom = 'autre.png') WHERE nom = 'plan.png'"""
DRAFT = """UPDATE wikimarche_importation
    SET decoupage = replace(decoupage::text, 'nettoyage', 'gardiennage')::jsonb WHERE statut = 'a_verifier'"""
ON_IDENTITIES = [
    SWAP,
    "UPDATE documents_storedfile SET sha256 = repeat('0', 64)",
    "UPDATE documents_storedfile SET nom = 'faux.png'",
    "UPDATE documents_storedfile SET type_mime = 'text/html'",
    "UPDATE documents_storedfile SET taille = taille + 1",
    "UPDATE documents_storedfile SET created_by_id = (SELECT id FROM accounts_user LIMIT 1)",
    "UPDATE documents_storedfile SET created_at = now()",
    "UPDATE documents_storedfile SET id = gen_random_uuid()",
    "DELETE FROM documents_storedfile",
    "TRUNCATE documents_storedfile CASCADE",
    "UPDATE wikimarche_image SET piece_id = piece_id",
    "UPDATE wikimarche_image SET fichier_id = fichier_id",
    "DELETE FROM wikimarche_image",
    "TRUNCATE wikimarche_image",
    "UPDATE wikimarche_importation SET piece_id = piece_id",
    "UPDATE wikimarche_importation SET fichier_id = (SELECT id FROM documents_storedfile WHERE nom = 'plan.png')",
    "UPDATE documents_storedfile SET statut = 'infectee', signature = 'x'",
    "UPDATE documents_storedfile SET statut = 'ecartee'",
    "UPDATE wikimarche_importation SET created_at = now()",
    "DELETE FROM wikimarche_importation",
    "TRUNCATE wikimarche_importation",
]  # fmt: skip
# Columns that change with the state of an import: no more once it has ended.
ON_ENDED = [
    "UPDATE wikimarche_importation SET rapport = '{}' WHERE statut = 'accepte'",
    "UPDATE wikimarche_importation SET statut = 'en_lecture' WHERE statut = 'accepte'",
    "UPDATE wikimarche_importation SET raison = 'x' WHERE statut = 'accepte'",
    "UPDATE wikimarche_importation SET decoupage = '{}' WHERE statut = 'accepte'",
    "UPDATE wikimarche_importation SET numero = 9 WHERE statut = 'accepte'",
    "UPDATE wikimarche_importation SET annulations = '[1]' WHERE statut = 'accepte'",
    "UPDATE wikimarche_importation SET rapport = '{\"faux\": 1}' WHERE statut = 'a_verifier'",
    "UPDATE wikimarche_importation SET raison = 'x' WHERE statut = 'a_verifier'",
]  # fmt: skip


@pytest.mark.attaque("G01")
def test_the_application_cannot_swap_a_file(histoire, connect_as):
    passed = []
    for role in ("app_web", "app_worker"):
        with connect_as(role).cursor() as cursor:
            for statement in (*ON_IDENTITIES, *ON_ENDED):
                try:
                    cursor.execute(statement)
                except (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.RestrictViolation):
                    continue
                passed.append((role, statement))
    assert passed == []
    assert verify_evidence(files=True).breaks == []


@pytest.mark.attaque("G01")
def test_even_a_superuser_meets_the_triggers(histoire, connect_as):
    """Rights say nothing to a superuser; the triggers speak in every mode."""
    moved = "UPDATE wikimarche_image SET piece_id = gen_random_uuid()"
    with connect_as("postgres").cursor() as cursor:
        for mode in ("origin", "replica"):
            cursor.execute(f"SET session_replication_role = {mode}")
            for statement in (SWAP, moved, *ON_ENDED):
                with pytest.raises(psycopg2.errors.RestrictViolation, match="ne change plus"):
                    cursor.execute(statement)


@pytest.mark.attaque("G03")
def test_a_row_without_its_entry_does_not_commit(histoire, connect_as):
    """A file, an image or an import that the journal does not know is refused at commit."""
    web = connect_as("app_web")
    new_file = (
        "INSERT INTO documents_storedfile (id, sha256, nom, type_mime, taille, statut, signature,"
        " created_by_id, created_at) SELECT gen_random_uuid(), sha256, nom, type_mime, taille, statut,"
        " signature, created_by_id, created_at FROM documents_storedfile LIMIT 1"
    )
    columns = (
        "nom, statut, rapport, decoupage, empreinte, annulations, empreinte_annulations, numero, raison, created_by_id,"
        " created_at"
    )
    new_importation = (
        f"INSERT INTO wikimarche_importation (id, piece_id, fichier_id, {columns}) SELECT"
        f" gen_random_uuid(), piece_id, fichier_id, {columns} FROM wikimarche_importation LIMIT 1"
    )
    new_image = (
        "INSERT INTO wikimarche_image (fichier_id, piece_id) SELECT f.id, i.piece_id"
        " FROM documents_storedfile f, wikimarche_image i WHERE f.nom = 'cctp.md' LIMIT 1"
    )
    for statement in (
        new_file, new_importation, new_image,
        "UPDATE wikimarche_importation SET statut = 'abandonne' WHERE statut = 'a_verifier'",
        "UPDATE wikimarche_importation SET decoupage = '{}' WHERE statut = 'a_verifier'",
        "UPDATE wikimarche_importation SET numero = 8 WHERE statut = 'a_verifier'",
    ):  # fmt: skip
        with pytest.raises(psycopg2.errors.RestrictViolation, match="n’a pas sa ligne au journal"):
            web.cursor().execute(statement)


def test_what_changes_with_the_work_still_changes(histoire, connect_as):
    """The state of a file, the draft of an import: by the services, and as the site."""
    connect_as("app_web").cursor().execute("UPDATE documents_storedfile SET analysed_at = now()")
    draft = correct_importation(
        by=histoire.gestionnaire, importation=histoire.draft, numero=1,
        operation={"op": "renommer", "article": histoire.draft.decoupage["articles"][0]["id"],
                   "titre": "Autre objet"},
    )  # fmt: skip
    assert draft.numero == 2
    abandon_importation(by=histoire.gestionnaire, importation=draft)
    receive_document(
        by=histoire.gestionnaire, piece=histoire.piece, content=MARKDOWN, nom="illisible.md"
    )
    refuse_importation(
        importation=Importation.objects.get(statut="en_lecture"), raison="Illisible."
    )
    assert verify_evidence(files=True).breaks == []


FORGERIES = {
    "a picture swapped for another": (SWAP, "documents_storedfile"),
    "a hash": ("UPDATE documents_storedfile SET sha256 = repeat('0', 64) WHERE nom = 'plan.png'", "documents_storedfile"),
    "the name of a file": ("UPDATE documents_storedfile SET nom = 'x' WHERE nom = 'cctp.md'", "documents_storedfile"),
    "the owner of a file": ("UPDATE documents_storedfile SET created_by_id = gen_random_uuid() WHERE nom = 'plan.png'", "documents_storedfile"),
    "a file said infected, so that its bytes are not read": ("UPDATE documents_storedfile SET statut = 'infectee', signature = 'x' WHERE nom = 'plan.png'", "documents_storedfile"),
    "a file said discarded": ("UPDATE documents_storedfile SET statut = 'ecartee' WHERE nom = 'plan.png'", "documents_storedfile"),
    "the hour of a file": ("UPDATE documents_storedfile SET created_at = created_at - interval '1 hour' WHERE nom = 'plan.png'", "documents_storedfile"),
    "an image moved to another pièce": ("UPDATE wikimarche_image SET piece_id = gen_random_uuid()", "wikimarche_image"),
    "an image deleted": ("DELETE FROM wikimarche_image", "wikimarche_image"),
    "a report emptied": ("UPDATE wikimarche_importation SET rapport = '{}' WHERE statut = 'accepte'", "wikimarche_importation"),
    "the end of an import": ("UPDATE wikimarche_importation SET statut = 'abandonne' WHERE statut = 'accepte'", "wikimarche_importation"),
    "the draft being read": (DRAFT, "wikimarche_importation"),
    "the draft and its digest together": (DRAFT.replace(" WHERE", ", empreinte = repeat('0', 64) WHERE"), "wikimarche_importation"),
    "the draft of an import that ended": (DRAFT.replace("a_verifier", "accepte"), "wikimarche_importation"),
    "what an undo would give back": (
        """UPDATE wikimarche_importation SET annulations = '[{"place": 0, "apres": 1, "avant": []}]'
        WHERE statut = 'a_verifier'""", "wikimarche_importation"),
    "an import deleted": ("DELETE FROM wikimarche_importation", "wikimarche_importation"),
}  # fmt: skip


@pytest.mark.attaque("G02")
def test_the_verification_names_what_was_rewritten(histoire, rewritten):
    unseen = []
    for name, (statement, table) in FORGERIES.items():
        with rewritten(statement):
            for report in (verify_evidence(), verify_evidence(chain=histoire.marche.pk)):
                rows = [found for found in report.breaks if found.words.startswith(table)]
                if {(found.kind, found.chain) for found in rows} != {("ligne", histoire.marche.pk)}:
                    unseen.append((name, report.breaks))
    assert unseen == []
    assert verify_evidence(files=True).breaks == []


@pytest.mark.attaque("G02")
@pytest.mark.parametrize("digest", ["", ", empreinte = %s"], ids=["text", "text and digest"])
def test_a_draft_changed_under_its_reader_is_not_accepted(histoire, rewritten, digest):
    """Nobody corrected it here: neither accepted, nor corrected, nor taken back; it can be put aside."""
    by, draft = histoire.gestionnaire, histoire.draft
    forged = json.loads(json.dumps(draft.decoupage).replace("nettoyage", "gardiennage"))
    digest = digest.replace("%s", f"'{hash_draft(forged)}'")
    with rewritten(DRAFT.replace(" WHERE", f"{digest} WHERE")):
        draft.refresh_from_db()
        assert "gardiennage" in str(draft.decoupage)
        title = {
            "op": "renommer", "article": draft.decoupage["articles"][0]["id"], "titre": "Autre"
        }  # fmt: skip
        for act in (
            lambda: accept_importation(by=by, importation=draft, numero=1),
            lambda: correct_importation(by=by, importation=draft, numero=1, operation=title),
            lambda: undo_correction(by=by, importation=draft),
        ):
            with pytest.raises(Conflict, match="celui que le journal connaît"):
                act()
    assert accept_importation(by=by, importation=draft, numero=1)
    assert verify_evidence().breaks == []


@pytest.fixture
def corrected(histoire):
    """The draft with a first article renamed, which may be undone."""
    draft = histoire.draft
    title = {"op": "renommer", "article": draft.decoupage["articles"][0]["id"], "titre": "Autre"}
    return correct_importation(
        by=histoire.gestionnaire, importation=draft, numero=1, operation=title
    )


UNDO = """UPDATE wikimarche_importation
    SET annulations = replace(annulations::text, 'nettoyage', 'gardiennage')::jsonb"""


@pytest.mark.attaque("G02")
@pytest.mark.parametrize("digest", ["", ", empreinte_annulations = %s"], ids=["text", "and digest"])
def test_what_an_undo_gives_back_is_what_a_correction_replaced(
    histoire, corrected, rewritten, digest
):
    """Else an undo would put in the draft, and journal as its own, a text that nobody read."""
    by, honest = histoire.gestionnaire, corrected.annulations
    forged = json.loads(json.dumps(honest).replace("nettoyage", "gardiennage"))
    assert forged != honest
    digest = digest.replace("%s", f"'{hash_draft(forged)}'")
    with rewritten(f"{UNDO}{digest} WHERE statut = 'a_verifier'"):
        assert [found.kind for found in verify_evidence().breaks] == ["ligne"]
        corrected.refresh_from_db()
        title = {
            "op": "renommer", "article": corrected.decoupage["articles"][0]["id"], "titre": "Encore"
        }  # fmt: skip
        for act in (
            lambda: undo_correction(by=by, importation=corrected),
            lambda: correct_importation(by=by, importation=corrected, numero=2, operation=title),
        ):
            with pytest.raises(Conflict, match="celui que le journal connaît"):
                act()
    draft = undo_correction(by=by, importation=corrected)
    assert (draft.annulations, draft.empreinte_annulations) == ([], "")
    assert verify_evidence().breaks == []


@pytest.mark.attaque("G02")
def test_a_draft_whose_last_line_is_redacted_is_put_aside_and_nothing_else(histoire, corrected):
    """Nothing says any more what was read again: the row alone would be its own witness."""
    by = histoire.gestionnaire
    last = max(
        entry.seq
        for entry in list_entries(histoire.marche.pk, limit=200)
        if entry.objet == f"wikimarche_importation:{corrected.pk}"
    )
    redact_entry(
        chain=histoire.marche.pk, seq=last, motif="Nom d’une personne", asked_by=by,
        approved_by=histoire.person(),
    )  # fmt: skip
    for act in (
        lambda: accept_importation(by=by, importation=corrected, numero=2),
        lambda: undo_correction(by=by, importation=corrected, numero=2),
    ):
        with pytest.raises(Conflict, match="est caviardée"):
            act()
    abandon_importation(by=by, importation=corrected)
    assert verify_evidence().breaks == []


def test_each_correction_is_told_with_the_digest_of_its_draft(histoire):
    by, draft = histoire.gestionnaire, histoire.draft
    title = {"op": "renommer", "article": draft.decoupage["articles"][0]["id"], "titre": "Autre"}
    draft = correct_importation(by=by, importation=draft, numero=1, operation=title)
    corrected = hash_draft(draft.decoupage)
    draft = undo_correction(by=by, importation=draft)
    before = hash_draft(draft.decoupage)
    accept_importation(by=by, importation=draft, numero=3)
    said = [
        (entry.action.rpartition(":")[2], entry.corps["etat"]["empreinte"])
        for entry in list_entries(histoire.marche.pk, limit=200)
        if entry.objet == f"wikimarche_importation:{draft.pk}" and entry.corps["etat"]["empreinte"]
    ]
    assert corrected != before
    assert sorted(said) == sorted(
        [("read", before), ("corrected", corrected), ("reverted", before), ("imported", before)]
    )
    assert verify_evidence().breaks == []


@pytest.mark.attaque("G02")
def test_a_row_and_its_bytes_swapped_together(histoire, rewrite):
    """Bytes that hash to what their row says, and not to what was received."""
    forged = b"forged"
    sha256 = hashlib.sha256(forged).hexdigest()
    path = path_of(sha256)
    path.parent.mkdir(parents=True)
    path.write_bytes(forged)
    rewrite(
        f"UPDATE documents_storedfile SET sha256 = '{sha256}', taille = 6 WHERE nom = 'plan.png'"
    )
    assert "ligne" in {found.kind for found in verify_evidence(files=True).breaks}


@pytest.mark.attaque("G02")
@pytest.mark.attaque("X19")
def test_bytes_swapped_on_the_disk(histoire):
    path = path_of(histoire.image.fichier.sha256)
    os.chmod(path, 0o600)
    path.write_bytes(png(9, 9))
    for chain in (None, histoire.marche.pk):
        report = verify_evidence(files=True, chain=chain)
        assert [(b.kind, b.words) for b in report.breaks] == [
            ("fichier", "Le fichier plan.png a changé.")
        ]
        # Positive control: the same run that does not read the files misses it.
        assert verify_evidence(chain=chain).breaks == []


def test_the_journal_of_the_marche_holds_the_hash_of_each_file(histoire):
    kept = {
        entry.objet: entry.corps["etat"]
        for entry in list_entries(histoire.marche.pk, limit=200)
        if entry.objet.startswith("documents_storedfile:")
    }
    assert {objet.partition(":")[2] for objet in kept} == {
        str(file.pk) for file in StoredFile.objects.all()
    }
    etat = kept[f"documents_storedfile:{histoire.image.pk}"]
    assert etat["sha256"] == hashlib.sha256(png(8, 8)).hexdigest()
    said = [event.phrase for event in read_history(histoire.marche).events]
    assert "a ajouté une image, «\u202fplan.png\u202f»" in said
    assert "a déposé le document cctp.md" in said
    assert not [phrase for phrase in said if ":" in phrase.split(" ")[0]]


def test_a_role_of_the_site_may_not_save_every_column(histoire):
    with pytest.raises(ProgrammingError):
        histoire.draft.save()
    connection.close()

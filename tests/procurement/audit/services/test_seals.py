"""Seals, receipts, redaction, export."""

import json
import subprocess
import sys
from uuid import UUID

import psycopg2
import pytest
from django.core.management import call_command
from django.db import IntegrityError
from reversion.models import Version

from procurement.audit.domain import verifier
from procurement.audit.domain.merkle import heads_root
from procurement.audit.selectors import chain_head, fields_of_versions, list_entries
from procurement.audit.services import (
    PLATFORM_CHAIN,
    issue_receipt,
    record_event,
    redact_entry,
    seal_evidence,
    verify_evidence,
)
from procurement.audit.services.export import export_chain
from procurement.organisations.models import Direction
from tests.procurement.audit.conftest import make_user
from tests.support.chaines import open_chain


def test_a_seal_is_the_root_of_the_heads_before_it(histoire):
    seq, link = chain_head(PLATFORM_CHAIN)
    seal = seal_evidence(publication="journal de l’hôte témoin")
    assert bytes(seal.racine) == heads_root([(PLATFORM_CHAIN, seq, bytes.fromhex(link))])
    assert json.loads(seal.tetes) == {str(PLATFORM_CHAIN): [seq, link]}
    assert verify_evidence().ok


def test_the_command_prints_what_must_be_kept_elsewhere(histoire, capsys):
    call_command("seal_evidence", "--json")
    assert len(json.loads(capsys.readouterr().out)["racine"]) == 64


def test_a_receipt_carries_the_hash_of_its_entry(histoire):
    seq = record_event(by=histoire.ana, tag="x:y:deposited", chain=PLATFORM_CHAIN, objet="x")
    link = chain_head(PLATFORM_CHAIN)[1]
    receipt = issue_receipt(chain=PLATFORM_CHAIN, seq=seq, acheteur="Région", marche="Nettoyage")
    assert bytes(receipt.empreinte).hex() == link
    (line,) = list_entries(PLATFORM_CHAIN, limit=1)
    assert (line.action, line.objet) == ("audit:receipt:issued", f"recu:{receipt.pk}")
    said = json.loads(receipt.contenu)
    entry = list_entries(PLATFORM_CHAIN, after=seq - 1, limit=1)[0]
    assert said == {
        "acte": "x:y:deposited", "objet": "x", "libelle": "", "auteur": "Ana Berthier",
        "acheteur": "Région", "marche": "Nettoyage",
        "horodatage_interne": entry.instant.isoformat(timespec="microseconds"),
    }  # fmt: skip
    assert verify_evidence().ok


@pytest.mark.parametrize("chains", range(8))
def test_the_database_computes_the_root_that_is_verified(histoire, chains):
    for _ in range(chains):
        open_chain(histoire.organisation)
    seal = seal_evidence()
    heads = [
        (UUID(c), seq, bytes.fromhex(link)) for c, (seq, link) in json.loads(seal.tetes).items()
    ]
    assert (seal.n, len(heads)) == (chains + 1, chains + 1)
    assert bytes(seal.racine) == heads_root(heads)
    assert verify_evidence().ok


def test_a_line_that_is_not_or_is_redacted_has_no_receipt(histoire):
    redact_entry(
        chain=PLATFORM_CHAIN, seq=3, motif="m", asked_by=histoire.ana, approved_by=make_user("J")
    )
    for seq in (3, 99):
        with pytest.raises(IntegrityError, match="pas de reçu"):
            issue_receipt(chain=PLATFORM_CHAIN, seq=seq)


def test_a_redacted_entry_still_verifies_and_says_so(histoire, tmp_path):
    juriste = make_user("Juriste")
    number = redact_entry(
        chain=PLATFORM_CHAIN, seq=3, motif="Donnée personnelle", asked_by=histoire.ana,
        approved_by=juriste,
    )  # fmt: skip
    report = verify_evidence()
    assert (report.ok, report.redacted) == (True, 1)
    redacted, saying = (list_entries(PLATFORM_CHAIN, after=n - 1, limit=1)[0] for n in (3, number))
    assert (redacted.caviarde, redacted.corps) == (True, {})
    assert saying.corps["details"]["motif"] == "Donnée personnelle"
    assert saying.corps["details"]["demandeur"] == f"acheteur:{histoire.ana.pk}"
    assert Version.objects.get(pk=redacted.version_id).serialized_data == ""
    assert fields_of_versions(Direction, histoire.direction.pk)[1].fields == {}
    assert verifier.verify(export_chain(PLATFORM_CHAIN)) == (6, None)
    histoire.force("UPDATE journal SET acteur = 'x' WHERE seq = 3")
    assert [(b.kind, b.seq) for b in verify_evidence().breaks] == [("contenu", 3)]


def test_redaction_takes_two_persons_and_a_motive_and_is_not_itself_redacted(histoire):
    juriste = make_user("Juriste")
    with pytest.raises(IntegrityError, match="deux personnes"):
        redact_entry(chain=PLATFORM_CHAIN, seq=3, motif="m", asked_by=juriste, approved_by=juriste)
    with pytest.raises(IntegrityError, match="motif"):
        redact_entry(
            chain=PLATFORM_CHAIN, seq=3, motif=" ", asked_by=histoire.ana, approved_by=juriste
        )
    number = redact_entry(
        chain=PLATFORM_CHAIN, seq=3, motif="m", asked_by=histoire.ana, approved_by=juriste
    )
    with pytest.raises(IntegrityError, match="ne peut pas"):
        redact_entry(
            chain=PLATFORM_CHAIN, seq=number, motif="m", asked_by=histoire.ana, approved_by=juriste
        )


def test_nobody_redacts_by_hand_even_after_writing_the_entry(histoire):
    """Not the application, nor a superuser: the door is the function alone."""
    for role in ("app_web", "postgres"):
        connection = histoire.connect(role)
        connection.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT journal_ajouter(%s::uuid, 'acheteur:x', 'audit:entry:redacted', %s, NULL,"
                " NULL, '{}')",
                [str(PLATFORM_CHAIN), f"journal:{PLATFORM_CHAIN}:3"],
            )
            with pytest.raises(psycopg2.Error):
                cursor.execute("UPDATE journal SET corps = NULL, sel = NULL WHERE seq = 3")
        connection.rollback()


def test_the_worker_may_not_redact(histoire):
    with (
        histoire.connect("app_worker").cursor() as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute("SELECT journal_caviarder(gen_random_uuid(), 1, 'm', 'a', 'b')")


def test_the_export_is_checked_by_the_script_alone(histoire, tmp_path):
    path = tmp_path / "journal.jsonl"
    call_command("export_evidence", f"--chain={PLATFORM_CHAIN}", "-o", str(path))

    def run():
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", "-S", verifier.__file__, str(path)],
            capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        return done.returncode, done.stdout

    assert run() == (0, "Sain\u00a0: 5 lignes, chaîne continue.\n")
    text = path.read_text()
    path.write_text(text.replace("DAJ", "DAK"))
    assert run() == (1, "Rompu, ligne 4\u00a0: la version a changé\n")
    path.write_text(text[: len(text) // 2])
    assert run()[0] == 2
    path.write_text("".join(text.splitlines(keepends=True)[:-1]))
    assert run()[0] == 1

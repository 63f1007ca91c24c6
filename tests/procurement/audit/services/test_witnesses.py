"""Seals and receipts kept elsewhere tell what hashes cannot: a chain rewritten, cut, or restored from long ago."""

import json
import subprocess
import sys
from io import StringIO
from textwrap import wrap

import pytest
from django.core.management import CommandError, call_command

from procurement.audit.domain import verifier
from procurement.audit.selectors import chain_head, list_entries
from procurement.audit.services import (
    PLATFORM_CHAIN,
    export_chain,
    issue_receipt,
    receipt_document,
    record_event,
    verify_evidence,
)


pytestmark = pytest.mark.attaque("G02")

REWRITE = (
    "CREATE TABLE copie AS SELECT * FROM journal ORDER BY seq",
    "DELETE FROM journal",
    "DELETE FROM chaine_tete",
    "DELETE FROM sceau",
    "DELETE FROM recu",
    # The versions stand as they are: their numbers go with their entries.
    """SELECT journal_ajouter(chaine, acteur, action, objet, operation, version_id,
        replace(corps, 'DAJ', 'DAX')) FROM copie WHERE action NOT LIKE 'audit:%' ORDER BY seq""",
)
CUT = (
    "DELETE FROM recu",
    "DELETE FROM sceau",
    "DELETE FROM journal WHERE seq > 5",
    """UPDATE chaine_tete t SET seq = 5, empreinte = j.empreinte FROM journal j
        WHERE j.chaine = t.chaine AND j.seq = 5""",
)


@pytest.fixture
def kept(histoire, tmp_path):
    """What the legal department kept: a seal, and the receipt of an act done before it."""
    seq = record_event(by=histoire.ana, tag="x:y:published", chain=PLATFORM_CHAIN, objet="x")
    receipt = issue_receipt(chain=PLATFORM_CHAIN, seq=seq)
    files = {"recu": tmp_path / "recu.json", "sceau": tmp_path / "sceau.json"}
    files["recu"].write_text(json.dumps(receipt_document(receipt)))
    call_command("seal_evidence", "-o", str(files["sceau"]), stdout=StringIO())
    return files


def verdict(capsys, *options):
    """Exit code of the command and what it found."""
    capsys.readouterr()
    try:
        call_command("verify_evidence", "--json", *options)
        code = 0
    except SystemExit as stop:
        code = stop.code
    except CommandError as error:
        code = error.returncode
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["recu", "sceau"])
def test_a_witness_kept_elsewhere_agrees_with_a_sound_journal(kept, capsys, name):
    assert verdict(capsys, f"--{name}={kept[name]}")[0] == 0


@pytest.mark.parametrize("forgery", [REWRITE, CUT], ids=["rewritten", "cut"])
@pytest.mark.parametrize(("name", "kind"), [("recu", "recu_inconnu"), ("sceau", "sceau")])
def test_it_names_the_line_of_a_chain_that_verifies_by_itself(
    histoire, kept, capsys, forgery, name, kind
):
    histoire.force(*forgery)
    # Positive control: without what was kept, the walk of the chain finds nothing to say of it.
    alone = {found.kind for found in verify_evidence().breaks}
    assert alone.isdisjoint({"contenu", "lien", "trou", "tete", "sceau", "recu_inconnu"})
    code, said = verdict(capsys, f"--{name}={kept[name]}")
    assert code == 1
    assert kind in {found["kind"] for found in said["breaks"]}


@pytest.fixture
def paper(kept):
    """What the first page of a PDF bears, its signs grouped as it prints them."""
    seq, link = chain_head(PLATFORM_CHAIN)
    return seq, f"{PLATFORM_CHAIN}:{seq}:{' '.join(wrap(link, 4))}"


def test_the_head_on_a_paper_is_that_of_a_sound_journal(paper, capsys):
    _seq, head = paper
    record_event(by=None, tag="x:y:later", chain=PLATFORM_CHAIN, objet="x")
    assert verdict(capsys, f"--tete={head}")[0] == 0


@pytest.mark.parametrize("forgery", [REWRITE, CUT], ids=["rewritten", "cut"])
def test_the_head_on_a_paper_names_a_journal_rewritten_or_cut(histoire, paper, capsys, forgery):
    seq, head = paper
    histoire.force(*forgery)
    assert "tete" not in {found.kind for found in verify_evidence().breaks}
    code, said = verdict(capsys, f"--tete={head}")
    [found] = [each for each in said["breaks"] if each["kind"] == "tete"]
    assert (code, found["chain"], found["seq"]) == (1, str(PLATFORM_CHAIN), seq)


def test_a_head_copied_wrong_is_told_and_is_no_verdict_on_the_journal(paper, capsys):
    _seq, head = paper
    wrong = f"{head[:-1]}{'0' if head[-1] != '0' else '1'}"
    before = list_entries(PLATFORM_CHAIN, action="audit:evidence:verified")
    code, said = verdict(capsys, f"--tete={wrong}")
    assert (code, [one["kind"] for one in said["breaks"]]) == (1, ["tete"])
    assert list_entries(PLATFORM_CHAIN, action="audit:evidence:verified") == before


@pytest.mark.parametrize("changed", ["{}0", "{}:1", "x{}"])
def test_a_head_that_is_none_stops_the_command(paper, capsys, changed):
    assert verdict(capsys, f"--tete={changed.format(paper[1])}")[0] == 2


def test_the_root_alone_is_enough_while_the_database_keeps_its_seal(histoire, kept, capsys):
    said = json.loads(kept["sceau"].read_text())
    kept["sceau"].write_text(json.dumps({"racine": said["racine"]}))
    assert verdict(capsys, f"--sceau={kept['sceau']}")[0] == 0
    histoire.force("DELETE FROM sceau")
    assert verdict(capsys, f"--sceau={kept['sceau']}")[0] == 1


def test_a_receipt_whose_words_were_changed_is_named(kept, capsys):
    said = json.loads(kept["recu"].read_text())
    kept["recu"].write_text(json.dumps({**said, "contenu": {"acte": "Autre chose"}}))
    code, found = verdict(capsys, f"--recu={kept['recu']}")
    assert (code, found["breaks"][0]["kind"]) == (1, "recu_inconnu")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sceau", "{}"),
        ("recu", "[]"),
        ("recu", "pas du JSON"),
        ("sceau", '{"racine": "00", "tetes": {}}'),
        ("recu", '{"recu": "x", "chaine": "y", "seq": 1, "empreinte": "zz", "contenu": {}}'),
    ],
)
def test_what_is_no_witness_could_not_be_checked(kept, capsys, name, text):
    kept[name].write_text(text)
    code, said = verdict(capsys, f"--{name}={kept[name]}")
    assert (code, said["ok"]) == (2, None)
    assert "Vérification impossible" in said["erreur"]


def alone(path, *kept):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", verifier.__file__, str(path), *map(str, kept)],
        capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ["recu", "sceau"])
def test_the_standalone_verifier_reads_the_same_witnesses(histoire, kept, tmp_path, name):
    path = tmp_path / "journal.jsonl"

    def export():
        path.write_text("\n".join(export_chain(PLATFORM_CHAIN)) + "\n")

    export()
    assert alone(path, kept[name])[0] == 0
    histoire.force(*CUT)
    export()
    assert alone(path)[0] == 0
    code, said = alone(path, kept[name])
    last = {"recu": 6, "sceau": 7}[name]
    assert (code, f"le témoin connaît la ligne {last}" in said) == (1, True)
    kept[name].write_text(kept[name].read_text().replace('"', "", 1))
    assert alone(path, kept[name])[0] == 2


def test_the_standalone_verifier_names_the_line_that_was_rewritten(histoire, kept, tmp_path):
    histoire.force(*REWRITE)
    path = tmp_path / "journal.jsonl"
    path.write_text("\n".join(export_chain(PLATFORM_CHAIN)) + "\n")
    assert alone(path)[0] == 0
    words = {
        "recu": "Rompu, ligne 6\u00a0: n’est pas celle que le témoin connaît\n",
        "sceau": "Rompu, le témoin connaît la ligne 7, que le fichier n’a pas\n",
    }
    for name, told in words.items():
        assert alone(path, kept[name]) == (1, told)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("acte", "x:y:withdrawn"),
        ("objet", "y"),
        ("libelle", "Autre chose"),
        ("auteur", "Quelqu’un d’autre"),
        ("horodatage_interne", "2026-01-01T00:00:00.000000+00:00"),
    ],
)
def test_the_standalone_verifier_reads_the_words_of_a_receipt(kept, tmp_path, word, other):
    path = tmp_path / "journal.jsonl"
    path.write_text("\n".join(export_chain(PLATFORM_CHAIN)) + "\n")
    said = json.loads(kept["recu"].read_text())
    assert alone(path, kept["recu"])[0] == 0
    said["contenu"][word] = other
    kept["recu"].write_text(json.dumps(said))
    assert alone(path, kept["recu"]) == (
        1, "Rompu, ligne 6\u00a0: le reçu ne dit pas ce qu’elle dit\n",
    )  # fmt: skip


def test_the_standalone_verifier_without_a_file_says_how():
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", verifier.__file__], capture_output=True, text=True, check=False,
        env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (done.returncode, "Usage" in done.stdout) == (2, True)

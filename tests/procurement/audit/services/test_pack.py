"""The evidence pack, unpacked in an empty folder and read by Python alone."""

import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from procurement.audit.services import (
    PLATFORM_CHAIN,
    UnknownChain,
    issue_receipt,
    record_event,
    seal_evidence,
    write_pack,
)
from tests.support.chaines import open_chain


pytestmark = pytest.mark.attaque("G02")
OTHER = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def folder(histoire, tmp_path):
    """Two chains, a seal, a receipt; the pack of the platform's chain, unpacked alone."""
    open_chain(histoire.organisation, OTHER)
    for number in range(2):
        record_event(by=histoire.ana, tag="x:y:done", chain=OTHER, objet=f"x:{number}")
    seq = record_event(by=histoire.ana, tag="x:y:published", chain=PLATFORM_CHAIN, objet="x")
    issue_receipt(chain=PLATFORM_CHAIN, seq=seq)
    seal_evidence()
    seal_evidence()
    return unpack(tmp_path / "preuve", PLATFORM_CHAIN)


def unpack(folder, chain):
    stream = BytesIO()
    write_pack(stream, chain=chain, titre="Marché : Nettoyage")
    folder.mkdir()
    zipfile.ZipFile(stream).extractall(folder)
    return folder


def check(folder):
    """As the reader does: no option but isolation, no network, no environment."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "verifier.py"], cwd=folder, capture_output=True, text=True,
        check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, done.stdout


def journal_of(folder):
    (path,) = folder.glob("journal/*.jsonl")
    return path


def list_again(folder):
    """What a forger does who knows of the manifest."""
    lines = (folder / "manifeste.sha256").read_text().splitlines()
    names = [line.split("  ", 1)[1] for line in lines]
    said = (f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / "manifeste.sha256").write_text("".join(said))


def test_it_is_sound_and_says_how_to_check_it(folder):
    code, said = check(folder)
    assert code == 0, said
    assert "Sain\u00a0: 9 lignes" in said
    assert "3 sceaux et reçus" in said
    readme = (folder / "LISEZ-MOI.txt").read_text()
    assert "python3 verifier.py" in readme
    assert "Marché : Nettoyage" in readme
    (versions,) = folder.glob("versions/*.csv")
    assert len(versions.read_text().splitlines()) == 6


@pytest.mark.parametrize("relisted", [False, True], ids=["as it is", "manifest made again"])
def test_one_word_altered_is_red(folder, relisted):
    path = journal_of(folder)
    text = path.read_text()
    assert "DAJ" in text
    path.write_text(text.replace("DAJ", "DAX", 1))
    if relisted:
        list_again(folder)
    code, said = check(folder)
    assert code == 1
    assert "ligne " in said
    assert ("n’est plus le fichier remis" in said) is not relisted


def test_a_seal_that_was_bent_is_no_witness(folder):
    path = min(folder.glob("sceaux/*/*.json"))
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, "empreinte": "00" * 32}))
    list_again(folder)
    code, told = check(folder)
    assert (code, "le chemin du sceau" in told) == (2, True)


def test_a_file_added_or_taken_away_is_red(folder):
    (folder / "recus" / str(PLATFORM_CHAIN) / "autre.json").write_text("{}")
    assert check(folder)[0] != 0
    (folder / "recus" / str(PLATFORM_CHAIN) / "autre.json").unlink()
    assert check(folder)[0] == 0
    next(iter(folder.glob("recus/*/*.json"))).unlink()
    code, said = check(folder)
    assert (code, "recu-" in said) == (1, True)


def test_a_chain_rewritten_whole_is_named_by_the_seal_of_the_first_pack(histoire, folder, tmp_path):
    histoire.force(
        "CREATE TABLE copie AS SELECT * FROM journal ORDER BY seq",
        "DELETE FROM journal", "DELETE FROM chaine_tete", "DELETE FROM sceau", "DELETE FROM recu",
        """SELECT journal_ajouter(chaine, acteur, action, objet, operation, version_id,
            replace(corps, 'DAJ', 'DAX')) FROM copie ORDER BY seq""",
    )  # fmt: skip
    forged = unpack(tmp_path / "refaite", PLATFORM_CHAIN)
    assert check(forged)[0] == 0
    # Positive control above: alone it verifies. The witness kept from the first pack does not agree.
    kept = min(folder.glob("sceaux/*/*.json"))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-S", "verifier.py", str(journal_of(forged)), str(kept)], cwd=forged,
        capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (done.returncode, "le témoin connaît" in done.stdout) == (1, True)


def test_the_pack_of_one_chain_says_nothing_of_another(folder):
    said = "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())
    assert OTHER not in said


def test_everything_in_one_pack_by_command(histoire, folder, tmp_path):
    out = StringIO()
    call_command("pack_evidence", "--tout", "-o", str(tmp_path / "tout.zip"), stdout=out)
    assert "2\u00a0chaînes" in out.getvalue()
    whole = tmp_path / "tout"
    zipfile.ZipFile(tmp_path / "tout.zip").extractall(whole)
    code, said = check(whole)
    assert (code, said.count("Sain")) == (0, 2)
    call_command("pack_evidence", f"--marche={OTHER}", "-o", str(tmp_path / "une.zip"), stdout=out)
    assert "1\u00a0chaîne," in out.getvalue()


def test_nothing_is_left_of_a_pack_that_cannot_be_made(histoire, tmp_path):
    with pytest.raises(UnknownChain):
        write_pack(BytesIO(), chain=OTHER, titre="")
    with pytest.raises(CommandError, match="Aucun marché"):
        call_command("pack_evidence", f"--marche={OTHER}", "-o", str(tmp_path / "une.zip"))
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command("pack_evidence", "--tout", "-o", str(tmp_path / "absent" / "une.zip"))
    assert list(tmp_path.iterdir()) == []

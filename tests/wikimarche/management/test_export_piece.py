"""The command leaves the same trace as the screen: nothing goes out unseen."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command

from procurement.audit.selectors import list_entries
from wikimarche.enums import FormatExport
from wikimarche.services import ask_export


def exports(equipe):
    """What the journal of the marché says of exports, oldest first."""
    entries = list_entries(equipe.marche.pk, action="wikimarche:piece:exported")
    return [(entry.acteur, entry.objet, entry.corps["details"]) for entry in entries][::-1]


def test_both_ways_out_leave_the_same_entry(equipe, tmp_path, capsys):
    by = equipe.person("observateur")
    ask_export(by=by, piece=equipe.piece, format=FormatExport.MD)
    sortie = tmp_path / "cctp.md"
    call_command(
        "export_piece", f"--par={by.email}", f"--piece={equipe.piece.pk}", "--format=md",
        f"--sortie={sortie}",
    )  # fmt: skip
    assert sortie.exists()
    asked, commanded = exports(equipe)
    assert asked == commanded
    assert commanded[0] == f"acheteur:{by.pk}"
    assert commanded[2] == {"format": "Markdown", "version": "2", "pièce": equipe.piece.titre}


def test_a_refused_export_writes_no_file_and_no_entry(equipe, tmp_path):
    stranger = equipe.person("etranger")
    sortie = tmp_path / "cctp.md"
    with pytest.raises(CommandError):
        call_command(
            "export_piece", f"--par={stranger.email}", f"--piece={equipe.piece.pk}",
            "--format=md", f"--sortie={sortie}",
        )  # fmt: skip
    assert not sortie.exists()
    assert exports(equipe) == []


@pytest.mark.parametrize("sortie", ["absent/cctp.md", "."])
def test_a_place_that_cannot_be_written_is_said_before_the_journal_says_exported(
    equipe, tmp_path, sortie
):
    by = equipe.person("observateur")
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command(
            "export_piece", f"--par={by.email}", f"--piece={equipe.piece.pk}", "--format=md",
            f"--sortie={tmp_path / sortie}",
        )  # fmt: skip
    assert exports(equipe) == []
    assert list(tmp_path.iterdir()) == []


def test_a_version_that_is_not_there_is_said(equipe, tmp_path, capsys):
    for asked in ("0", "99"):
        with pytest.raises(SystemExit):
            call_command(
                "export_piece", f"--par={equipe.gestionnaire.email}", f"--piece={equipe.piece.pk}",
                "--format=md", f"--version-piece={asked}", f"--sortie={tmp_path / 'x.md'}",
            )  # fmt: skip
        assert "Cette version n’existe pas." in capsys.readouterr().err
    assert exports(equipe) == []


def test_standard_output_takes_the_document_and_nothing_else(equipe, capfdbinary):
    by = equipe.person("observateur")
    call_command(
        "export_piece", f"--par={by.email}", f"--piece={equipe.piece.pk}", "--format=odt", "--sortie=-",
    )  # fmt: skip
    told = capfdbinary.readouterr()
    document = ZipFile(BytesIO(told.out))
    assert document.testzip() is None
    assert told.out.endswith(b"PK\x05\x06" + told.out.rpartition(b"PK\x05\x06")[2][:18])
    assert b'"empreinte"' in told.err
    assert not Path("-").exists()

"""Commands say in French why they cannot, and leave nothing behind."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from procurement.access.enums import Role
from procurement.marches.models import Marche
from procurement.marches.permissions import roles_on_marche
from tests.wikimarche.domain.importing.samples import rich_word
from wikimarche.models import Article, Piece


def run(command, *args, by):
    out = io.StringIO()
    call_command(command, *args, "--par", by.email, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("name", ["absent/x.md", "."])
def test_a_file_that_cannot_be_written_is_said_in_french(equipe, tmp_path, name):
    target = tmp_path / name
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        run(
            "export_piece", "--piece", str(equipe.piece.pk), "--format", "md", "-o", str(target),
            by=equipe.gestionnaire,
        )  # fmt: skip


@pytest.mark.parametrize("name", ["absent.docx", "."])
def test_a_file_that_cannot_be_read_is_said_in_french(equipe, tmp_path, name):
    before = Piece.objects.count()
    with pytest.raises(CommandError, match="ne peut pas être lu"):
        run(
            "import_piece", "--marche", str(equipe.marche.pk), str(tmp_path / name),
            by=equipe.gestionnaire,
        )  # fmt: skip
    assert Piece.objects.count() == before


def test_a_marche_is_created_by_the_person_named_and_told_in_json(equipe):
    made = run("create_marche", "--objet", "Mobilier scolaire", "--json", by=equipe.gestionnaire)
    marche = Marche.objects.get(pk=made["uuid"])
    assert (marche.objet, roles_on_marche(equipe.gestionnaire, marche)) == (
        "Mobilier scolaire",
        {Role.GESTIONNAIRE},
    )
    before = Marche.objects.count()
    with pytest.raises(CommandError, match="objet"):
        run("create_marche", "--objet", "\u200b", "--json", by=equipe.gestionnaire)
    assert Marche.objects.count() == before


def test_an_import_tells_in_json_what_it_found_and_what_it_left(equipe, tmp_path):
    path = tmp_path / "cctp.docx"
    path.write_bytes(rich_word())
    told = run("import_piece", "--marche", str(equipe.marche.pk), str(path), by=equipe.gestionnaire)
    read = Article.objects.filter(piece=told["piece"]).count()
    assert (told["articles"], told["tables"], told["images"]) == (read, 1, 1)
    assert {"levels", "lists", "footnotes", "comments", "tracked_changes"} <= set(told)
    assert all(one["nombre"] for one in told["non_reconnu"].values())
    assert told["non_reconnu"]


def test_an_imported_piece_takes_the_title_of_its_document(equipe, tmp_path):
    path = tmp_path / "cctp.docx"
    path.write_bytes(rich_word())
    told = run("import_piece", "--marche", str(equipe.marche.pk), str(path), by=equipe.gestionnaire)
    assert told["titre"] == "Cahier des clauses particulières"
    assert Piece.objects.get(pk=told["piece"]).titre == told["titre"]


def test_markdown_is_one_file_readable_alone(equipe, tmp_path):
    path, out = tmp_path / "cctp.docx", tmp_path / "piece.md"
    path.write_bytes(rich_word())
    told = run("import_piece", "--marche", str(equipe.marche.pk), str(path), by=equipe.gestionnaire)
    run(
        "export_piece", "--piece", told["piece"], "--format", "md", "-o", str(out),
        by=equipe.gestionnaire,
    )  # fmt: skip
    text = out.read_text()
    assert "][image-1]" in text
    assert "[image-1]: data:image/png;base64," in text
    assert [made.name for made in tmp_path.iterdir() if made.suffix != ".docx"] == ["piece.md"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [("é" * 301, "au plus"), ("Clauses \udce9", "«\u202ftitre\u202f» n’est pas écrit en UTF-8.")],
)
def test_a_title_that_cannot_be_kept_is_said_in_french(equipe, tmp_path, given, sentence):
    """Too long, or with a byte that no UTF-8 has, as the system hands it over."""
    path = tmp_path / "cctp.md"
    path.write_text("# Objet\n\nNettoyer.\n")
    before = Piece.objects.count()
    with pytest.raises(CommandError, match=sentence):
        run(
            "import_piece", "--marche", str(equipe.marche.pk), "--titre", given, str(path),
            by=equipe.gestionnaire,
        )  # fmt: skip
    assert Piece.objects.count() == before

"""A command line that is refused is told so in French, with the code that scripts know."""

import argparse
import re
from pathlib import Path

import pytest

from procurement.ui.refus import WORDS
from tests.support.equipe import make_equipe


ASKED = {
    ("export_piece",): "il manque",
    ("add_member", "--inconnue"): "il manque",
    ("verify_evidence", "--inconnue"): "la commande ne connaît pas --inconnue.",
    ("read_sante", "--organe"): "--organe\u202f: il faut une valeur.",
    ("bench", "rien"): "nom\u202f: 'rien' n’est pas un choix\u202f; dites 'compare'",
    (
        "issue_receipt",
        "--ligne",
        "deux",
    ): "--ligne\u202f: 'deux' n’est pas un nombre entier.",
    ("verify_evidence", "--marche", "1"): "'1' n’est pas un identifiant.",
    ("backup", "--help"): "Dire cette aide.",
}


@pytest.mark.parametrize(("line", "said"), ASKED.items(), ids=map(" ".join, ASKED))
def test_a_refused_line_is_refused_in_french(run_manage, line, said):
    done = run_manage(*line)
    told = done.stderr + done.stdout
    assert said in re.sub(r"[ \n]+", " ", told)
    assert "Usage\u202f: " in told
    assert not re.search(r"usage:|error:|argument", told)
    assert done.returncode == (0 if "--help" in line else 2)


def test_a_command_that_is_not_there_is_told_in_french(run_manage):
    done = run_manage("exporte_piece")
    assert done.stderr == (
        "Aucune commande ne s’appelle «\u202fexporte_piece\u202f». Vouliez-vous dire export_piece\u202f?\n"
        "«\u202fmanage.py help\u202f» les énumère.\n"
    )
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("line", [("create_marche", "--help"), ("create_marche",), ("rien",)])
def test_the_name_said_is_the_one_that_was_typed(run_manage, line):
    done = run_manage(*line, variables={"WM_COMMANDE": "./wm manage"})
    told = done.stderr + done.stdout
    assert "./wm manage " in told
    assert "manage.py" not in told
    assert "manage.py" in "".join(run_manage(*line).stderr + run_manage(*line).stdout)


def test_what_is_wrong_in_a_marche_is_named(run_manage, cloned_database):
    done = run_manage(
        "create_marche",
        "--objet",
        "",
        "--par",
        make_equipe().gestionnaire.email,
        database=cloned_database,
    )
    assert done.stderr == "--objet\u202f: Ce champ ne peut pas être vide.\n"
    assert (done.returncode, done.stdout) == (1, "")


def test_each_word_is_one_of_argparse():
    """A version of Python that says it otherwise would go back to English unseen."""
    source = Path(argparse.__file__).read_text()
    assert [
        words for words in WORDS if repr(words) not in source and f'"{words}"' not in source
    ] == []

"""A command line that is refused is told so in French, with the code that scripts know."""

import argparse
import re
from pathlib import Path

import pytest

from procurement.ui.refus import WORDS


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
    ): "--ligne\u202f: 'deux' n’est pas une valeur de la sorte attendue (int).",
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


def test_each_word_is_one_of_argparse():
    """A version of Python that says it otherwise would go back to English unseen."""
    source = Path(argparse.__file__).read_text()
    assert [
        words for words in WORDS if repr(words) not in source and f'"{words}"' not in source
    ] == []

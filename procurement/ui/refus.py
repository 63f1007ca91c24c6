"""What argparse says of a command line that it refuses, in French: it has a word for each, and no catalogue of ours."""

import argparse


WORDS = {
    "usage: ": "Usage\u202f: ",
    "%(prog)s: error: %(message)s\n": "%(prog)s\u202f: %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s\u202f: %(message)s",
    "the following arguments are required: %s": "il manque %s.",
    "unrecognized arguments: %s": "la commande ne connaît pas %s.",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r n’est pas un choix\u202f; dites %(choices)s.",
    "invalid %(type)s value: %(value)r": "%(value)r n’est pas une valeur de la sorte attendue (%(type)s).",
    "expected one argument": "il faut une valeur.",
    "expected at most one argument": "il faut une valeur au plus.",
    "expected at least one argument": "il faut une valeur au moins.",
    "expected %s argument": "il faut %s valeur.",
    "expected %s arguments": "il faut %s valeurs.",
    "not allowed with argument %s": "ne va pas avec %s.",
    "one of the arguments %s is required": "il faut l’un de %s.",
    "ignored explicit argument %r": "n’attend pas de valeur (%r).",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s peut vouloir dire %(matches)s.",
    "can't open '%(filename)s': %(error)s": "«\u202f%(filename)s\u202f» ne s’ouvre pas\u202f: %(error)s.",
    "positional arguments": "valeurs",
    "options": "options",
    "show this help message and exit": "Dire cette aide.",
}


def refuse_in_french() -> None:
    """Give argparse its words, for the whole process: commands of Django speak through it too."""
    argparse._ = _say  # type: ignore[attr-defined]
    argparse.ngettext = lambda one, many, count: _say(one if count == 1 else many)  # type: ignore[attr-defined]


def _say(words: str) -> str:
    return WORDS.get(words, words)

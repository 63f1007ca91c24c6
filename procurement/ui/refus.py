"""What Django and argparse say of a command line that they refuse, in French: they have words, and no catalogue of ours."""

import argparse
import sys
from difflib import get_close_matches
from typing import Any

from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand, CommandError, SystemCheckError


KINDS = {
    "int": "un nombre entier",
    "UUID": "un identifiant",
    "read_instant": "un instant, tel 2026-03-12T14:00",
}


class _Unfit(str):
    """The sentence of a value of another kind, which argparse fills with the name of a type of Python."""

    __slots__ = ()

    def __mod__(self, given: Any) -> str:
        return f"{given['value']!r} n’est pas {KINDS.get(given['type'], 'de la sorte attendue')}."


WORDS = {
    "usage: ": "Usage\u202f: ",
    "%(prog)s: error: %(message)s\n": "%(prog)s\u202f: %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s\u202f: %(message)s",
    "the following arguments are required: %s": "il manque %s.",
    "unrecognized arguments: %s": "la commande ne connaît pas %s.",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r n’est pas un choix\u202f; dites %(choices)s.",
    "invalid %(type)s value: %(value)r": _Unfit(),
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


class CommandLine(ManagementUtility):
    """The commands, under the name that one types to have them (`./wm manage`, or `manage.py`)."""

    def __init__(self, argv: list[str], *, name: str) -> None:
        super().__init__([name, *argv[1:]])
        self.prog_name = name

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Find a command; leave with 1 and a French sentence where there is none of that name."""
        if subcommand not in (known := get_commands()):
            near = get_close_matches(subcommand, known, n=1)
            meant = f" Vouliez-vous dire {near[0]}\u202f?" if near else ""
            sys.stderr.write(
                f"Aucune commande ne s’appelle «\u202f{subcommand}\u202f».{meant}\n"
                f"«\u202f{self.prog_name} help\u202f» les énumère.\n"
            )
            sys.exit(1)
        command = super().fetch_command(subcommand)
        make = command.create_parser

        def create_parser(
            prog_name: str, subcommand: str, **options: Any
        ) -> argparse.ArgumentParser:
            parser = make(prog_name, subcommand, **options)
            # Django keeps the last part of a path, and « ./wm » is one.
            parser.prog = f"{self.prog_name} {subcommand}"
            return parser

        command.create_parser = create_parser  # type: ignore[assignment, method-assign]
        execute = command.execute

        def execute_or_say(*args: Any, **options: Any) -> str | None:
            """Say why a command stops by its sentence alone: Django would put the name of a class before it."""
            try:
                return execute(*args, **options)
            except SystemCheckError:
                raise
            except CommandError as refusal:
                if options.get("traceback"):
                    raise
                command.stderr.write(str(refusal))
                sys.exit(refusal.returncode)

        command.execute = execute_or_say  # type: ignore[method-assign]
        return command


def _say(words: str) -> str:
    return WORDS.get(words, words)

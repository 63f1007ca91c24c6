"""Commands act for a person, through the same gate as the screens."""

import errno
import json
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError

from procurement.access.domain import Denied
from procurement.access.services.decide import decide, fetch
from procurement.accounts.models import User
from procurement.audit.services import record_refusal


_REASONS = {
    errno.ENOENT: "ce dossier ou ce fichier n’existe pas",
    errno.ENOTDIR: "une partie de ce chemin n’est pas un dossier",
    errno.EISDIR: "c’est un dossier",
    errno.EACCES: "vous n’en avez pas le droit",
    errno.EROFS: "ce disque est en lecture seule",
    errno.ENOSPC: "le disque est plein",
    errno.ENAMETOOLONG: "ce nom est trop long",
}
_HALF = re.compile("[\ud800-\udfff]")
"""What the system puts in place of a byte that is no UTF-8."""
STANDARD_OUTPUT = Path("-")
DEMO_GESTIONNAIRE = "gestionnaire@demo.example"


class ActingCommand(BaseCommand):
    """A command with ``--par E-MAIL``; its objects come through the gate, its answer is one JSON line."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add ``--par`` and ``--json``; a subclass adds its own after calling this."""
        parser.add_argument(
            "--par", metavar="E-MAIL", default=DEMO_GESTIONNAIRE, help="La personne qui agit."
        )
        parser.add_argument("--json", action="store_true", help="Une ligne JSON en sortie.")

    def execute(self, *args: Any, **options: Any) -> Any:
        """Run it. Raises CommandError, with a sentence, for what is typed wrong."""
        for name, given in options.items():
            if isinstance(given, str | Path) and _HALF.search(str(given)):
                raise CommandError(f"«\u202f{name}\u202f» n’est pas écrit en UTF-8.")
        try:
            return super().execute(*args, **options)
        except ValidationError as error:
            raise CommandError(_say_faults(error, options)) from error

    def person(self, options: dict[str, Any]) -> User:
        """Find who acts. Raises CommandError."""
        user = User.objects.filter(email=options["par"].lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Personne n’a l’adresse {options['par']}.")
        return user

    def may(self, user: User, action: str) -> None:
        """Pass the gate for an action without an object. Raises CommandError with the reason."""
        decision = decide(user, action)
        if not decision:
            self._refuse(user, action, "", decision.reason)

    def fetch(self, user: User, action: str, text: str) -> Any:
        """Get an object through the gate. Raises CommandError with the reason of the refusal."""
        try:
            pk = UUID(text)
        except ValueError as error:
            raise CommandError(f"«\u202f{text}\u202f» n’est pas un identifiant.") from error
        obj, decision = fetch(user, action, pk)
        if obj is None:
            unknown = f"Rien ne porte l’identifiant {pk}, ou rien que {user.email} puisse ouvrir."
            reason = decision.reason if isinstance(decision, Denied) else unknown
            self._refuse(user, action, str(pk), reason)
        return obj

    def answer(self, data: dict[str, Any], *, sortie: Path | None = None) -> None:
        """Print the answer on standard output, and nothing else.

        sortie: the file asked for; where it is standard output, the answer goes to standard error.
        """
        stream = self.stderr if sortie == STANDARD_OUTPUT else self.stdout
        stream.write(json.dumps(data, ensure_ascii=False, default=str), style_func=str)

    def _refuse(self, user: User, action: str, objet: str, reason: str) -> NoReturn:
        record_refusal(by=user, action=action, objet=objet, reason=reason)
        raise CommandError(reason)


def fail(reason: str) -> NoReturn:
    """Say why on standard error and leave with 1."""
    sys.stderr.write(f"{reason}\n")
    sys.exit(1)


def check_output(path: Path) -> Path:
    """Give back a path that can be written, before any work or line in the journal is done for it.

    An existing file is left as it is. Raises CommandError with a French sentence.
    """
    if path == STANDARD_OUTPUT:
        return path
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise CommandError(f"{path} ne peut pas être écrit\u202f: {_why(error)}.") from error
    return path


def write_output(path: Path, content: bytes) -> None:
    """Write a file where the person asked, « - » being standard output.

    Leaves with 1 and a French sentence when it cannot be.
    """
    try:
        if path == STANDARD_OUTPUT:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path} ne peut pas être écrit\u202f: {_why(error)}.") from error


def read_input(path: Path) -> Path:
    """Give back a path that can be read. Raises CommandError with a French sentence."""
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise CommandError(f"{path} ne peut pas être lu\u202f: {_why(error)}.") from error


def _say_faults(error: ValidationError, options: dict[str, Any]) -> str:
    """The sentences of an error, each after the option or the field that it is about."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    said = []
    for name, messages in error.message_dict.items():
        about = "" if name == NON_FIELD_ERRORS else f"--{name}" if name in options else name
        said.append((f"{about}\u202f: " if about else "") + " ".join(messages))
    return " ".join(said)


def _why(error: OSError) -> str:
    return _REASONS.get(error.errno or 0, "le système le refuse")


__all__ = ["ActingCommand", "check_output", "fail", "read_input", "write_output"]

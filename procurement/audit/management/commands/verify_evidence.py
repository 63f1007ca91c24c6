"""Verify the whole history. Exit 0 sound, 1 broken, 2 could not run."""

import json
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, InterfaceError, OperationalError, connection

from procurement.audit.services import (
    EvidenceReport,
    UnknownChain,
    UnknownSeal,
    UnreadableWitness,
    read_verdict,
    record_if_it_matters,
    verify_evidence,
    verify_head,
    verify_receipt,
    verify_seal,
)


class Command(BaseCommand):
    help = "Recompute every hash of the journal. Exit 0 sound, 1 broken, 2 could not run."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chain", "--marche", type=UUID, default=None, dest="chain")
        parser.add_argument("--fichiers", action="store_true", help="Read the stored files back.")
        for name, words in (
            ("sceau", "A seal kept elsewhere."),
            ("recu", "A receipt somebody brings."),
        ):
            parser.add_argument(
                f"--{name}", type=Path, action="append", default=[], metavar="FICHIER", help=words
            )
        parser.add_argument(
            "--tete", action="append", default=[], metavar="CHAINE:SEQ:EMPREINTE",
            help="The line and the hash that the first page of a PDF bears.",
        )  # fmt: skip
        parser.add_argument(
            "--depuis-sceau", type=int, metavar="N", dest="since",
            help="Ne relit que les lignes écrites depuis le sceau n°\u00a0N, tenu pour sûr.",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = verify_evidence(
                chain=options["chain"], files=options["fichiers"], since=options["since"]
            )
            for name, verify in WITNESSES.items():
                for path in options[name]:
                    report.breaks += verify(read_witness(path))
            papers = [flaw for said in options["tete"] for flaw in verify_head(said)]
        except (Error, OSError, UnknownChain, UnknownSeal, UnreadableWitness) as error:
            message = f"Vérification impossible\u202f: {why(error)}."
            if options["json"]:
                self.stdout.write(json.dumps({"ok": None, "erreur": message}, ensure_ascii=False))
            raise CommandError(message, returncode=2) from error
        if options["since"] is None or not report.ok:
            # Sound since a seal says nothing of what came before: that ends no alert.
            self._keep(report, options["chain"])
        # A head copied from a paper may be copied wrong: it is told, and no verdict on the journal.
        report.breaks += papers
        self.stdout.write(as_json(report) if options["json"] else in_words(report))
        if not report.ok:
            sys.exit(1)

    def _keep(self, report: EvidenceReport, chain: UUID | None) -> None:
        """Raise the alert of the platform, or end it; whoever may only read is told so."""
        try:
            record_if_it_matters(report, chain=chain)
            alert = read_verdict().alert if report.ok else None
            if alert is not None and (chain is None or chain in alert.chains):
                self.stderr.write(
                    "Sous le rôle de base du site, une vérification ne lève pas l’alerte\u202f:"
                    " relancez-la sous celui du travailleur, ou attendez celle de la nuit."
                )
        except (Error, OSError) as error:
            self.stderr.write(
                f"Le verdict n’a pas pu être inscrit au journal\u202f: l’alerte ne change pas ({why(error)})."
            )


WITNESSES = {"sceau": verify_seal, "recu": verify_receipt}


def read_witness(path: Path) -> Any:
    """Read one JSON file. Raises UnreadableWitness."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableWitness(f"{path} ne se lit pas") from error


def why(error: Exception) -> str:
    """Say in French what stopped the verification; the words of the driver follow, for a technician."""
    if isinstance(error, UnknownChain):
        return f"aucun marché ni aucune chaîne ne porte l’identifiant {error}"
    if isinstance(error, UnknownSeal):
        return f"aucun sceau ne porte le n°\u00a0{error}"
    if isinstance(error, UnreadableWitness):
        return str(error)
    base = connection.settings_dict
    code = getattr(error.__cause__, "pgcode", None)
    if isinstance(error, OSError):
        said = "un fichier ne se lit pas"
    elif code in {"42P01", "42703", "42883"}:
        said = f"la base «\u202f{base['NAME']}\u202f» n’a pas les tables de la preuve, ou pas dans la forme de cette version du programme (voir migrate)"
    elif code == "42501":
        said = (
            f"le rôle «\u202f{base['USER']}\u202f» n’a pas le droit de lire les tables de la preuve"
        )
    elif isinstance(error, OperationalError | InterfaceError) and code is None:
        place = f"{base['HOST'] or 'prise locale'}:{base['PORT'] or 5432}"
        said = f"la base de données ne répond pas à l’adresse {place}, ou refuse la connexion"
    else:
        said = "la base de données a interrompu la lecture"
    return f"{said} ({' '.join(str(error).split()) or type(error).__name__})"


def as_json(report: EvidenceReport) -> str:
    """One object on one line."""
    return json.dumps(
        {
            "ok": report.ok,
            "chains": report.chains,
            "entries": report.entries,
            "redacted": report.redacted,
            "files": report.files,
            "seconds": round(report.seconds, 3),
            **({"depuis_sceau": report.since.pk} if report.since else {}),
            "breaks": [
                {
                    "chain": str(found.chain) if found.chain else None,
                    "seq": found.seq,
                    "kind": found.kind,
                    "words": found.words,
                }
                for found in report.breaks
            ],
        },
        ensure_ascii=False,
    )


def in_words(report: EvidenceReport) -> str:
    """The verdict, then one line per break."""
    read = f"{report.entries} lignes, {report.chains} chaînes, {report.seconds:.2f} s"
    if report.redacted:
        read += f", {report.redacted} caviardées"
    if report.files:
        read += f", {report.files} fichiers"
    since = ""
    if report.since is not None:
        since = (
            f"\nDepuis le sceau n°\u00a0{report.since.pk} du {report.since.instant:%d/%m/%Y}, tenu pour sûr\u202f: ce qui le précède"
            " n’a pas été relu. Comparez sa racine avec celle que vous gardez ailleurs\u202f: "
            f"{bytes(report.since.racine).hex()}"
        )
    if report.ok:
        return f"Sain\u202f: {read}.{since}"
    lines = [f"Rompu\u202f: {len(report.breaks)} rupture(s) ({read})."]
    lines += [
        f"{found.chain or 'hors chaîne'} n°\u00a0{found.seq or '–'} [{found.kind}] {found.words}"
        for found in report.breaks
    ]
    return "\n".join(lines) + since

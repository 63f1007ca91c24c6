"""System checks: what this machine lacks to draw PDFs, isolate the children, analyse files."""

import ctypes
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.checks import Error, Info, Warning as CheckWarning, register

from procurement.documents.domain.judging import LARGEST
from procurement.documents.domain.scanning import AddressRefused, read_address, signatures_made
from procurement.documents.services import (
    ChildFailed,
    accepts_unscanned,
    is_configured,
    read_version,
    report_doors,
    scan,
)
from procurement.ui.typographie import format_octets


# File that WeasyPrint opens → Debian package that brings it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


def missing_packages() -> list[str]:
    """Return the Debian packages whose library cannot be loaded."""
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


@register("documents")
def check_libraries(app_configs, **kwargs):
    """Name the libraries of Pango that are missing, with the one line that installs them."""
    missing = missing_packages()
    if not missing:
        return []
    return [
        Error(
            "Les PDF ne peuvent pas être dessinés\u202f: il manque des bibliothèques de Pango.",
            hint=f"apt-get install -y --no-install-recommends {' '.join(missing)}",
            id="documents.E001",
        )
    ]


@register("documents", deploy=True)
def check_doors(app_configs, **kwargs):
    """Say what the children can still reach on this server."""
    try:
        doors = report_doors()
    except ChildFailed as failure:
        return [
            Error(f"Aucun traitement isolé ne démarre\u202f: {failure.reason}", id="documents.E002")
        ]
    found = []
    if not doors["network"]:
        found.append(
            Error(
                "Le réseau ne se ferme pas autour des traitements de documents\u202f: ni PDF ni import.",
                hint="Permettre les espaces de noms d’utilisateur, ou un noyau avec seccomp.",
                id="documents.E005",
            )
        )
    if not doors["files"]:
        found.append(
            Error(
                "Les fichiers du serveur ne se ferment pas autour des traitements de documents\u202f: ni PDF ni import.",
                hint="Un noyau Linux 5.13 ou plus récent, avec Landlock, ferme cette porte.",
                id="documents.E006",
            )
        )
    return found


SIGNATURES_AGE = timedelta(days=7)


@register("documents")
def check_scanner_settings(app_configs, **kwargs):
    """Refuse an address nobody could connect to, and a choice that means nothing."""
    found = []
    if is_configured():
        try:
            read_address(settings.CLAMAV_URL)
        except AddressRefused as refusal:
            found.append(Error(str(refusal), id="documents.E003"))
    if settings.UNSCANNED_FILES not in {"refuser", "accepter"}:
        found.append(
            Error(
                "UNSCANNED_FILES vaut «\u202frefuser\u202f» ou «\u202faccepter\u202f».",
                id="documents.E004",
            )
        )
    return found


@register("documents", deploy=True)
def check_scanner(app_configs, **kwargs):
    """Say what the antivirus does not do on this server."""
    if check_scanner_settings(app_configs) or (settings.DEMO and not is_configured()):
        return []
    if not is_configured():
        kept = "ouverts sans analyse" if accepts_unscanned() else "gardés fermés"
        return [
            CheckWarning(
                f"Aucun antivirus\u202f: les fichiers reçus sont {kept}.",
                hint="CLAMAV_URL donne l’adresse d’un clamd\u202f; voir UPGRADE.md.",
                id="documents.W003",
            )
        ]
    version = read_version()
    if not version:
        return [
            CheckWarning(
                "L’antivirus ne répond pas\u202f: les fichiers reçus attendent leur analyse, fermés.",
                hint="Démarrer clamd, et vérifier CLAMAV_URL.",
                id="documents.W004",
            )
        ]
    return [*_check_signatures(version), *_check_stream_limit()]


def _check_signatures(version):
    """« ClamAV 1.4.6/27812/Sun Nov 22 08:00:00 2026 »; the date is missing with local ones only."""
    made = signatures_made(version)
    if made is None:
        return [
            Info(
                "L’antivirus ne dit pas la date de ses signatures.",
                hint="Il n’emploie que des signatures locales, ou freshclam n’a jamais abouti.",
                id="documents.I001",
            )
        ]
    if datetime.now(UTC) - made < SIGNATURES_AGE:
        return []
    return [
        CheckWarning(
            f"Les signatures de l’antivirus datent du {made:%d/%m/%Y}.",
            hint="freshclam les renouvelle\u202f; il lui faut un accès au réseau ou un miroir.",
            id="documents.W005",
        )
    ]


def _check_stream_limit():
    """Have as many zeros analysed as the largest document holds."""
    cause = scan(bytes(LARGEST), patience=60).cause
    if not cause:
        return []
    return [
        CheckWarning(
            f"L’antivirus ne juge pas un fichier de {format_octets(LARGEST)} ({cause}).",
            hint="StreamMaxLength et MaxFileSize de clamd.conf\u202f: 100M.",
            id="documents.W006",
        )
    ]

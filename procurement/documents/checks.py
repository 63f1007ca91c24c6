"""System checks: what this machine lacks to draw PDFs and to isolate the children."""

import ctypes

from django.core.checks import Error, Warning as CheckWarning, register

from procurement.documents.services import ChildFailed, report_doors


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
            "Les PDF ne peuvent pas être dessinés : il manque des bibliothèques de Pango.",
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
        return [Error(f"Aucun traitement isolé ne démarre : {failure.reason}", id="documents.E002")]
    found = []
    if not doors["network"]:
        found.append(
            CheckWarning(
                "Le réseau n’a pas pu être fermé autour des traitements de documents.",
                hint="Permettre les espaces de noms d’utilisateur, ou un noyau avec seccomp.",
                id="documents.W001",
            )
        )
    if not doors["files"]:
        found.append(
            CheckWarning(
                "Le système de fichiers n’a pas pu être fermé autour des traitements de documents.",
                hint="Un noyau Linux 5.13 ou plus récent, avec Landlock, ferme cette porte.",
                id="documents.W002",
            )
        )
    return found

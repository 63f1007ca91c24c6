"""States of a stored file."""

from django.db import models


class StatutFichier(models.TextChoices):
    """Where a file stands between its arrival and the people who may read it."""

    DEPOSEE = "deposee", "Déposé"
    EN_ANALYSE = "en_analyse", "En analyse"
    SAINE = "saine", "Sain"
    INFECTEE = "infectee", "Refusé\u202f: logiciel malveillant"
    ECARTEE = "ecartee", "Refusé\u202f: illisible"
    ANALYSE_INDISPONIBLE = "analyse_indisponible", "Analyse indisponible"
    INTEGRITE_ROMPUE = "integrite_rompue", "Intégrité rompue"
    PRODUITE = "produite", "Produit par la plateforme"


A_ANALYSER = [
    StatutFichier.DEPOSEE,
    StatutFichier.EN_ANALYSE,
    StatutFichier.ANALYSE_INDISPONIBLE,
]
"""States of a file about which the antivirus has said nothing yet."""
SANS_OCTETS = [StatutFichier.INFECTEE, StatutFichier.ECARTEE]
"""States of a file of which the row alone is kept: its name, its size, its SHA-256."""

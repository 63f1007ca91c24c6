"""States of a job."""

from django.db import models


class StatutJob(models.TextChoices):
    """Life of a job, as the requester reads it."""

    EN_FILE = "en_file", "En attente"
    EN_COURS = "en_cours", "En cours"
    FAIT = "fait", "Fait"
    ECHEC = "echec", "Échec"
    ANNULE = "annule", "Annulé"

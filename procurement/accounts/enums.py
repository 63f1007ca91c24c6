"""How a person wants the screens."""

from django.db import models


class Theme(models.TextChoices):
    """Colours of the interface."""

    AUTOMATIQUE = "automatique", "Comme mon appareil"
    CLAIR = "clair", "Clair"
    SOMBRE = "sombre", "Sombre"

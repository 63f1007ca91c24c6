"""Image: a stored file shown in the text of a pièce, which decides who may see it."""

from django.db import models

from procurement.documents.models import StoredFile
from wikimarche.models.piece import Piece


class Image(models.Model):
    """The identifier of its file is what an ``image`` node of the text holds."""

    fichier = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, primary_key=True, related_name="image"
    )
    piece = models.ForeignKey(Piece, on_delete=models.PROTECT, related_name="images")

    class Meta:
        verbose_name = "image"

    def __str__(self) -> str:
        return str(self.fichier)

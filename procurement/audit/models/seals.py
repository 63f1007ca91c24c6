"""Witnesses of the chains: seals over all heads, receipts handed to people. Append-only."""

from django.db import models


class Seal(models.Model):
    """Merkle root over all heads at one instant; to be kept by others too."""

    instant = models.DateTimeField("instant, à l’horloge de la base")
    racine = models.BinaryField("racine")
    n = models.IntegerField("nombre de chaînes")
    tetes = models.TextField("têtes scellées")
    jeton_tsa = models.BinaryField("jeton d’horodatage", null=True)
    publication = models.TextField("où le sceau a été publié", blank=True)

    class Meta:
        db_table = "sceau"
        verbose_name = "sceau"
        verbose_name_plural = "sceaux"

    def __str__(self) -> str:
        return f"sceau n°\u00a0{self.pk}"


class Receipt(models.Model):
    """Proof handed to the person who made an act: chain, number and hash of its entry."""

    id = models.UUIDField(primary_key=True, editable=False)
    instant = models.DateTimeField("instant, à l’horloge de la base")
    chaine = models.UUIDField("chaîne")
    seq = models.BigIntegerField("numéro")
    empreinte = models.BinaryField("empreinte")
    contenu = models.TextField("contenu")

    class Meta:
        db_table = "recu"
        verbose_name = "reçu"

    def __str__(self) -> str:
        return f"reçu {self.pk}"

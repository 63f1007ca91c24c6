"""The journal and the heads of its chains: written by SQL functions, never through the ORM."""

from django.db import models
from django.db.models import Q


REFUSAL = "access:action:refused"


class Xid8Field(models.BigIntegerField):
    """Number of the transaction (xid8), to tell what was committed together."""

    def db_type(self, connection: object) -> str:
        """Type of the column in Postgres: eight bytes that never wrap, unlike xid."""
        return "xid8"


class JournalEntry(models.Model):
    """One fact of one chain. See procurement/audit/domain/empreinte.py for what is hashed."""

    pk = models.CompositePrimaryKey("chaine", "seq")
    chaine = models.UUIDField("chaîne")
    seq = models.BigIntegerField("numéro")
    instant = models.DateTimeField("instant, à l’horloge de la base")
    acteur = models.TextField("acteur")
    action = models.TextField("action")
    objet = models.TextField("objet")
    operation = models.UUIDField("opération", null=True)
    version = models.ForeignKey(
        "reversion.Version", models.PROTECT, null=True, related_name="+", db_index=False
    )
    contenu_empreinte = models.BinaryField("empreinte du contenu", null=True)
    corps = models.TextField("corps", null=True)  # noqa: DJ001 - null once redacted
    corps_empreinte = models.BinaryField("empreinte du corps")
    sel = models.BinaryField("sel", null=True)
    precedent = models.BinaryField("empreinte précédente")
    empreinte = models.BinaryField("empreinte")
    xid = Xid8Field("transaction")

    class Meta:
        db_table = "journal"
        verbose_name = "ligne du journal"
        constraints = [
            models.UniqueConstraint(
                name="journal_version_unique",
                fields=["version"],
                condition=Q(version__isnull=False),
                violation_error_message="Cette version a déjà sa ligne au journal.",
            ),
            models.CheckConstraint(
                name="journal_seq_positif",
                condition=Q(seq__gte=1),
                violation_error_message="Une chaîne se numérote à partir de 1.",
            ),
        ]
        indexes = [
            models.Index(name="journal_objet_xid", fields=["objet", "xid"]),
            models.Index(
                name="journal_refus", fields=["acteur", "instant"], condition=Q(action=REFUSAL)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chaine} n°\u00a0{self.seq}"


class ChainHead(models.Model):
    """Last entry of a chain; its lock orders the writers."""

    chaine = models.UUIDField("chaîne", primary_key=True)
    seq = models.BigIntegerField("numéro")
    empreinte = models.BinaryField("empreinte")

    class Meta:
        db_table = "chaine_tete"
        verbose_name = "tête de chaîne"

    def __str__(self) -> str:
        return f"{self.chaine} n°\u00a0{self.seq}"


class RefusalGroup(models.Model):
    """Refusals of one person above the ceiling, counted until they are written as one entry."""

    acteur = models.TextField("acteur", primary_key=True)
    premier = models.DateTimeField("premier")
    dernier = models.DateTimeField("dernier")
    nombre = models.IntegerField("nombre")

    class Meta:
        db_table = "refus_groupe"
        verbose_name = "refus regroupés"

    def __str__(self) -> str:
        return f"{self.acteur} × {self.nombre}"

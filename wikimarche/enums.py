"""Types and states of a pièce, of an article and of a version."""

from django.db import models


class TypePiece(models.TextChoices):
    """Documents of a consultation, plus the internal note that is written the same way."""

    RC = "RC", "Règlement de la consultation"
    CCAP = "CCAP", "Cahier des clauses administratives particulières"
    CCTP = "CCTP", "Cahier des clauses techniques particulières"
    AE = "AE", "Acte d’engagement"
    BPU = "BPU", "Bordereau des prix unitaires"
    DQE = "DQE", "Détail quantitatif estimatif"
    DPGF = "DPGF", "Décomposition du prix global et forfaitaire"
    ANNEXE = "ANNEXE", "Annexe"
    AVIS = "AVIS", "Avis d’appel à la concurrence"
    NOTE = "NOTE", "Note interne ou rapport"


class StatutPiece(models.TextChoices):
    """From draft to publication; « retiré » takes it out of the marché without losing it."""

    BROUILLON = "brouillon", "Brouillon"
    EN_RELECTURE = "en_relecture", "En relecture"
    EN_VISA = "en_visa", "En visa"
    VISE = "vise", "Visée"
    PUBLIE = "publie", "Publiée"
    RETIRE = "retire", "Retirée"


class StatutArticle(models.TextChoices):
    """An article is never deleted."""

    ACTIF = "actif", "Actif"
    RETIRE = "retire", "Retiré"


class GenreVersion(models.TextChoices):
    """What made a version."""

    AUTO = "auto", "Enregistrement"
    NOMMEE = "nommee", "Version nommée"
    IMPORT = "import", "Import"
    RESTAURATION = "restauration", "Restauration"
    VISEE = "visee", "Version visée"
    PUBLIEE = "publiee", "Version publiée"
    COMMENTAIRE = "commentaire", "Commentaire"
    """An anchor was put in the text, whose words are what they were."""


UNMARKED = (GenreVersion.AUTO, GenreVersion.COMMENTAIRE)
"""Versions that nobody made on purpose."""


class StatutImport(models.TextChoices):
    """Life of an incoming document, between its arrival and its acceptance."""

    EN_LECTURE = "en_lecture", "En lecture"
    A_VERIFIER = "a_verifier", "Découpage à vérifier"
    ACCEPTE = "accepte", "Accepté"
    REFUSE = "refuse", "Refusé"
    ABANDONNE = "abandonne", "Abandonné"


class GenreFil(models.TextChoices):
    """What a comment asks of those who write."""

    QUESTION = "question", "Question"
    CORRECTION = "correction", "Correction"
    AVIS = "avis_juridique", "Avis juridique"
    OBJECTION = "objection_bloquante", "Objection bloquante"


class StatutFil(models.TextChoices):
    """A thread waits for an answer, or has had it."""

    OUVERT = "ouvert", "Ouvert"
    RESOLU = "resolu", "Résolu"


class GesteFil(models.TextChoices):
    """What a turn does to its thread."""

    DIT = "dit", "Commentaire"
    RESOUT = "resout", "Résolution"
    ROUVRE = "rouvre", "Réouverture"


class FormatExport(models.TextChoices):
    """Formats of an exported pièce."""

    PDF = "pdf", "PDF accessible"
    DOCX = "docx", "Word (.docx)"
    ODT = "odt", "LibreOffice (.odt)"
    MD = "md", "Markdown"

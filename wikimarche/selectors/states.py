"""The articles of a pièce as they stood at a version, for comparison, restoration and export."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from procurement.audit.selectors import fields_at, object_at
from procurement.marches.selectors import marche_at
from wikimarche.domain.redaction import TEXT
from wikimarche.enums import StatutArticle
from wikimarche.models import Article, Piece, Version
from wikimarche.models.article import MERGED


@dataclass(frozen=True, slots=True)
class ArticleState:
    """One article at one version."""

    id: UUID
    parent: UUID | None
    rang: str
    titre: str
    corps: dict[str, Any]
    empreinte: str
    numero: int
    actif: bool
    numerote: bool
    motif_retrait: str
    provenance: dict[str, Any]

    @property
    def fusion(self) -> str:
        """Of a retired article, the one that took its text, in quotation marks; '' otherwise.

        A motive that somebody typed in these words is not a merge.
        """
        merged = not self.actif and "fusionne_dans" in self.provenance
        return self.motif_retrait.removeprefix(MERGED).strip() if merged else ""


def read_fields(pks: list[UUID], revision: int) -> dict[UUID, dict[str, Any]]:
    """Fields of the articles as of a revision, those that existed.

    A redacted article says so in place of its text, and stands where it last said it stood.
    """
    found = fields_at(Article, pks, revision)
    lost = [pk for pk, row in found.items() if not row]
    if lost:
        known = fields_at(Article, lost, revision, readable=True)
        for article in Article.objects.filter(pk__in=lost):
            row = known.get(article.pk) or {
                "parent": str(article.parent_id) if article.parent_id else None,
                "rang": article.rang,
                "numero": 0,
                "statut": article.statut,
                "numerote": article.numerote,
                "motif_retrait": article.motif_retrait,
            }
            found[article.pk] = {**row, **TEXT}
    return found


def piece_at(piece: Piece, version: Version) -> Piece:
    """The pièce to show one of its versions with: its title and the fiche it then cited, or « caviardé ».

    The newest version is read with the fiche of today, as the page where it is written. Not to be
    saved. Ten queries at most.
    """
    if not piece.versions.filter(numero__gt=version.numero).exists():
        return piece
    then, _ = object_at(piece, version.revision_id)
    then.marche = marche_at(piece.marche, version.revision_id)
    return then


def read_state(piece: Piece, version: Version) -> list[ArticleState]:
    """Articles born by this version. Two queries, whatever the number of versions."""
    pks = list(Article.objects.filter(piece=piece).values_list("pk", flat=True))
    fields = read_fields(pks, version.revision_id)
    return [
        ArticleState(
            id=pk,
            parent=UUID(row["parent"]) if row["parent"] else None,
            rang=row["rang"],
            titre=row["titre"],
            corps=row["corps"],
            empreinte=row["empreinte"],
            numero=row["numero"],
            actif=row["statut"] == StatutArticle.ACTIF,
            numerote=row["numerote"],
            motif_retrait=row["motif_retrait"],
            provenance=row.get("provenance") or {},
        )
        for pk, row in fields.items()
    ]

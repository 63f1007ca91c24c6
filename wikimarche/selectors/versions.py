"""Reads of the history of a pièce. Their cost does not grow with its length."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from wikimarche.enums import GenreVersion
from wikimarche.models import Piece, Version


PAGE = 40


@dataclass(frozen=True, slots=True)
class Seance:
    """A work session: the versions one author made of one article without a long pause.

    premiere, derniere: numbers of its first and last versions; equal for a named version.
    """

    premiere: int
    derniere: int
    enregistrements: int
    auteur: str
    initiales: str
    genre: GenreVersion
    nom: str
    resume: str
    article: UUID | None
    titre_article: str
    debut: datetime
    fin: datetime

    def __str__(self) -> str:
        return self.auteur

    @property
    def geste(self) -> str:
        """What was done, after the author's name: « retire « Fréquences » »."""
        if self.nom:
            return ""
        if self.resume:
            said = self.resume[:1].lower() + self.resume[1:]
            return said.replace("« ", "«\u202f").replace(" »", "\u202f»")
        return f"écrit dans «\u202f{self.titre_article}\u202f»" if self.titre_article else "écrit"

    @property
    def avant(self) -> int:
        """The version just before the session, to compare with."""
        return max(self.premiere - 1, 1)

    @property
    def is_marquee(self) -> bool:
        """Tell a version somebody made on purpose from an ordinary session."""
        return self.genre != GenreVersion.AUTO


def list_seances(
    piece: Piece, *, before: int | None = None, article: UUID | None = None, limit: int = PAGE
) -> list[Seance]:
    """Work sessions, newest first, starting before a session. One query, on an index."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH pages AS (
                SELECT seance FROM wikimarche_version
                 WHERE piece_id = %(p)s AND (%(before)s::int IS NULL OR seance < %(before)s::int)
                   AND (%(a)s::uuid IS NULL OR article_id = %(a)s::uuid)
                 GROUP BY seance ORDER BY seance DESC LIMIT %(limit)s
            )
            SELECT v.seance, max(v.numero), count(*), u.prenom, u.nom, max(v.genre), max(v.nom),
                   max(v.resume), (array_agg(v.article_id))[1], coalesce(max(a.titre), ''),
                   min(v.instant), max(v.instant)
              FROM wikimarche_version v
              JOIN pages USING (seance)
              JOIN accounts_user u ON u.id = v.auteur_id
              LEFT JOIN wikimarche_article a ON a.id = v.article_id
             WHERE v.piece_id = %(p)s
             GROUP BY v.seance, u.prenom, u.nom
             ORDER BY v.seance DESC
            """,
            {"p": piece.pk, "before": before, "a": article, "limit": limit},
        )
        return [
            Seance(
                premiere=premiere,
                derniere=derniere,
                enregistrements=count,
                auteur=f"{prenom} {nom}",
                initiales=f"{prenom[:1]}{nom[:1]}".upper(),
                genre=GenreVersion(genre),
                nom=label,
                resume=resume,
                article=article_id,
                titre_article=titre,
                debut=debut,
                fin=fin,
            )
            for premiere, derniere, count, prenom, nom, genre, label, resume, article_id, titre, debut, fin in cursor.fetchall()
        ]


def list_versions(piece: Piece, *, seance: int) -> list[Version]:
    """The fine grain of one session, newest first. One query."""
    return list(
        Version.objects.filter(piece=piece, seance=seance)
        .select_related("auteur", "article")
        .order_by("-numero")[:500]
    )


def last_version(piece: Piece) -> Version | None:
    """The newest version with its author, or None for a pièce just created. One query."""
    return Version.objects.filter(piece=piece).select_related("auteur").order_by("-numero").first()


def find_version(piece: Piece, numero: int) -> Version | None:
    """One version of this pièce, and of no other. One query."""
    return Version.objects.filter(piece=piece, numero=numero).select_related("auteur").first()


def version_marks(piece: Piece, *, limit: int = 60) -> list[Version]:
    """Versions to choose from in a comparison: the marked ones and the ends of the latest sessions.

    Newest first; two queries.
    """
    marked = list(
        Version.objects.filter(piece=piece)
        .exclude(genre=GenreVersion.AUTO)
        .select_related("auteur")
        .order_by("-numero")[:limit]
    )
    ends = [seance.derniere for seance in list_seances(piece, limit=limit)]
    recent = list(
        Version.objects.filter(piece=piece, numero__in=[*ends, 1]).select_related("auteur")
    )
    by_number = {version.numero: version for version in [*marked, *recent]}
    return [by_number[numero] for numero in sorted(by_number, reverse=True)][:limit]

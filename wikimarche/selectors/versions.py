"""Reads of the history of a pièce. Their cost does not grow with its length."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Max, When

from wikimarche.enums import UNMARKED, GenreVersion
from wikimarche.models import Piece, Version
from wikimarche.selectors.pieces import number_all


PAGE = 40


@dataclass(frozen=True, slots=True)
class Seance:
    """A work session: the versions one author made of one article without a long pause.

    premiere, derniere: numbers of its first and last versions; equal for a named version.
    autres: who else made versions of the pièce between the two, by name: what changed from one to
        the other is theirs too.
    numero_article: number of an article without title, as it is now.
    importation: the document that came in with it, None for what people wrote here.
    """

    premiere: int
    derniere: int
    enregistrements: int
    personne_id: UUID
    auteur: str
    initiales: str
    genre: GenreVersion
    nom: str
    resume: str
    article: UUID | None
    titre_article: str
    debut: datetime
    fin: datetime
    autres: tuple[str, ...] = ()
    numero_article: str = ""
    importation: UUID | None = None

    def __str__(self) -> str:
        return self.auteur

    @property
    def geste(self) -> str:
        """What was done, after the author's name: « retire « Fréquences » »."""
        if self.nom:
            return ""
        if self.resume:
            return self.resume[:1].lower() + self.resume[1:]
        if self.titre_article:
            return f"écrit dans «\u202f{self.titre_article}\u202f»"
        if self.article is None:
            return "écrit"
        return f"écrit dans {self.numero_article or 'un article'}, sans titre"

    @property
    def avant(self) -> int:
        """The version just before the session, to compare with."""
        return max(self.premiere - 1, 1)

    @property
    def avec(self) -> str:
        """Who wrote meanwhile, after « ce qui a changé »: « avec Yann Le Goff et 2 autres »."""
        if not self.autres:
            return ""
        more = len(self.autres) - 1
        others = f" et {more} autre{'s' if more > 1 else ''}" if more else ""
        return f"avec {self.autres[0]}{others}"

    @property
    def is_marquee(self) -> bool:
        """Tell a version somebody made on purpose from an ordinary session."""
        return self.genre not in UNMARKED


def list_seances(
    piece: Piece, *, before: int | None = None, article: UUID | None = None, limit: int = PAGE
) -> list[Seance]:
    """Work sessions, the last to be written in first, that ended before a version.

    article: those that made it or changed it, restorations and imports of the whole pièce included.

    One query, and one more where an article without title is named by its number.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SEANCES, {"p": piece.pk, "before": before, "a": article, "limit": limit})
        seances = [
            Seance(
                premiere=premiere,
                derniere=derniere,
                enregistrements=count,
                personne_id=personne,
                auteur=f"{prenom} {nom}",
                initiales=f"{prenom[:1]}{nom[:1]}".upper(),
                genre=GenreVersion(genre),
                nom=label,
                resume=resume,
                article=article_id,
                titre_article=titre,
                debut=debut,
                fin=fin,
                autres=tuple(autres),
                importation=importation,
            )
            for premiere, derniere, count, personne, prenom, nom, genre, label, resume, article_id, titre, debut, fin, autres, importation in cursor.fetchall()
        ]
    if all(seance.titre_article or seance.article is None for seance in seances):
        return seances
    numbers = number_all(piece.pk)
    return [
        replace(seance, numero_article=numbers.get(seance.article, "") if seance.article else "")
        for seance in seances
    ]


# Of an article: what bears on it alone, what changed it with the rest of the pièce (a restoration),
# and what made it (an import).
# A session stands where it ended: the last of its versions is found on the way down the numbers.
_SEANCES = """
WITH pages AS MATERIALIZED (
    SELECT v.seance, v.numero AS derniere FROM wikimarche_version v
     WHERE v.piece_id = %(p)s AND v.genre <> 'commentaire'
       AND (%(before)s::int IS NULL OR v.numero < %(before)s::int)
       AND (%(a)s::uuid IS NULL OR v.article_id = %(a)s::uuid OR v.numero IN (
           SELECT w.numero FROM wikimarche_commit c JOIN wikimarche_version w USING (revision_id)
            WHERE c.article_id = %(a)s::uuid
            UNION ALL
           SELECT min(w.numero) FROM reversion_version r JOIN wikimarche_version w USING (revision_id)
             JOIN django_content_type t ON t.id = r.content_type_id
            WHERE t.app_label = 'wikimarche' AND t.model = 'article'
              AND r.object_id = %(a)s::text))
       AND v.numero = (
           SELECT max(n.numero) FROM wikimarche_version n
            WHERE n.piece_id = v.piece_id AND n.seance = v.seance)
     ORDER BY v.numero DESC LIMIT %(limit)s
)
SELECT v.seance, max(v.numero), count(*), u.id, u.prenom, u.nom, max(v.genre), max(v.nom),
       max(v.resume), (array_agg(v.article_id))[1], coalesce(max(a.titre), ''),
       min(v.instant), max(v.instant),
       ARRAY(SELECT DISTINCT o.prenom || ' ' || o.nom
               FROM wikimarche_version w JOIN accounts_user o ON o.id = w.auteur_id
              WHERE w.piece_id = %(p)s AND w.numero > v.seance AND w.numero < max(v.numero)
                AND w.genre <> 'commentaire'
                AND w.auteur_id <> u.id ORDER BY 1),
       (SELECT i.id FROM wikimarche_importation i
         WHERE i.piece_id = %(p)s AND i.version = max(v.numero))
  FROM wikimarche_version v
  JOIN pages USING (seance)
  JOIN accounts_user u ON u.id = v.auteur_id
  LEFT JOIN wikimarche_article a ON a.id = v.article_id
 WHERE v.piece_id = %(p)s
 GROUP BY v.seance, u.id, u.prenom, u.nom
 ORDER BY max(v.numero) DESC
"""


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


def number_seen(piece: Piece, said: int | None) -> int:
    """The version a person decides from: the one her page says, else the newest. One query at most."""
    if said is not None:
        return said
    return Version.objects.filter(piece=piece).aggregate(last=Max("numero"))["last"] or 0


def find_version(piece: Piece, numero: int) -> Version | None:
    """One version of this pièce, and of no other. One query."""
    return Version.objects.filter(piece=piece, numero=numero).select_related("auteur").first()


def version_marks(piece: Piece, *, limit: int = 60) -> list[Version]:
    """Versions to choose from in a comparison, newest first, at most ``limit``. Three queries.

    The newest and the first, then those with a name, then those made on purpose, then the ends of
    the latest sessions: what somebody named is there however much was written since.
    """
    seen = Version.objects.filter(piece=piece)
    ends = [seance.derniere for seance in list_seances(piece, limit=limit)]
    nameless = Case(When(nom="", then=1), default=0)
    marked = seen.exclude(genre__in=UNMARKED).order_by(nameless, "-numero")
    numbers = [*ends[:1], 1, *marked.values_list("numero", flat=True)[:limit], *ends]
    kept = list(dict.fromkeys(numbers))[:limit]
    return list(seen.filter(numero__in=kept).select_related("auteur").order_by("-numero"))


COMMITS_WEIGHED = 3000
"""Versions, the latest ones, whose changes are weighed for the timeline."""
_LETTERS = 6
"""Signs in a word, space included."""

# What was put in and what was taken out, in signs; a mark of typography changes no word.
_WEIGHTS = """
SELECT width_bucket(w.numero - 1, %(marks)s::integer[]), sum(
           (SELECT coalesce(sum(length(t ->> 'text')), 0)
              FROM jsonb_path_query(c.pas, 'strict $.** ? (exists (@.text))') t)
         + (SELECT coalesce(sum((s ->> 'to')::integer - (s ->> 'from')::integer), 0)
              FROM jsonb_path_query(c.pas, '$[*] ? (@.stepType == "replace")') s))
  FROM wikimarche_version w
  JOIN wikimarche_commit c ON c.revision_id = w.revision_id
 WHERE w.piece_id = %(p)s AND w.numero > %(after)s AND w.numero <= %(last)s
 GROUP BY 1
"""


def words_changed_at(piece: Piece, marks: list[int]) -> dict[int, int]:
    """About how many words changed at each version of a timeline since the one before it. One query.

    marks: numbers, in order. Counted on the commits, so that typing then withdrawing counts too.
    """
    if len(marks) < 2:
        return {}
    asked: dict[str, Any] = {
        "p": piece.pk,
        "marks": marks,
        "after": max(marks[0], marks[-1] - COMMITS_WEIGHED),
        "last": marks[-1],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WEIGHTS, asked)
        return {
            marks[place]: -(-int(signs) // _LETTERS) for place, signs in cursor.fetchall() if signs
        }

"""Who touched each article between two versions, and who moved what changed place or number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from wikimarche.domain.comparison import Changement, Comparison, Genre
from wikimarche.models import Piece


@dataclass(frozen=True, slots=True)
class Touch:
    """Who touched an article between two versions, last, and in which version."""

    auteur: UUID
    nom: str
    initiales: str
    version: int
    instant: datetime

    def __str__(self) -> str:
        return self.nom

    @property
    def personne_id(self) -> UUID:
        """Whose colour it has."""
        return self.auteur


@dataclass(frozen=True, slots=True)
class Touches:
    """Touches of each article, latest first: all of them, and those that changed the order or the cutting."""

    by_article: dict[UUID, list[Touch]] = field(default_factory=dict)
    structural: dict[UUID, list[Touch]] = field(default_factory=dict)

    def of(self, change: Changement, comparison: Comparison) -> list[Touch]:
        """Touches of a change. What moved because others crossed it is theirs too, latest first."""
        own = self.by_article.get(change.article, [])
        moved = Genre.DEPLACEMENT in change.genres
        if own and not (moved and change.article not in self.structural):
            return own
        others = _crossed(change, comparison) if moved else _around(change, comparison)
        return _once([*own, *self._latest(others)])

    def of_renumbering(self, change: Changement, comparison: Comparison) -> list[Touch]:
        """Touches of those whose coming, leaving or moving gave an article its number, the last one."""
        return self._latest([change, *_around(change, comparison)])

    def _latest(self, changes: Iterable[Changement]) -> list[Touch]:
        found = [
            touch for change in changes for touch in self.structural.get(change.article, [])[:1]
        ]
        return sorted(found, key=lambda touch: -touch.version)[:1]


def _once(touches: list[Touch]) -> list[Touch]:
    """Each person once, by the latest touch."""
    latest = sorted(touches, key=lambda touch: -touch.version)
    return list({touch.auteur: touch for touch in reversed(latest)}.values())[::-1]


def _crossed(change: Changement, comparison: Comparison) -> list[Changement]:
    """Siblings that were on one side of an article and are on the other."""
    if change.avant is None or change.apres is None:
        return []
    return [
        other
        for other in comparison.articles.values()
        if other.avant
        and other.apres
        and other.article != change.article
        and other.avant.parent == change.avant.parent
        and other.apres.parent == change.apres.parent
        and (other.avant.rang < change.avant.rang) != (other.apres.rang < change.apres.rang)
    ]


def _around(change: Changement, comparison: Comparison) -> list[Changement]:
    """Articles that hold this one, and those of its level or of theirs."""
    holders: set[UUID | None] = {None}
    parents = [state.parent for state in (change.avant, change.apres) if state]
    while parents:
        parent = parents.pop()
        if parent is None or parent in holders:
            continue
        holders.add(parent)
        held = comparison.articles.get(parent)
        parents += [state.parent for state in (held.avant, held.apres) if state] if held else []
    return [
        other
        for other in comparison.articles.values()
        if other.article in holders
        or any(state and state.parent in holders for state in (other.avant, other.apres))
    ]


_TOUCHES = """
SELECT v.object_id, u.id, u.prenom, u.nom, max(w.numero), max(w.instant),
       max(w.numero) FILTER (WHERE w.structure), max(w.instant) FILTER (WHERE w.structure)
  FROM wikimarche_version w
  JOIN reversion_version v ON v.revision_id = w.revision_id
  JOIN django_content_type t ON t.id = v.content_type_id
   AND t.app_label = 'wikimarche' AND t.model = 'article'
  JOIN accounts_user u ON u.id = w.auteur_id
 WHERE w.piece_id = %s AND w.numero > %s AND w.numero <= %s AND w.genre <> 'commentaire'
 GROUP BY v.object_id, u.id, u.prenom, u.nom
"""


def touches_between(piece: Piece, de: int, a: int) -> Touches:
    """Read who touched each article after version ``de`` up to ``a``. One query.

    Nobody when ``de`` is the later one: what they did is told backwards, and is not what they did.
    """
    found = Touches()
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHES, [piece.pk, de, a])
        for article, auteur, prenom, nom, numero, instant, moved, moved_at in cursor.fetchall():
            who = (auteur, f"{prenom} {nom}", f"{prenom[:1]}{nom[:1]}".upper())
            key = UUID(article)
            found.by_article.setdefault(key, []).append(Touch(*who, numero, instant))
            if moved is not None:
                found.structural.setdefault(key, []).append(Touch(*who, moved, moved_at))
    for rows in (*found.by_article.values(), *found.structural.values()):
        rows.sort(key=lambda touch: -touch.version)
    return found

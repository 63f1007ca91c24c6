"""One way to write: every change of a pièce is a numbered version, its commits and its journal row.

``writing`` is the only place where versions are numbered. It holds the lock of the pièce for the
length of the transaction, so numbers are dense and revisions of one pièce are in order.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from procurement.access.services import AccessRefused
from procurement.accounts.models import User
from procurement.audit.services import Recording, recording
from wikimarche.domain.canonical import canonical_hash, plain_text, steps_hash
from wikimarche.enums import GenreVersion
from wikimarche.models import Article, Piece
from wikimarche.permissions import refuse_frozen


SESSION_GAP = timedelta(minutes=5)
"""Silence after which the same author on the same article starts a new work session."""


@dataclass(slots=True)
class Writing:
    """A version of a pièce being made."""

    piece: Piece
    rec: Recording
    by: User
    numero: int = 0
    empreinte: str = ""
    commits: list[dict[str, Any]] = field(default_factory=list)

    def save_article(
        self,
        article: Article,
        *,
        corps: dict[str, Any] | None = None,
        titre: str | None = None,
        pas: list[dict[str, Any]] | None = None,
        commit_id: UUID | None = None,
        precedent: UUID | None = None,
        base: int | None = None,
        ecartes: list[dict[str, Any]] | None = None,
    ) -> None:
        """Write a new text of an article, with the steps that lead there."""
        base = article.numero if base is None else base
        article.numero += 1
        if corps is not None:
            article.corps = corps
            article.texte = plain_text(corps)
        if titre is not None:
            article.titre = titre
        article.empreinte = canonical_hash(article.titre, article.corps)
        article.clean_fields(exclude=["piece", "parent", "corps"])
        article.save(update_fields=["corps", "texte", "titre", "empreinte", "numero"])
        self.commits.append(
            {
                "id": str(commit_id or uuid4()),
                "article": str(article.pk),
                "numero": article.numero,
                "precedent": str(precedent) if precedent else None,
                "base": base,
                "pas": pas or [],
                "ecartes": ecartes or [],
                "titre": titre,
            }
        )
        # The commit is kept beside the evidence; what it says stands in it (audit.registry.annex).
        said: dict[str, object] = {"empreinte_pas": steps_hash(pas or [])}
        if ecartes:
            said["empreinte_ecartes"] = steps_hash(ecartes)
        if titre is not None:
            said["titre_donne"] = titre
        self.rec.touch(article, enregistrement=article.numero, **said)

    def add_articles(self, articles: list[Article]) -> None:
        """Insert new articles in one go, each with its version."""
        for article in articles:
            article.texte = plain_text(article.corps)
            article.empreinte = canonical_hash(article.titre, article.corps)
            article.clean_fields(exclude=["piece", "parent", "corps"])
        Article.objects.bulk_create(articles)
        self.rec.add_version(*articles)


@contextmanager
def writing(
    *,
    by: User,
    piece: Piece,
    tag: str,
    genre: GenreVersion = GenreVersion.AUTO,
    nom: str = "",
    resume: str = "",
    article: Article | None = None,
    structure: bool = False,
    details: Mapping[str, Any] | None = None,
    frozen_too: bool = False,
    held: bool = False,
) -> Iterator[Writing]:
    """Make one version of a pièce: lock, let the caller change articles, number, journal.

    article: the one article touched, when there is only one.
    structure: the tree itself changes (order, nesting, articles in or out).
    frozen_too: allowed on a frozen pièce (naming a version changes no text).
    held: this very object came from lock_piece in the caller's transaction.
    Raises AccessRefused (409) on a frozen pièce.
    """
    # Without savepoint: an error inside undoes the caller's whole act.
    with transaction.atomic(savepoint=False):
        locked = piece if held else lock_piece(piece)
        if not frozen_too and (reason := refuse_frozen(locked)):
            raise AccessRefused(reason, status=409)
        operation = uuid4()
        with recording(
            by=by,
            tag=tag,
            obj=article or locked,
            details=details or {},
            operation=operation,
        ) as rec:
            version = Writing(piece=locked, rec=rec, by=by)
            yield version
            last, seance, version.empreinte = _situate(
                locked,
                by=by,
                article=article if genre == GenreVersion.AUTO and not structure else None,
            )
            version.numero = last + 1
            row = {
                "piece": locked.pk,
                "numero": version.numero,
                "genre": str(genre),
                "nom": nom,
                "resume": resume[:300],
                "article": article.pk if article else None,
                "structure": structure,
                "seance": seance or version.numero,
                "empreinte": version.empreinte,
                "auteur": by.pk,
                "operation": operation,
            }
            rec.then(partial(_insert_rows, row, version.commits))
            rec.touch(
                article or locked,
                version_faite=version.numero,
                genre=str(genre),
                empreinte_piece=version.empreinte,
                seance=row["seance"],
                **{name: row[name] for name in ("nom", "resume", "structure") if row[name]},
            )


_VERSION = """
INSERT INTO wikimarche_version (revision_id, piece_id, numero, genre, nom, resume, article_id,
    structure, seance, empreinte, auteur_id, operation)
VALUES (%(revision)s, %(piece)s, %(numero)s, %(genre)s, %(nom)s, %(resume)s, %(article)s,
    %(structure)s, %(seance)s, %(empreinte)s, %(auteur)s, %(operation)s)"""
_COMMITS = """;
INSERT INTO wikimarche_commit
    (id, revision_id, article_id, numero, precedent, base, pas, ecartes, titre, auteur_id)
SELECT id, %(revision)s, article, numero, precedent, base, pas, ecartes, titre, %(auteur)s
  FROM jsonb_to_recordset(%(commits)s::jsonb) AS c(id uuid, article uuid, numero integer,
       precedent uuid, base integer, pas jsonb, ecartes jsonb, titre text)"""


def _insert_rows(row: dict[str, Any], commits: list[dict[str, Any]], revision: int) -> None:
    """Insert a version and its commits, in one round trip."""
    values = {**row, "revision": revision, "commits": json.dumps(commits)}
    with connection.cursor() as cursor:
        cursor.execute(_VERSION + _COMMITS if commits else _VERSION, values)


def lock_piece(piece: Piece) -> Piece:
    """Lock the row of the pièce until the end of the transaction."""
    locked = Piece.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)
    locked.marche = piece.marche
    return locked


@transaction.atomic
def name_version(*, by: User, piece: Piece, nom: str) -> int:
    """Give a name to the text as it stands. Returns the number of the version made."""
    nom = " ".join(nom.split())[:120]
    if not nom:
        raise AccessRefused("Donnez un nom à cette version.", status=400)
    with writing(
        by=by,
        piece=piece,
        tag="wikimarche:version:named",
        genre=GenreVersion.NOMMEE,
        nom=nom,
        details={"nom": nom},
        frozen_too=True,
    ) as version:
        version.rec.add_version(version.piece)
    return version.numero


def _situate(piece: Piece, *, by: User, article: Article | None) -> tuple[int, int | None, str]:
    """Read, in one query, the last number, the session to join (or None) and the hash of the pièce."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT dernier, seance, empreinte FROM wikimarche_situer(%s, %s, %s, %s::interval)",
            [piece.pk, article.pk if article else None, by.pk, str(SESSION_GAP)],
        )
        last, seance, empreinte = cursor.fetchone()
    return last, seance, empreinte

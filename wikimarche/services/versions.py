"""One way to write: every change of a pièce is a numbered version, its commits and its journal row.

``writing`` is the only place where versions are numbered. It holds the lock of the pièce for the
length of the transaction, so numbers are dense and revisions of one pièce are in order.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from procurement.access.enums import Role
from procurement.access.services import AccessRefused, Conflict, require
from procurement.accounts.models import User
from procurement.audit.querysets import Prepared, columns_of, instance_of
from procurement.audit.services import Recording, recording
from procurement.marches.permissions import roles_said
from procurement.marches.services import hold_marche
from procurement.ui.typographie import read_ligne
from wikimarche.domain.canonical import (
    canonical_hash,
    hash_lines,
    piece_line,
    steps_hash,
)
from wikimarche.domain.schema import SchemaRefused
from wikimarche.enums import GenreVersion
from wikimarche.models import Article, Importation, Piece, Version
from wikimarche.permissions import Action, roles_on_piece
from wikimarche.selectors import last_version, number_of


SESSION_GAP = timedelta(minutes=5)
"""Silence after which the same author on the same article starts a new work session."""
_TEXT = ("corps", "titre", "empreinte", "numero")
"""Fields of an article that its text decides."""


@dataclass(frozen=True, slots=True)
class Known:
    """The articles of a pièce as this process last saw them, in the order of their identifiers.

    empreinte is the hash of these lines, always; numero only says where to look for news.
    """

    numero: int
    empreinte: str
    lines: dict[UUID, str]


_KNOWN: OrderedDict[UUID, Known] = OrderedDict()
"""By pièce, the last written last; believed only when its hash is that of the last version."""
_MANY = 64


@dataclass(slots=True)
class Held:
    """An article under the lock of its pièce, read after it, and where its next version stands.

    already: the commit asked about is there. follows: the one before it is none, or one of this
    article. last: number of the last version. seance: session to join. empreinte: hash of the pièce
    in the last version; None when there is none. changed: lines of the articles that other processes
    changed since what this one knows. roles: of the author, read under the lock too. instant: by the
    clock of the database.
    """

    article: Article
    already: bool
    follows: bool
    last: int
    seance: int | None
    empreinte: str | None
    changed: list[str] | None
    roles: frozenset[Role]
    instant: datetime

    def hash_piece(self) -> str:
        """Hash the whole pièce with this article as it stands now."""
        lines = {**self._lines(), self.article.pk: article_line(self.article)}
        empreinte = hash_lines(lines.values())
        # Threads share it: one operation at a time, none of which minds the others.
        _KNOWN.pop(self.article.piece_id, None)
        _KNOWN[self.article.piece_id] = Known(self.last + 1, empreinte, lines)
        if len(_KNOWN) > _MANY:
            _KNOWN.popitem(last=False)
        return empreinte

    def _lines(self) -> dict[UUID, str]:
        """Lines of the last version: known, or known but for what changed, or read."""
        known = _KNOWN.get(self.article.piece_id)
        if known and known.empreinte == self.empreinte:
            return known.lines
        if known and self.changed:
            news = {UUID(line[:36]): line for line in self.changed}
            lines = dict(sorted((known.lines | news).items()))
            if hash_lines(lines.values()) == self.empreinte:
                return lines
        articles = Article.objects.filter(piece=self.article.piece_id).order_by("pk")
        return {article.pk: article_line(article) for article in articles.defer("corps")}


def article_line(article: Article) -> str:
    """Say an article in the hash of its pièce (``piece_line``)."""
    return piece_line(
        article.pk,
        article.parent_id,
        article.rang,
        article.statut,
        article.numerote,
        article.empreinte,
    )


@dataclass(slots=True)
class Writing:
    """A version of a pièce being made."""

    piece: Piece
    rec: Recording
    by: User
    held: Held | None = None
    numero: int = 0
    empreinte: str = ""
    commits: list[dict[str, Any]] = field(default_factory=list)
    articles: list[dict[str, Any]] = field(default_factory=list)
    """New states that are written with the version, not before it."""

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
        if titre is not None:
            article.titre = titre
        article.empreinte = canonical_hash(article.titre, article.corps)
        article.clean_fields(exclude=["piece", "parent", "corps"])
        if self.held:
            self.rec.add_version(article)
            self.articles.append({name: getattr(article, name) for name in ("id", *_TEXT)})
        else:
            article.save(update_fields=_TEXT)
        commit = {
            "id": str(commit_id or uuid4()),
            "article": str(article.pk),
            "numero": article.numero,
            "precedent": str(precedent) if precedent else None,
            "base": base,
            "pas": pas or [],
            "ecartes": ecartes or [],
            "titre": titre,
        }
        self.commits.append(commit)
        self.rec.touch(article, **_announce(commit))

    def add_articles(self, articles: list[Article]) -> None:
        """Insert new articles in one go, each with its version."""
        for article in articles:
            article.empreinte = canonical_hash(article.titre, article.corps)
            article.clean_fields(exclude=["piece", "parent", "corps"])
        Article.objects.bulk_create(articles)
        self.rec.add_version(*articles)


def _announce(commit: dict[str, Any]) -> dict[str, object]:
    """Say a commit in the details of its entry: it is kept beside the evidence (audit.registry.annex)."""
    said: dict[str, object] = {
        "enregistrement": commit["numero"],
        "empreinte_pas": steps_hash(commit["pas"]),
    }
    if commit["ecartes"]:
        said["empreinte_ecartes"] = steps_hash(commit["ecartes"])
    if commit["titre"] is not None:
        said["titre_donne"] = commit["titre"]
    return said


def keep_without_version(
    *,
    by: User,
    action: Action,
    held: Held,
    commit_id: UUID,
    precedent: UUID | None,
    base: int,
    pas: list[dict[str, Any]],
    ecartes: list[dict[str, Any]],
) -> None:
    """Keep a commit that leaves the article as it is: no version, no number.

    held: as hold_article gave it in the caller's transaction. pas: the steps as placed, which together
    change nothing. ecartes: {place, pas} of each step that found no place. Both are in evidence.
    Raises AccessRefused as ``writing`` does.
    """
    article = held.article
    require(by, action, article, held=held.roles)
    commit = {
        "id": str(commit_id),
        "article": str(article.pk),
        "numero": None,
        "precedent": str(precedent) if precedent else None,
        "base": base,
        "pas": pas,
        "ecartes": ecartes,
        "titre": None,
    }
    with recording(
        by=by,
        tag=f"wikimarche:article:{'set_aside' if ecartes else 'unchanged'}",
        obj=article,
        details={"article": article.titre},
        operation=uuid4(),
    ) as rec:
        rec.touch(article, **_announce(commit))
        if not article.titre:
            rec.touch(article, place=number_of(article))
        rec.then("public.wikimarche_ecarter", str(by.pk), json.dumps(commit))


@contextmanager
def writing(
    *,
    by: User,
    piece: Piece,
    action: Action,
    on: Article | None,
    tag: str,
    genre: GenreVersion = GenreVersion.AUTO,
    nom: str = "",
    resume: str = "",
    article: Article | None = None,
    structure: bool = False,
    details: Mapping[str, Any] | None = None,
    held: Held | None = None,
) -> Iterator[Writing]:
    """Make one version of a pièce: lock, decide again, let the caller change articles, journal.

    action: what the person does, to the pièce or to the article (on) that the gate let her have.
    article: the one article touched, when there is only one.
    structure: the tree itself changes (order, nesting, articles in or out).
    held: the one article touched, as hold_article gave it in the caller's transaction; its text
        alone may change.
    Raises AccessRefused when the action is not the person's, or when the state of the pièce or of
    its marché forbids it, as the lock shows them; Conflict when the text written is none.
    """
    # Without savepoint: an error inside undoes the caller's whole act.
    with transaction.atomic(savepoint=False):
        if held:
            locked = held.article.piece
            require(by, action, locked if on is None else on, held=held.roles)
        else:
            locked = hold_piece(piece, by=by, action=action, on=on)
        operation = uuid4()
        with recording(
            by=by,
            tag=tag,
            obj=article or locked,
            details=details or {},
            operation=operation,
        ) as rec:
            version = Writing(piece=locked, rec=rec, by=by, held=held)
            try:
                yield version
            except SchemaRefused as error:
                # Two texts that stand alone may be too long as one, or once restored.
                raise Conflict(str(error)) from error
            if article is not None and not article.titre:
                # Without a title, its number then is what tells it from another.
                rec.touch(article, place=number_of(article))
            if held:
                last, seance, version.empreinte = held.last, held.seance, held.hash_piece()
            else:
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
                # An anchor joins nobody's typing.
                "seance": (seance if genre == GenreVersion.AUTO else None) or version.numero,
                "empreinte": version.empreinte,
                "auteur": by.pk,
                "operation": operation,
            }
            rows = (row, version.commits, version.articles)
            rec.then(
                "public.wikimarche_consigner", *(json.dumps(part, default=str) for part in rows)
            )
            rec.touch(
                article or locked,
                version_faite=version.numero,
                genre=str(genre),
                empreinte_piece=version.empreinte,
                seance=row["seance"],
                **{name: row[name] for name in ("nom", "resume", "structure") if row[name]},
            )


_HOLD = Prepared(
    f"""
SELECT {columns_of(Article, "(article)")},
       etat, etape, partage, deja, suite, dernier, seance, empreinte AS de_la_piece, autres,
       fonction, roles, clock_timestamp()
  FROM public.wikimarche_tenir(%s, %s, %s, %s, %s, %s::interval, %s)"""  # noqa: S608 - columns of ours
)
_SAID = 12
"""Columns after those of the article."""


def hold_article(
    article: Article, *, by: User, commit_id: UUID, precedent: UUID | None = None
) -> Held:
    """Lock the pièce of an article, then read all that a commit needs to know. One query."""
    piece = article.piece
    known = _KNOWN.get(piece.pk)
    since = known.numero if known else None
    asked = [piece.pk, article.pk, by.pk, commit_id, precedent, str(SESSION_GAP), since]
    (row,) = _HOLD.rows(asked)
    fresh = instance_of(Article, row[:-_SAID])
    piece.statut, piece.marche.statut, piece.marche.partage_juridique, *said = row[-_SAID:]
    already, follows, last, seance, empreinte, changed, fonction, held, instant = said
    fresh.piece = piece
    roles = roles_said(piece.marche, fonction, held)
    return Held(fresh, already, follows, last, seance, empreinte, changed, roles, instant)


def lock_piece(piece: Piece) -> Piece:
    """Lock the row of the pièce until the end of the transaction; its marché is held with it.

    To read before ``writing`` or ``hold_piece`` decide: a lock alone gives no right.
    """
    locked = Piece.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)
    locked.marche = hold_marche(locked.marche_id)
    return locked


def hold_piece(
    piece: Piece, *, by: User, action: Action, on: Article | Importation | None = None
) -> Piece:
    """Lock the pièce, then decide again whether the person may do the action, to it or to ``on``.

    What the gate decided before the lock was waited for does not count: roles, state of the pièce
    and step of the marché are those that the lock shows, and stand until the end of the
    transaction. Raises AccessRefused.
    """
    locked = lock_piece(piece)
    if on is not None:
        on.piece = locked
    roles = roles_on_piece(by, locked)
    require(by, action, locked if on is None else on, held=roles)
    return locked


@transaction.atomic
def name_version(*, by: User, piece: Piece, nom: str) -> int:
    """Give a name to the text as it stands. Returns the number of the version made.

    Raises AccessRefused when there is no name or too long a one, Conflict when the last version is that text under that name.
    """
    nom, most = read_ligne(nom), Version._meta.get_field("nom").max_length or 0
    if not nom:
        raise AccessRefused("Donnez un nom à cette version.", status=400)
    if len(nom) > most:
        raise AccessRefused(f"Un nom de version a {most} signes au plus.", status=400)
    piece = hold_piece(piece, by=by, action=Action.PIECE_NAME_VERSION)
    last = last_version(piece)
    if last and (last.genre, last.nom) == (GenreVersion.NOMMEE, nom):
        raise Conflict(f"La version {last.numero} porte déjà ce nom, sur ce même texte.")
    with writing(
        by=by,
        piece=piece,
        action=Action.PIECE_NAME_VERSION,
        on=None,
        tag="wikimarche:version:named",
        genre=GenreVersion.NOMMEE,
        nom=nom,
        details={"nom": nom},
    ) as version:
        version.rec.add_version(version.piece)
    return version.numero


def _situate(piece: Piece, *, by: User, article: Article | None) -> tuple[int, int | None, str]:
    """Read, in one query, the last number, the session to join (or None) and the hash of the pièce."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT dernier, seance, wikimarche_empreinte_piece(%s)"
            " FROM wikimarche_situer(%s, %s, %s, %s::interval)",
            [piece.pk, piece.pk, article.pk if article else None, by.pk, str(SESSION_GAP)],
        )
        last, seance, empreinte = cursor.fetchone()
    return last, seance, empreinte

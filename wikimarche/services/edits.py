"""The step authority: what a browser typed, placed on what others typed, committed, then answered.

Source of the method: ProseMirror collaborative editing (steps against a version), with the rebase
done on the server so that nobody is starved, and a right checked for each step.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from procurement.access.services import AccessRefused, can
from procurement.accounts.models import User
from procurement.audit.selectors import fields_at
from procurement.marches.domain.variables import BY_PATH
from procurement.marches.selectors import name_variables
from procurement.ui.typographie import join_spaces, read_ligne
from wikimarche.domain.anchors import fils_of_steps
from wikimarche.domain.authority import (
    FOR_WRITERS,
    StepForbidden,
    check_rights_of_steps,
    commit_steps,
)
from wikimarche.domain.rebase import carry_steps
from wikimarche.domain.schema import SchemaRefused, clean_text, quote
from wikimarche.models import Article, Commit, Fil, Image, Version
from wikimarche.permissions import Action, refuse_closed, refuse_retired
from wikimarche.selectors import cited_before, present_articles
from wikimarche.services.versions import Held, hold_article, keep_without_version, writing


MAX_STEPS = 2000
TITRE_LIMIT = 300
MAX_BEHIND = 500
"""Commits a browser may be behind and still be answered with steps; past that it reloads."""


class EditRefused(AccessRefused):
    """A commit that changes nothing. ``code`` tells the browser what to do with the text."""

    def __init__(self, reason: str, *, status: int, code: str) -> None:
        super().__init__(reason, status, code)


@dataclass(frozen=True, slots=True)
class CommitAnswer:
    """What the browser needs to confirm its text.

    Where no step found a place, or nothing changes, no version was made: numero and version are
    those that stood.
    numero: version of the article; version: of the pièce.
    missing: commits of others after the base and before this one.
    steps: the browser's steps as they were applied, after rebase.
    dropped: places, in what the browser sent, of the steps that could not be placed any more.
    """

    numero: int
    version: int
    instant: datetime
    missing: list[Commit]
    steps: list[dict[str, Any]]
    dropped: list[int]
    titre: str
    empreinte: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What a commit does to the text as it stands.

    corps: the new body, and titre: the new title; None for what does not change.
    missing, placed, dropped: as CommitAnswer says them, placed being its steps.
    """

    missing: list[Commit]
    corps: dict[str, Any] | None = None
    titre: str | None = None
    placed: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        """Whether the article stays as it is, word for word."""
        return self.corps is None and self.titre is None


@transaction.atomic
def commit_edit(
    *,
    by: User,
    article: Article,
    commit_id: UUID,
    precedent: UUID | None,
    base: int,
    steps: list[dict[str, Any]],
    titre: str | None = None,
) -> CommitAnswer:
    """Apply a commit once, whatever happened since its base.

    A commit already received is recognised by its identifier and answered again, even one that
    changed nothing: placed on a text that others changed since, it would change something.
    Raises EditRefused: 400 for steps that do not fit the schema, 403 for a step beyond the
    person's right, 409 for a base from the future or from another article, a retired article,
    a frozen pièce, a title changed meanwhile.
    """
    # Articles are written under the lock of their pièce: read after it, this one stands still.
    held = hold_article(article, by=by, commit_id=commit_id, precedent=precedent)
    article = held.article
    if held.already:
        return _answer_again(Commit.objects.get(pk=commit_id), by=by, held=held)
    if not held.follows:
        raise EditRefused(
            "Votre page part d’un enregistrement qui n’est pas de cet article. Rechargez-la.",
            status=409,
            code="precedent",
        )
    edit = _judge(by, held, commit_id=commit_id, base=base, steps=steps, titre=titre)
    ecartes = [{"place": place, "pas": steps[place]} for place in edit.dropped]
    if edit.changes_nothing:
        keep_without_version(
            by=by,
            action=Action.ARTICLE_COMMIT,
            held=held,
            commit_id=commit_id,
            precedent=precedent,
            base=base,
            pas=edit.placed,
            ecartes=ecartes,
        )
        return _answer(held, edit)
    with writing(
        by=by,
        piece=article.piece,
        action=Action.ARTICLE_COMMIT,
        on=article,
        tag="wikimarche:article:edited",
        article=article,
        details={"article": article.titre, "pas": len(edit.placed)},
        held=held,
    ) as version:
        version.save_article(
            article,
            corps=edit.corps,
            titre=edit.titre,
            pas=edit.placed,
            commit_id=commit_id,
            precedent=precedent,
            base=base,
            ecartes=ecartes,
        )
    return _answer(held, edit, version=version.numero)


def commit_after(
    *,
    by: User,
    article: Article,
    before: dict[str, Any],
    commit_id: UUID,
    steps: list[dict[str, Any]],
    titre: str | None = None,
    **_same: Any,
) -> CommitAnswer:
    """Apply a commit typed on top of another whose answer its browser has not seen yet.

    before: that other one, whole, as commit_edit takes it: applied first when it is not there yet,
    so that both stand once and in order whichever request arrives first. Each has its transaction.
    A step whose range is gone is left out: its page offers it back when it sends both again.
    Raises EditRefused as commit_edit does.
    """
    first = commit_edit(by=by, article=article, **before)
    try:
        placed, _gone = carry_steps(
            steps,
            sent=before["steps"],
            over=[step for commit in first.missing for step in commit.pas],
            placed=first.steps,
            dropped=first.dropped,
        )
    except SchemaRefused as error:
        raise EditRefused(str(error), status=400, code="invalide") from error
    return commit_edit(
        by=by,
        article=article,
        commit_id=commit_id,
        precedent=before["commit_id"],
        base=first.numero,
        steps=placed,
        titre=titre,
    )


def commits_since(article: Article, base: int) -> list[Commit]:
    """Commits after a version of the article, oldest first, with their authors. One query."""
    return list(
        Commit.objects.filter(article=article, numero__gt=base)
        .select_related("auteur", "revision__version_de_piece")
        .order_by("numero")
    )


def clean_titre(titre: str, nom: str = "Ce titre") -> str:
    """One line, without control characters, half surrogates nor signs that reorder what is read.

    What shows nothing counts as nothing.
    Raises EditRefused (400) past TITRE_LIMIT: nothing of a title is cut in silence.
    """
    titre = read_ligne(clean_text(join_spaces(titre)))
    if len(titre) > TITRE_LIMIT:
        raise EditRefused(
            f"{nom} compte {len(titre)} signes\u202f; il en faut {TITRE_LIMIT} au plus. "
            "Il n’est pas enregistré\u202f: raccourcissez-le.",
            status=400,
            code="titre_long",
        )
    return titre


def _judge(
    by: User,
    held: Held,
    *,
    commit_id: UUID,
    base: int,
    steps: list[dict[str, Any]],
    titre: str | None,
) -> Edit:
    """Judge what a browser sent, and put it on top of what others did since its base.

    Raises EditRefused as commit_edit does.
    """
    article = held.article
    _check(article, base=base, steps=steps, titre=titre)
    missing = commits_since(article, base) if base < article.numero else []
    check_redacted(missing)
    _check_rights(by, held, steps=steps, titre=titre)
    if titre is not None:
        titre = clean_titre(titre)
        _check_titre(missing, titre)
    _check_fils(by, held, steps)
    _check_images(article, steps)
    _check_variables(article, steps)
    _check_renvois(article, steps)
    corps, placed, dropped = place_steps(article, commit_id, steps, missing)
    return Edit(
        missing,
        corps=None if corps == article.corps else corps,
        titre=None if titre == article.titre else titre,
        placed=placed,
        dropped=dropped,
    )


def _check(article: Article, *, base: int, steps: list[Any], titre: str | None) -> None:
    if reason := refuse_retired(article):
        raise EditRefused(reason, status=409, code="retire")
    if reason := refuse_closed(article.piece):
        raise EditRefused(reason, status=409, code="fige")
    check_base(article, base)
    if not steps and titre is None:
        raise EditRefused("Cet enregistrement ne change rien.", status=400, code="vide")
    if len(steps) > MAX_STEPS:
        raise EditRefused("Cet enregistrement est trop long.", status=400, code="invalide")


def check_base(article: Article, base: int) -> int:
    """Give back the version of the article that a page starts from, when the server can answer it.

    Raises EditRefused (409) for a version to come, or one too many commits ago.
    """
    if base > article.numero or base < 0:
        raise EditRefused(
            "Votre page part d’une version qui n’existe pas. Rechargez-la.",
            status=409,
            code="base_future",
        )
    if article.numero - base > MAX_BEHIND:
        raise EditRefused(
            "L’article a beaucoup changé depuis l’ouverture de votre page. Rechargez-la.",
            status=409,
            code="trop_ancien",
        )
    return base


def check_redacted(commits: list[Commit]) -> None:
    """Refuse to place steps over a redacted commit: nothing can be. Raises EditRefused (409)."""
    if any(commit.caviarde for commit in commits):
        raise EditRefused(
            "Un passage de cet article a été caviardé depuis l’ouverture de votre page. Rechargez-la.",
            status=409,
            code="trop_ancien",
        )


def _check_rights(by: User, held: Held, *, steps: list[dict[str, Any]], titre: str | None) -> None:
    may_edit = can(by, Action.ARTICLE_EDIT, held.article, held=held.roles)
    if titre is not None and not may_edit:
        raise EditRefused(FOR_WRITERS, status=403, code="droit")
    may_comment = may_edit or can(by, Action.ARTICLE_COMMIT, held.article, held=held.roles)
    try:
        check_rights_of_steps(steps, may_edit=may_edit, may_comment=may_comment)
    except SchemaRefused as error:
        raise EditRefused(str(error), status=400, code="invalide") from error
    except StepForbidden as error:
        raise EditRefused(str(error), status=403, code="droit") from error


def place_steps(
    article: Article, commit_id: UUID, steps: list[dict[str, Any]], missing: list[Commit]
) -> tuple[dict[str, Any] | None, list[Any], list[int]]:
    """Put the steps on top of what others did: new body, steps as placed, places of those that fell.

    missing: the commits after the base the steps were made on. Raises EditRefused (400) for a step
    that was wrong from the beginning.
    """
    if not steps:
        return None, [], []
    over = [step for commit in missing for step in commit.pas]
    try:
        done = commit_steps(article.corps, steps, over, seed=str(commit_id))
        if done.dropped:
            _check_alone(article, steps, missing[0])
    except SchemaRefused as error:
        raise EditRefused(str(error), status=400, code="invalide") from error
    return done.doc, done.steps, list(done.dropped)


def _check_alone(article: Article, steps: list[dict[str, Any]], first: Commit) -> None:
    """Judge steps on the text they say they were typed on, where others left no place for some.

    A step is set aside because its place is gone, never because it was wrong from the beginning:
    that one is refused as it would be on a fresh base. first: the first commit after the base.
    Raises SchemaRefused. Its query is asked only when something was dropped.
    """
    before = fields_at(Article, [article.pk], first.revision_id - 1)[article.pk]
    # A redacted text says nothing any more of what was typed on it.
    if before:
        commit_steps(before["corps"], steps, seed=str(first.pk))


def _check_variables(article: Article, steps: list[Any]) -> None:
    """Refuse a variable that the fiche does not have: its path would be printed as it stands.

    One query, and only for what not every fiche has: its lots.
    """
    for node in _nodes_in(steps, "variable"):
        chemin = node.get("chemin")
        if chemin not in BY_PATH and chemin not in name_variables(article.piece.marche):
            raise EditRefused(
                f"La fiche n’a pas de donnée {quote(node.get('chemin'))}.",
                status=400,
                code="invalide",
            )


def _check_renvois(article: Article, steps: list[Any]) -> None:
    """Refuse a renvoi to what is no article of the text, unless this article had it already.

    One whose target was retired since stays, moves with its sentence and comes back with an undo.
    One query, and only when a step brings a renvoi; another for one that is broken.
    """
    wanted = {str(node.get("article")) for node in _nodes_in(steps, "renvoi")}
    if not wanted:
        return
    lost = wanted - present_articles(article.piece_id)
    lost -= {str(node.get("article")) for node in _nodes_in(article.corps, "renvoi")}
    if lost and lost - cited_before(article, lost):
        raise EditRefused(
            "Ce renvoi vise un article qui n’est pas dans le texte de la pièce\u202f: choisissez-en un autre.",
            status=400,
            code="invalide",
        )


def _check_images(article: Article, steps: list[Any]) -> None:
    """Refuse an image that is none of the pièce. One query, and only when a step brings an image."""
    wanted = set(_images_in(steps))
    if not wanted:
        return
    held = Image.objects.filter(piece=article.piece_id, pk__in=wanted).count()
    if held != len(wanted):
        raise EditRefused(
            "Cette image n’est pas dans la pièce\u202f: ajoutez-la ici, puis enregistrez.",
            status=400,
            code="invalide",
        )


def _images_in(value: Any) -> Iterator[UUID | None]:
    """Identifiers of the images that steps bring, None for what is no identifier."""
    for attrs in _nodes_in(value, "image"):
        try:
            yield UUID(str(attrs.get("fichier")))
        except ValueError:
            yield None


def _nodes_in(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Attributes of the nodes of a kind that steps bring."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting.extend(current)
        elif isinstance(current, dict):
            if current.get("type") == kind and isinstance(current.get("attrs"), dict):
                yield current["attrs"]
            waiting.extend(current.values())


def _check_fils(by: User, held: Held, steps: list[Any]) -> None:
    """Refuse the anchor of a thread of another pièce; to who does not write, that of anybody else's.

    An anchor that the article already has moves with its words. One query, and only when a step
    brings or takes away an anchor.
    """
    moved = fils_of_steps(steps)
    if not moved:
        return
    article = held.article
    asked = Fil.objects.filter(piece=article.piece_id, pk__in=moved)
    known = {
        str(fil): (author, citation)
        for fil, author, citation in asked.values_list("pk", "auteur", "citation")
    }
    if moved - known.keys() - fils_of_steps(article.corps):
        raise EditRefused("Ce commentaire n’est pas de cette pièce.", status=400, code="invalide")
    if can(by, Action.ARTICLE_EDIT, article, held=held.roles):
        return
    for author, citation in known.values():
        if author != by.pk:
            reason = "Ce commentaire est celui d’une autre personne."
        elif citation:
            reason = "Ce commentaire tient à ses mots\u202f: il ne change pas de place."
        else:
            continue
        raise EditRefused(reason, status=403, code="droit")


def _check_titre(missing: list[Commit], titre: str) -> None:
    for commit in reversed(missing):
        if commit.titre is not None and commit.titre != titre:
            raise EditRefused(
                f"{commit.auteur} vient de changer le titre\u202f: «\u202f{commit.titre}\u202f».",
                status=409,
                code="titre",
            )


def _answer(held: Held, edit: Edit, *, version: int | None = None) -> CommitAnswer:
    """Answer with the article as it stands now. version: the one just written, where one was."""
    article = held.article
    return CommitAnswer(
        numero=article.numero,
        version=held.last if version is None else version,
        instant=held.instant,
        missing=edit.missing,
        steps=edit.placed,
        dropped=edit.dropped,
        titre=article.titre,
        empreinte=article.empreinte,
    )


def _answer_again(commit: Commit, *, by: User, held: Held) -> CommitAnswer:
    article = held.article
    if commit.article_id != article.pk or commit.auteur_id != by.pk:
        raise EditRefused("Cet identifiant a déjà servi.", status=409, code="identifiant")
    before = commit.revision_id
    missing = [other for other in commits_since(article, commit.base) if other.revision_id < before]
    check_redacted([*missing, commit])
    version = Version.objects.filter(piece=article.piece_id, revision__lte=before).latest("numero")
    return CommitAnswer(
        numero=commit.base + len(missing) if commit.numero is None else commit.numero,
        version=version.numero,
        instant=version.instant,
        missing=missing,
        steps=commit.pas,
        dropped=[row["place"] for row in commit.ecartes],
        titre=article.titre,
        empreinte=article.empreinte,
    )

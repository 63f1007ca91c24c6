"""Structure of a pièce: adding, moving, nesting, splitting, merging and retiring articles.

Each operation is one version of the pièce, and reads the tree under the lock: it is refused, with
its reason, when what it relies on has changed meanwhile.
"""

from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.selectors import fields_at
from procurement.ui.typographie import format_nombre
from wikimarche.domain.anchors import carry, fils_by_unit
from wikimarche.domain.cutting import merge_corps, split_corps
from wikimarche.domain.rank import rank_between
from wikimarche.domain.repair import new_block_id
from wikimarche.domain.rewriting import rewrite, steps_between
from wikimarche.domain.schema import SchemaRefused, empty_doc
from wikimarche.domain.steps import replay_steps
from wikimarche.enums import GenreVersion, StatutArticle
from wikimarche.models import Article, Commit, Piece, Version
from wikimarche.models.article import MERGED, UNCUT
from wikimarche.permissions import Action
from wikimarche.selectors import number_seen
from wikimarche.services.edits import clean_titre
from wikimarche.services.tree import Tree
from wikimarche.services.versions import lock_piece, writing


MAX_ARTICLES = 3000
MAX_OVERTAKEN = 20
"""Versions of others looked at before a move: a page that shows the plan of so long ago is rare."""


@transaction.atomic
def add_article(
    *,
    by: User,
    piece: Piece,
    after: Article | None = None,
    parent: Article | None = None,
    titre: str = "",
    corps: dict[str, Any] | None = None,
    provenance: dict[str, Any] | None = None,
) -> Article:
    """Add an article after a sibling, or as the last child of ``parent`` (of the pièce if None)."""
    piece = lock_piece(piece)
    tree = Tree(piece)
    if len(tree.by_id) >= MAX_ARTICLES:
        raise Conflict(f"Une pièce a au plus {format_nombre(MAX_ARTICLES)} articles.")
    if after is not None:
        after = tree.get(after.pk)
        parent_id, rang = after.parent_id, tree.rank_after(after)
    else:
        parent_id = tree.get(parent.pk).pk if parent else None
        rang = tree.rank_last(parent_id)
    tree.refuse_too_deep(parent_id, 1)
    article = Article(
        piece=piece,
        parent_id=parent_id,
        rang=rang,
        titre=clean_titre(titre),
        provenance=provenance or {},
    )
    article.corps = corps or empty_doc(new_block_id(str(article.pk), 0))
    action = Action.ARTICLE_ADD if after is None else Action.ARTICLE_ADD_AFTER
    resume = f"Ajoute {tree.name(article)}"
    with _structural(by, piece, action, after, "wikimarche:article:added", article, resume) as v:
        v.add_articles([article])
    return article


@transaction.atomic
def move_article(
    *,
    by: User,
    article: Article,
    parent: UUID | None,
    after: UUID | None,
    seen: int | None = None,
) -> Article:
    """Put an article under ``parent`` (None: top level), just after ``after`` (None: first).

    seen: the version whose plan the person has before her. Where another has changed since then
    the order among the articles this one leaves or joins, the move is refused (409) with the
    present order: a move is relative to what one sees. The same for the other moves.
    """
    tree = Tree(lock_piece(article.piece))
    _refuse_overtaken(tree, by, tree.get_active(article.pk), parent, seen)
    return _move(by, article, parent, after, "wikimarche:article:moved", "Déplace")


def _move(
    by: User, article: Article, parent: UUID | None, after: UUID | None, tag: str, verb: str
) -> Article:
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get_active(article.pk)
    if parent is not None:
        tree.get_active(parent)
    if after is not None and tree.get(after).parent_id != parent:
        raise Conflict("Le plan a changé entre-temps. Recommencez.")
    if parent in tree.ids_under(article) or after == article.pk:
        raise Conflict("Un article ne se range pas sous lui-même.")
    tree.refuse_too_deep(parent, tree.height(article))
    rang = tree.rank_after(tree.get(after)) if after else tree.rank_first(parent)
    if article.parent_id == parent and tree.is_between(article, after):
        return article
    deeper = tree.depth(parent) - tree.depth(article.parent_id)
    levels = "un niveau" if abs(deeper) == 1 else f"{abs(deeper)} niveaux"
    sens = f", {levels} plus {'bas' if deeper > 0 else 'haut'}" if deeper else ""
    name = tree.name(article)
    return _place(by, piece, article, parent, rang, tag, verb, name, sens=sens)


@transaction.atomic
def move_up(*, by: User, article: Article, seen: int | None = None) -> Article:
    """Swap with the previous sibling. Refused for the first one."""
    siblings, at = _siblings_of(by, article, seen)
    if at == 0:
        raise Conflict("Cet article est déjà le premier à ce niveau.")
    after = siblings[at - 2].pk if at >= 2 else None
    return move_article(by=by, article=article, parent=siblings[at].parent_id, after=after)


@transaction.atomic
def move_down(*, by: User, article: Article, seen: int | None = None) -> Article:
    """Swap with the next sibling. Refused for the last one."""
    siblings, at = _siblings_of(by, article, seen)
    if at == len(siblings) - 1:
        raise Conflict("Cet article est déjà le dernier à ce niveau.")
    return move_article(
        by=by, article=article, parent=siblings[at].parent_id, after=siblings[at + 1].pk
    )


@transaction.atomic
def indent_article(*, by: User, article: Article, seen: int | None = None) -> Article:
    """Make it the last child of its previous sibling."""
    siblings, at = _siblings_of(by, article, seen)
    if at == 0:
        raise Conflict("Il faut un article au-dessus pour s’y ranger.")
    parent = siblings[at - 1]
    last = Tree(article.piece).children(parent.pk)
    after = last[-1].pk if last else None
    return _move(by, article, parent.pk, after, "wikimarche:article:indented", "Met en retrait")


@transaction.atomic
def outdent_article(*, by: User, article: Article, seen: int | None = None) -> Article:
    """Make it the next sibling of its parent."""
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get_active(article.pk)
    if article.parent_id is None:
        raise Conflict("Cet article est déjà au premier niveau.")
    parent = tree.get(article.parent_id)
    _refuse_overtaken(tree, by, article, parent.parent_id, seen)
    tag = "wikimarche:article:outdented"
    return _move(by, article, parent.parent_id, parent.pk, tag, "Remonte d’un niveau")


@transaction.atomic
def split_article(
    *, by: User, article: Article, position: int, titre: str = "", numero: int | None = None
) -> Article:
    """Cut an article in two at a position of its document; the end becomes the next sibling.

    numero: the text in which the position was chosen. Returns the new article. Raises Conflict when
    it changed since, AccessRefused (400) when the position is not in the text.
    """
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get_active(article.pk)
    if numero is not None and numero != article.numero:
        raise Conflict(
            "L’article vient de changer. Regardez le nouveau texte, puis coupez de nouveau."
        )
    try:
        kept, moved = split_corps(article.corps, position, seed=str(uuid4()))
    except SchemaRefused as error:
        raise AccessRefused(str(error), status=400) from error
    new = Article(
        piece=piece,
        parent_id=article.parent_id,
        rang=tree.rank_after(article),
        titre=clean_titre(titre),
        corps=moved,
        provenance={"scinde_de": str(article.pk), "version": article.numero},
    )
    action, tag = Action.ARTICLE_STRUCTURE, "wikimarche:article:split"
    resume = f"Scinde {tree.name(article)}"
    with _structural(by, piece, action, article, tag, article, resume) as v:
        v.save_article(article, corps=kept, pas=steps_between(article.corps, kept))
        new.provenance["texte_scinde"] = article.empreinte
        v.add_articles([new])
    return new


@transaction.atomic
def unsplit_article(*, by: User, article: Article) -> Article:
    """Undo a cut: the article that was cut has its whole text again, the one cut off is retired.

    article: the one cut off; a title given to it since goes with it, and stays in its history.
    Returns the article that was cut. Raises Conflict when it comes from no cut, or when either text
    has changed since: joining them would then be somebody's guess.
    """
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get_active(article.pk)
    host = tree.by_id.get(UUID(article.provenance.get("scinde_de", "0" * 32)))
    if host is None:
        raise Conflict("Cet article ne vient pas d’une scission.")
    if not _is_as_cut(tree, article, host):
        raise Conflict(
            "Le texte a changé depuis la scission : elle ne peut plus être défaite d’un coup."
            " Fusionnez l’article avec le précédent."
        )
    cut = Commit.objects.values_list("revision", flat=True).get(
        article=host, numero=article.provenance["version"] + 1
    )
    was = _corps_in(fields_at(Article, [host.pk], cut - 1), host)
    resume = f"Défait la scission de {tree.name(host)}"
    action, tag = Action.ARTICLE_STRUCTURE, "wikimarche:article:unsplit"
    with _structural(by, piece, action, article, tag, host, resume) as version:
        # What was discussed in either half is in the whole.
        fils = fils_by_unit(host.corps) + fils_by_unit(article.corps)
        corps, steps = rewrite(host.corps, was)
        anchors = carry(fils, corps)
        version.save_article(host, corps=replay_steps(corps, anchors), pas=[*steps, *anchors])
        article.statut, article.motif_retrait = (
            StatutArticle.RETIRE,
            f"{UNCUT} «\u202f{host}\u202f» défaite"[:300],
        )
        article.provenance |= {"recolle_dans": str(host.pk)}
        article.save(update_fields=["statut", "motif_retrait", "provenance"])
    return host


def _corps_in(past: dict[UUID, dict[str, Any]], article: Article) -> dict[str, Any]:
    """Body of an article among past fields. Raises Conflict where a redaction has taken it away."""
    fields = past[article.pk]
    if not fields:
        raise Conflict(
            f"Le texte d’avant de «\u202f{article}\u202f» a été caviardé\u202f: il ne peut plus être rendu."
        )
    corps: dict[str, Any] = fields["corps"]
    return corps


def _is_as_cut(tree: "Tree", article: Article, host: Article) -> bool:
    """Tell whether nothing but the title of the new article changed since the cut."""
    if not article.is_undoable_in(host, "texte_scinde"):
        return False
    if any(child.statut == StatutArticle.ACTIF for child in tree.children(article.pk)):
        return False
    written = Commit.objects.filter(article=article, numero__isnull=False).exclude(pas=[])
    return not written.exclude(revision__version_de_piece__genre=GenreVersion.COMMENTAIRE).exists()


@transaction.atomic
def merge_article(*, by: User, article: Article, seen: int | None = None) -> Article:
    """Append an article to the one printed before it at its level; its children follow.

    The article merged is retired; its history stays. Returns the article that received the text.
    """
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get_active(article.pk)
    _refuse_overtaken(tree, by, article, article.parent_id, seen)
    siblings = [a for a in tree.children(article.parent_id) if a.statut == StatutArticle.ACTIF]
    at = next(i for i, sibling in enumerate(siblings) if sibling.pk == article.pk)
    if at == 0:
        raise Conflict("Il n’y a pas d’article au-dessus avec lequel fusionner.")
    target = siblings[at - 1]
    corps = merge_corps(target.corps, article.titre, article.corps, seed=str(uuid4()))
    rang = tree.rank_last(target.pk)
    resume = f"Fusionne {tree.name(article)} dans {tree.name(target)}"
    action, tag = Action.ARTICLE_STRUCTURE, "wikimarche:article:merged"
    with _structural(by, piece, action, article, tag, target, resume) as v:
        v.save_article(target, corps=corps, pas=steps_between(target.corps, corps))
        for child in tree.children(article.pk):
            child.parent_id, child.rang = target.pk, rang
            child.save(update_fields=["parent", "rang"])
            rang = rank_between(rang, None)
        article.statut = StatutArticle.RETIRE
        article.motif_retrait = f"{MERGED} «\u202f{target}\u202f»"[:300]
        # What undoing it needs: where the text went, the commit that put it there, what it then read.
        article.provenance |= {
            "fusionne_dans": str(target.pk),
            "fusion": target.numero,
            "texte_fusionne": target.empreinte,
        }
        article.save(update_fields=["statut", "motif_retrait", "provenance"])
    return target


@transaction.atomic
def unmerge_article(*, by: User, article: Article) -> Article:
    """Undo the merge of an article: both are as they were, its children with it.

    Raises Conflict when it was not merged, or when the one that holds its text has
    changed since: taking the text out would then be somebody's guess.
    """
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get(article.pk)
    host = tree.host_of(article)
    if host is None:
        raise Conflict("Cet article n’est pas fusionné dans un autre.")
    if not article.is_undoable_in(host, "texte_fusionne"):
        raise Conflict(
            f"«\u202f{host}\u202f» a changé depuis la fusion\u202f: elle ne peut plus être défaite d’un coup."
            " Rétablissez l’article, puis retirez à la main le texte en double."
        )
    past = _before_merge(tree, article, host)
    was = _corps_in(past, host)
    resume = f"Défait la fusion de {tree.name(article)} dans {tree.name(host)}"
    action, tag = Action.ARTICLE_REINSTATE, "wikimarche:article:unmerged"
    with _structural(by, piece, action, article, tag, host, resume) as version:
        fils = fils_by_unit(host.corps)
        corps, steps = rewrite(host.corps, was)
        version.save_article(host, corps=corps, pas=steps)
        # Its words are the last of the host: they come back with the comments made there.
        anchors = carry(fils[len(fils) - len(fils_by_unit(article.corps)) :], article.corps)
        if anchors:
            version.save_article(article, corps=replay_steps(article.corps, anchors), pas=anchors)
        article.statut, article.motif_retrait = StatutArticle.ACTIF, ""
        if tree.is_out_of_the_text(article):
            article.parent_id, article.rang = None, tree.rank_last(None)
        article.save(update_fields=["statut", "motif_retrait", "parent", "rang"])
        _give_back(tree, article, host, past)
    return article


def _before_merge(tree: "Tree", article: Article, host: Article) -> dict[UUID, dict[str, Any]]:
    """Fields of every article of the pièce just before an article was merged into its host."""
    merged = Commit.objects.values_list("revision", flat=True).get(
        article=host, numero=article.provenance["fusion"]
    )
    return fields_at(Article, tree.by_id, merged - 1)


def _give_back(
    tree: "Tree", article: Article, host: Article, past: dict[UUID, dict[str, Any]]
) -> None:
    """Put back under an article the children its merge took, where they were.

    Those moved since stay where they were put; so do those that cannot go back: they have come to
    hold the article, or have grown too deep for its place.
    """
    for child in tree.children(host.pk):
        before = past.get(child.pk)
        if before and before["parent"] == str(article.pk) and tree.has_room(article, child):
            child.parent_id, child.rang = article.pk, before["rang"]
            child.save(update_fields=["parent", "rang"])


def give_children_back(tree: "Tree", article: Article) -> None:
    """Undo the part of a merge that moved children, its text left where it went; none without merge."""
    host = tree.host_of(article)
    if host is not None:
        _give_back(tree, article, host, _before_merge(tree, article, host))


@transaction.atomic
def retire_article(*, by: User, article: Article, motif: str) -> Article:
    """Take an article and what it contains out of the text, with a reason. Nothing is deleted."""
    motif = clean_titre(motif, "Ce motif")
    if not motif:
        raise AccessRefused("Dites pourquoi l’article est retiré.", status=400)
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get_active(article.pk)
    resume = f"Retire {tree.name(article)}\u202f: {motif}"
    action, tag = Action.ARTICLE_RETIRE, "wikimarche:article:retired"
    with _structural(by, piece, action, article, tag, article, resume, motif=motif):
        for pk in tree.ids_under(article):
            retired = tree.get(pk)
            if retired.statut == StatutArticle.ACTIF:
                retired.statut = StatutArticle.RETIRE
                retired.motif_retrait = motif
                # What reinstating it needs: this one goes and comes back with the article.
                retired.provenance |= {"retire_avec": str(article.pk)}
                retired.save(update_fields=["statut", "motif_retrait", "provenance"])
    return article


@transaction.atomic
def reinstate_article(*, by: User, article: Article) -> Article:
    """Put a retired article back where it was, under a parent that is still in the text.

    One that was merged is given back by undoing the merge. Where its text has changed since, it
    comes back with its own text and its children, and what the merge wrote stays.
    """
    piece = lock_piece(article.piece)
    tree = Tree(piece)
    article = tree.get(article.pk)
    if article.statut == StatutArticle.ACTIF:
        return article
    host = tree.host_of(article)
    if host is not None and article.is_undoable_in(host, "texte_fusionne"):
        return unmerge_article(by=by, article=article)
    action, tag = Action.ARTICLE_REINSTATE, "wikimarche:article:reinstated"
    resume = f"Rétablit {tree.name(article)}"
    with _structural(by, piece, action, article, tag, article, resume):
        # Those that a restoration retired say no group: their reason alone tells them.
        motif, group = article.motif_retrait, article.provenance.get("retire_avec")
        give_children_back(tree, article)
        for pk in tree.ids_under(article):
            back = tree.get(pk)
            together = back.provenance.get("retire_avec", group) == group
            if back.statut == StatutArticle.RETIRE and back.motif_retrait == motif and together:
                back.statut, back.motif_retrait = StatutArticle.ACTIF, ""
                back.save(update_fields=["statut", "motif_retrait"])
        if tree.is_out_of_the_text(article):
            article.parent_id, article.rang = None, tree.rank_last(None)
            article.save(update_fields=["parent", "rang"])
    return article


def _refuse_overtaken(
    tree: Tree, by: User, article: Article, parent: UUID | None, seen: int | None
) -> None:
    """Raise Conflict where another changed, since a version, the order this move counts on; or for a version to come.

    Moves of the person herself do not count, nor articles added or retired: they change no order.
    """
    if seen is None:
        return
    if seen > number_seen(article.piece, None):
        raise Conflict("Votre page part d’une version qui n’existe pas. Rechargez-la.")
    since = Version.objects.filter(piece=article.piece, numero__gt=seen, structure=True)
    others = list(since.exclude(auteur=by).select_related("auteur")[:MAX_OVERTAKEN])
    if not others:
        return
    active = [a for a in tree.by_id.values() if a.statut == StatutArticle.ACTIF]
    for level in {article.parent_id, parent}:
        now = [a.pk for a in active if a.parent_id == level]
        mover = _who_reordered(level, {a.pk for a in active}, others)
        if mover is not None:
            order = ", ".join(f"{n}.\u00a0{tree.get(pk)}" for n, pk in enumerate(now, start=1))
            raise Conflict(
                f"{mover} vient de changer l’ordre des articles ici\u202f: voici le nouveau."
                f" {order}. Rien n’a bougé de votre fait\u202f: recommencez s’il le faut."
            )


def _who_reordered(level: UUID | None, pks: set[UUID], versions: list[Version]) -> User | None:
    """The author of the latest of these versions that changed an order, among articles both sides hold."""
    for version in versions:
        before, after = (
            fields_at(Article, pks, revision)
            for revision in (version.revision_id - 1, version.revision_id)
        )
        # A redacted article tells no order any more.
        both = {pk for pk in before.keys() & after.keys() if before[pk] and after[pk]}
        if _order_of(before, both, level) != _order_of(after, both, level):
            return version.auteur
    return None


def _order_of(fields: dict[UUID, dict[str, Any]], pks: set[UUID], level: UUID | None) -> list[UUID]:
    asked = str(level) if level else None
    held = [(fields[pk]["rang"], pk) for pk in pks if fields[pk]["parent"] == asked]
    return [pk for _rang, pk in sorted(held)]


def _siblings_of(by: User, article: Article, seen: int | None) -> tuple[list[Article], int]:
    tree = Tree(lock_piece(article.piece))
    article = tree.get_active(article.pk)
    _refuse_overtaken(tree, by, article, article.parent_id, seen)
    siblings = [a for a in tree.children(article.parent_id) if a.statut == StatutArticle.ACTIF]
    return siblings, next(i for i, a in enumerate(siblings) if a.pk == article.pk)


def _place(
    by: User,
    piece: Piece,
    article: Article,
    parent: UUID | None,
    rang: str,
    tag: str,
    verb: str,
    name: str,
    **details: str,
) -> Article:
    kept = {name: value for name, value in details.items() if value}
    action, resume = Action.ARTICLE_STRUCTURE, f"{verb} {name}"
    with _structural(by, piece, action, article, tag, article, resume, **kept):
        article.parent_id, article.rang = parent, rang
        article.save(update_fields=["parent", "rang"])
    return article


def _structural(
    by: User,
    piece: Piece,
    action: Action,
    on: Article | None,
    tag: str,
    article: Article,
    resume: str,
    **details: str,
) -> Any:
    return writing(
        by=by,
        piece=piece,
        action=action,
        on=on,
        tag=tag,
        genre=GenreVersion.AUTO,
        resume=resume,
        article=article,
        structure=True,
        details={"article": article.titre, **details},
    )


__all__ = [
    "Tree",
    "add_article",
    "give_children_back",
    "indent_article",
    "merge_article",
    "move_article",
    "move_down",
    "move_up",
    "outdent_article",
    "reinstate_article",
    "retire_article",
    "split_article",
    "unmerge_article",
    "unsplit_article",
]

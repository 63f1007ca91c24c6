"""Who may do what on the pièces of a marché. The whole policy of writing together, in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from procurement.access.enums import Role
from procurement.access.registry import Condition, Resource, Rule
from procurement.accounts.models import User
from procurement.audit.querysets import Prepared, columns_of, instance_of
from procurement.marches.models import Marche
from procurement.marches.permissions import (
    GESTIONNAIRE,
    MARCHE,
    READERS,
    StepCondition,
    nobodys_marche,
    roles_on_marche,
    roles_said,
)
from procurement.marches.workflow import WRITABLE as WRITABLE_STEPS
from wikimarche.domain.authority import FOR_WRITERS
from wikimarche.enums import StatutArticle, StatutFil, StatutPiece
from wikimarche.models import Article, Commentaire, Commit, Fil, Image, Importation, Piece
from wikimarche.workflow import GONE, WRITABLE


class Action(StrEnum):
    """Actions on pièces and articles, in alphabetical order."""

    ARTICLE_ADD = "wikimarche:article:add"
    """Add an article to the pièce."""
    ARTICLE_ADD_AFTER = "wikimarche:article:add_after"
    ARTICLE_COMMIT = "wikimarche:article:commit"
    """Send steps. What each step may do is judged one by one: a commentateur only comments."""
    ARTICLE_EDIT = "wikimarche:article:edit"
    """Change the text or the title of an article."""
    ARTICLE_READ = "wikimarche:article:read"
    ARTICLE_REINSTATE = "wikimarche:article:reinstate"
    ARTICLE_RESTORE = "wikimarche:article:restore"
    ARTICLE_RETIRE = "wikimarche:article:retire"
    """Take an article out of the text. It stays in the history and can come back."""
    ARTICLE_STRUCTURE = "wikimarche:article:structure"
    """Move, indent, number, split or merge an article."""
    COMMENTAIRE_CORRECT = "wikimarche:commentaire:correct"
    """Change the words of a comment of one's own."""
    COMMENTAIRE_MASK = "wikimarche:commentaire:mask"
    """Take the words of a comment away from the screen, for a reason."""
    COMMENTAIRE_UNMASK = "wikimarche:commentaire:unmask"
    FIL_OPEN = "wikimarche:fil:open"
    """Comment an article, or some words of it."""
    FIL_OPEN_ON_PIECE = "wikimarche:fil:open_on_piece"
    FIL_READ = "wikimarche:fil:read"
    FIL_REOPEN = "wikimarche:fil:reopen"
    FIL_REPLY = "wikimarche:fil:reply"
    FIL_RESOLVE = "wikimarche:fil:resolve"
    FIL_UNQUOTE = "wikimarche:fil:unquote"
    """Take the words that a thread quotes away from it, for a reason."""
    IMAGE_ADD = "wikimarche:image:add"
    """Send an image to put in the text."""
    IMAGE_READ = "wikimarche:image:read"
    """See an image of the text: whoever reads its pièce."""
    IMPORTATION_CORRECT = "wikimarche:importation:correct"
    """Correct the cutting of an incoming document, accept it or give it up."""
    IMPORTATION_DOWNLOAD = "wikimarche:importation:download"
    """Have the document received, and read what it holds that the pièce does not say."""
    IMPORTATION_READ = "wikimarche:importation:read"
    """See that a document came into a pièce: whose, when, and what became of it."""
    PIECE_COMPARE = "wikimarche:piece:compare"
    PIECE_CREATE = "wikimarche:piece:create"
    PIECE_EXPORT = "wikimarche:piece:export"
    PIECE_IMPORT = "wikimarche:piece:import"
    PIECE_MOVE = "wikimarche:piece:move"
    """Change the place of a pièce among the others of its marché."""
    PIECE_NAME_VERSION = "wikimarche:piece:name_version"
    PIECE_READ = "wikimarche:piece:read"
    PIECE_REOPEN = "wikimarche:piece:reopen"
    PIECE_RESTORE = "wikimarche:piece:restore"
    PIECE_SUBMIT = "wikimarche:piece:submit"
    """Send a draft to review."""
    PIECE_UPDATE = "wikimarche:piece:update"
    """Change the title of a pièce."""
    PIECE_WITHDRAW = "wikimarche:piece:withdraw"
    """Take a pièce out of the marché, or put it back."""
    SEARCH_READ = "wikimarche:search:read"
    """Look for words in what one may see."""


WRITERS = frozenset({Role.EDITEUR, Role.GESTIONNAIRE})
COMMENTERS = WRITERS | {Role.COMMENTATEUR, Role.MODERATEUR, Role.JURISTE}
KEEPERS = WRITERS | {Role.JURISTE}
"""Who reads a document as it was received: its authors wrote it for themselves, not for every reader."""
MODERATORS = WRITERS | {Role.MODERATEUR}


def roles_on_piece(user: User, piece: Piece) -> frozenset[Role]:
    """Roles of a person on a pièce and all it holds: on its marché, unless limited to another pièce."""
    return roles_on_marche(user, piece.marche, piece.pk)


def roles_around_piece(user: User, piece: Piece) -> frozenset[Role]:
    """Roles on the pièce and on its neighbours, for whoever sees it: a place is a place among others."""
    return roles_on_piece(user, piece) and roles_on_marche(user, piece.marche)


def _get_piece(pk: UUID) -> Piece | None:
    return (
        Piece.objects.select_related("marche__organisation", "marche__direction")
        .filter(pk=pk)
        .first()
    )


def _get_article(pk: UUID) -> Article | None:
    # Without the organisation: a browser that saves each second needs its key only.
    return Article.objects.select_related("piece__marche").filter(pk=pk).order_by().first()


_READ_ARTICLE = Prepared(
    f"""
SELECT {columns_of(Article, "a")}, {columns_of(Piece, "p")}, {columns_of(Marche, "m")},
       r.fonction, r.roles
  FROM wikimarche_article a
  JOIN wikimarche_piece p ON p.id = a.piece_id
  JOIN marches_marche m ON m.id = p.marche_id
 CROSS JOIN LATERAL public.marches_roles(m.id, %s, m.organisation_id, p.id) AS r
 WHERE a.id = %s"""  # noqa: S608 - columns of ours
)
_OF_ARTICLE, _OF_PIECE = (len(model._meta.concrete_fields) for model in (Article, Piece))


def _read_article(user: User, pk: UUID) -> tuple[Article | None, frozenset[Role]]:
    rows = _READ_ARTICLE.rows([user.pk, pk])
    if not rows:
        return None, frozenset()
    ((*values, fonction, held),) = rows
    article = instance_of(Article, values[:_OF_ARTICLE])
    values = values[_OF_ARTICLE:]
    article.piece = instance_of(Piece, values[:_OF_PIECE])
    article.piece.marche = instance_of(Marche, values[_OF_PIECE:])
    return article, roles_said(article.piece.marche, fonction, held)


def _get_importation(pk: UUID) -> Importation | None:
    return (
        Importation.objects.select_related("piece__marche__organisation", "fichier")
        .filter(pk=pk)
        .first()
    )


def _get_image(pk: UUID) -> Image | None:
    return (
        Image.objects.select_related("piece__marche__organisation", "fichier").filter(pk=pk).first()
    )


PIECE = Resource(
    "wikimarche:piece",
    "une pièce",
    Piece,
    _get_piece,
    roles_on_piece,
    nobodys=lambda: Piece(marche=nobodys_marche()),
)
PLACE = Resource(
    "wikimarche:place",
    "la place d’une pièce",
    Piece,
    _get_piece,
    roles_around_piece,
    nobodys=lambda: Piece(marche=nobodys_marche()),
)
ARTICLE = Resource(
    "wikimarche:article",
    "un article",
    Article,
    _get_article,
    lambda user, article: roles_on_piece(user, article.piece),
    _read_article,
)
IMPORTATION = Resource(
    "wikimarche:importation",
    "un document à importer",
    Importation,
    _get_importation,
    lambda user, importation: roles_on_piece(user, importation.piece),
    nobodys=lambda: Importation(piece=Piece(marche=nobodys_marche())),
)
IMAGE = Resource(
    "wikimarche:image",
    "une image du texte",
    Image,
    _get_image,
    lambda user, image: roles_on_piece(user, image.piece),
    nobodys=lambda: Image(piece=Piece(marche=nobodys_marche())),
)


def _get_fil(pk: UUID) -> Fil | None:
    return (
        Fil.objects.select_related("piece__marche__organisation", "article").filter(pk=pk).first()
    )


def _get_commentaire(pk: UUID) -> Commentaire | None:
    return (
        Commentaire.objects.select_related("fil__piece__marche__organisation", "auteur")
        .filter(pk=pk)
        .first()
    )


def _roles_on_commentaire(user: User, commentaire: Commentaire) -> frozenset[Role]:
    """Roles on the pièce, and one more for what a person said herself while she may still comment."""
    roles = roles_on_piece(user, commentaire.fil.piece)
    if commentaire.auteur_id == user.pk and roles & COMMENTERS:
        roles |= {Role.CONNECTE}
    return roles


FIL = Resource(
    "wikimarche:fil",
    "un fil de commentaires",
    Fil,
    _get_fil,
    lambda user, fil: roles_on_piece(user, fil.piece),
    nobodys=lambda: Fil(piece=Piece(marche=nobodys_marche())),
)
COMMENTAIRE = Resource(
    "wikimarche:commentaire",
    "un commentaire",
    Commentaire,
    _get_commentaire,
    _roles_on_commentaire,
    nobodys=lambda: Commentaire(fil=Fil(piece=Piece(marche=nobodys_marche()))),
)
RESOURCES = (PIECE, PLACE, ARTICLE, IMPORTATION, IMAGE, FIL, COMMENTAIRE)


def _refuse_frozen(piece: Piece) -> str:
    """Say why the text of a pièce does not change, or "" when it may."""
    if piece.statut in WRITABLE:
        return ""
    return f"La pièce est à l’état «\u202f{piece.get_statut_display()}\u202f»\u202f: son texte est figé."


def refuse_closed(piece: Piece) -> str:
    """Say why a pièce does not change: its own state, then the step of its marché."""
    return _refuse_frozen(piece) or _refuse_step(piece)


def _refuse_step(piece: Piece) -> str:
    return _refuse_step_of(piece.marche)


def _refuse_step_of(marche: Marche) -> str:
    if marche.statut in WRITABLE_STEPS:
        return ""
    step = marche.get_statut_display()
    return f"Le marché est à l’étape «\u202f{step}\u202f»\u202f: ses pièces ne changent plus."


def _refuse_moved(piece: Piece) -> str:
    if piece.statut == StatutPiece.RETIRE:
        words = piece.get_statut_display()
        return f"La pièce est à l’état «\u202f{words}\u202f»\u202f: elle garde sa place."
    return _refuse_step(piece)


def _refuse_gone(piece: Piece) -> str:
    return _refuse_frozen(piece) if piece.statut in GONE else ""


def _refuse_resolved(fil: Fil) -> str:
    if fil.statut == StatutFil.RESOLU:
        return "Ce commentaire est résolu. Rouvrez-le pour y répondre."
    return ""


def _refuse_open(fil: Fil) -> str:
    return "" if fil.statut == StatutFil.RESOLU else "Ce commentaire est déjà ouvert."


def _refuse_masked(commentaire: Commentaire) -> str:
    if commentaire.masque_par_id:
        return f"Ce commentaire est masqué par {commentaire.masque_par}."
    return ""


def _refuse_shown(commentaire: Commentaire) -> str:
    return "" if commentaire.masque_par_id else "Ce commentaire n’est pas masqué."


def refuse_retired(article: Article) -> str:
    """Say why a retired article is not written in, or "" while it is in the text.

    One query more for one that was merged: where its text went, and by whom.
    """
    if article.statut == StatutArticle.RETIRE:
        if host := article.fusionne_dans:
            asked = Commit.objects.filter(article=host, numero=article.provenance["fusion"])
            merged = asked.select_related("auteur", "article").get()
            return f"{merged.auteur} a fusionné cet article dans «\u202f{merged.article}\u202f»\u202f: son texte y est."
        return "Cet article est retiré. Pour y écrire, rétablissez-le dans l’onglet «\u202fLa pièce\u202f»."
    return ""


def _while_open(piece_of: Callable[[Any], Piece]) -> StepCondition:
    return StepCondition(
        "avant l’étape «\u202fPublication\u202f» et tant que la pièce n’est pas figée",
        lambda obj: refuse_closed(piece_of(obj)),
        code="fige",
        steps=WRITABLE_STEPS,
        porte="le texte et le plan des pièces",
    )


OPEN_PIECE = _while_open(lambda piece: piece)
OPEN_ARTICLE = _while_open(lambda article: article.piece)
OPEN_IMPORTATION = _while_open(lambda importation: importation.piece)
BEFORE_PUBLICATION = StepCondition(
    "avant l’étape «\u202fPublication\u202f»",
    _refuse_step,
    code="fige",
    steps=WRITABLE_STEPS,
    porte="l’état des pièces",
)
PLACED_PIECE = StepCondition(
    "avant l’étape «\u202fPublication\u202f», sauf si la pièce est retirée",
    _refuse_moved,
    code="fige",
    steps=WRITABLE_STEPS,
    porte="l’ordre des pièces",
)
NEW_PIECE = StepCondition(
    "avant l’étape «\u202fPublication\u202f»",
    _refuse_step_of,
    steps=WRITABLE_STEPS,
    porte="l’ajout de pièces",
)


def _while_discussed(piece_of: Callable[[Any], Piece]) -> StepCondition:
    """A frozen text is still discussed: under visa, one says why one does not give it."""
    return StepCondition(
        "avant l’étape «\u202fPublication\u202f», sauf si la pièce est retirée",
        lambda obj: _refuse_gone(piece_of(obj)) or _refuse_step(piece_of(obj)),
        code="fige",
        steps=WRITABLE_STEPS,
        porte="les commentaires",
    )


DISCUSSED_PIECE = _while_discussed(lambda piece: piece)
DISCUSSED_ARTICLE = _while_discussed(lambda article: article.piece)
DISCUSSED_FIL = _while_discussed(lambda fil: fil.piece)
DISCUSSED_COMMENTAIRE = _while_discussed(lambda commentaire: commentaire.fil.piece)
OPEN_FIL = Condition("tant que le commentaire est ouvert", _refuse_resolved, "resolu")
RESOLVED_FIL = Condition("une fois le commentaire résolu", _refuse_open, "ouvert")
SHOWN = Condition("sauf si le commentaire est masqué", _refuse_masked, "masque")
MASKED = Condition("si le commentaire est masqué", _refuse_shown, "visible")
ACTIVE_ARTICLE = Condition("sauf si l’article est retiré", refuse_retired, "retire")


@dataclass(frozen=True, slots=True)
class Discussion:
    """What a person may do with the comments of a pièce. commenter: open, answer, close, open again."""

    commenter: bool
    moderer: bool


def rights_of_discussion(user: User, piece: Piece) -> Discussion:
    """Decide once for all the threads of a page: each act is decided again when it is done. One query."""
    roles = roles_on_piece(user, piece)
    return Discussion(
        commenter=bool(roles & COMMENTERS) and not DISCUSSED_PIECE.refuse(piece),
        moderer=bool(roles & MODERATORS),
    )


MATRIX = {
    Action.ARTICLE_ADD: Rule("Ajouter un article", WRITERS, PIECE.name, (OPEN_PIECE,)),
    Action.ARTICLE_ADD_AFTER: Rule(
        "Ajouter un article après un autre", WRITERS, ARTICLE.name, (OPEN_ARTICLE,)
    ),
    Action.ARTICLE_COMMIT: Rule(
        "Travailler dans un article, chacun selon son rôle",
        COMMENTERS,
        ARTICLE.name,
        (OPEN_ARTICLE, ACTIVE_ARTICLE),
        refus=FOR_WRITERS,
    ),
    Action.ARTICLE_EDIT: Rule(
        "Écrire dans un article", WRITERS, ARTICLE.name, (OPEN_ARTICLE, ACTIVE_ARTICLE)
    ),
    Action.ARTICLE_READ: Rule("Lire un article et son histoire", READERS, ARTICLE.name),
    Action.ARTICLE_REINSTATE: Rule(
        "Rétablir un article retiré", WRITERS, ARTICLE.name, (OPEN_ARTICLE,)
    ),
    Action.ARTICLE_RESTORE: Rule(
        "Restaurer un article dans une version passée", WRITERS, ARTICLE.name, (OPEN_ARTICLE,)
    ),
    Action.ARTICLE_RETIRE: Rule(
        "Retirer un article", WRITERS, ARTICLE.name, (OPEN_ARTICLE, ACTIVE_ARTICLE)
    ),
    Action.ARTICLE_STRUCTURE: Rule(
        "Déplacer, numéroter, scinder ou fusionner des articles",
        WRITERS,
        ARTICLE.name,
        (OPEN_ARTICLE, ACTIVE_ARTICLE),
    ),
    Action.COMMENTAIRE_CORRECT: Rule(
        "Corriger un commentaire que l’on a écrit",
        frozenset({Role.CONNECTE}),
        COMMENTAIRE.name,
        (DISCUSSED_COMMENTAIRE, SHOWN),
        refus="On ne corrige que ce que l’on a écrit soi-même.",
    ),
    Action.COMMENTAIRE_MASK: Rule("Masquer un commentaire", MODERATORS, COMMENTAIRE.name, (SHOWN,)),
    Action.COMMENTAIRE_UNMASK: Rule(
        "Rendre lisible un commentaire masqué", MODERATORS, COMMENTAIRE.name, (MASKED,)
    ),
    Action.FIL_OPEN: Rule(
        "Commenter un article, ou un passage",
        COMMENTERS,
        ARTICLE.name,
        (DISCUSSED_ARTICLE, ACTIVE_ARTICLE),
    ),
    Action.FIL_OPEN_ON_PIECE: Rule(
        "Commenter une pièce entière", COMMENTERS, PIECE.name, (DISCUSSED_PIECE,)
    ),
    Action.FIL_READ: Rule("Lire les commentaires d’un passage", READERS, FIL.name),
    Action.FIL_REOPEN: Rule(
        "Rouvrir un commentaire résolu", COMMENTERS, FIL.name, (DISCUSSED_FIL, RESOLVED_FIL)
    ),
    Action.FIL_REPLY: Rule(
        "Répondre à un commentaire", COMMENTERS, FIL.name, (DISCUSSED_FIL, OPEN_FIL)
    ),
    Action.FIL_RESOLVE: Rule(
        "Résoudre un commentaire", COMMENTERS, FIL.name, (DISCUSSED_FIL, OPEN_FIL)
    ),
    Action.FIL_UNQUOTE: Rule("Retirer le passage que cite un commentaire", MODERATORS, FIL.name),
    Action.IMAGE_ADD: Rule("Ajouter une image au texte", WRITERS, PIECE.name, (OPEN_PIECE,)),
    Action.IMAGE_READ: Rule("Voir une image du texte", READERS, IMAGE.name),
    Action.IMPORTATION_CORRECT: Rule(
        "Corriger le découpage d’un document importé",
        WRITERS,
        IMPORTATION.name,
        (OPEN_IMPORTATION,),
    ),
    Action.IMPORTATION_DOWNLOAD: Rule(
        "Lire un document reçu, ses commentaires et ses modifications suivies",
        KEEPERS,
        IMPORTATION.name,
        refus="Ce document a pu porter autre chose que la pièce\u202f: il se lit par qui peut l’importer et par les juristes.",
    ),
    Action.IMPORTATION_READ: Rule(
        "Voir qu’un document est entré dans une pièce", READERS, IMPORTATION.name
    ),
    Action.PIECE_COMPARE: Rule("Comparer deux versions", READERS, PIECE.name),
    Action.PIECE_CREATE: Rule("Ajouter une pièce", WRITERS, MARCHE.name, (NEW_PIECE,)),
    Action.PIECE_EXPORT: Rule("Exporter une pièce", READERS, PIECE.name),
    Action.PIECE_IMPORT: Rule(
        "Importer un document Word, LibreOffice ou Markdown", WRITERS, PIECE.name, (OPEN_PIECE,)
    ),
    Action.PIECE_MOVE: Rule(
        "Changer l’ordre des pièces d’un marché", WRITERS, PLACE.name, (PLACED_PIECE,)
    ),
    Action.PIECE_NAME_VERSION: Rule("Nommer une version", WRITERS, PIECE.name),
    Action.PIECE_READ: Rule("Lire les pièces et leurs versions", READERS, PIECE.name),
    Action.PIECE_REOPEN: Rule(
        "Remettre une pièce en brouillon", GESTIONNAIRE, PIECE.name, (BEFORE_PUBLICATION,)
    ),
    Action.PIECE_RESTORE: Rule(
        "Restaurer une pièce dans une version passée", WRITERS, PIECE.name, (OPEN_PIECE,)
    ),
    Action.PIECE_SUBMIT: Rule(
        "Envoyer une pièce en relecture", WRITERS, PIECE.name, (BEFORE_PUBLICATION,)
    ),
    Action.PIECE_UPDATE: Rule("Renommer une pièce", WRITERS, PIECE.name, (OPEN_PIECE,)),
    Action.PIECE_WITHDRAW: Rule(
        "Retirer une pièce du marché, ou la rétablir",
        GESTIONNAIRE,
        PIECE.name,
        (BEFORE_PUBLICATION,),
    ),
    Action.SEARCH_READ: Rule("Chercher dans ce que l’on voit", frozenset({Role.CONNECTE})),
}

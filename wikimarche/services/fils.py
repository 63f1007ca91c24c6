"""Talking about the text: opening a thread, answering, closing it, masking what should not be read.

A thread about some words is anchored by a mark that goes through the step authority, as any other
change of the text does. Every act is decided again under the lock of the pièce.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max

from procurement.access.services import AccessRefused, Conflict, require
from procurement.accounts.models import User
from procurement.audit.selectors import database_now, fields_at, fields_of_versions
from procurement.audit.services import recording
from procurement.marches.selectors import say_variables
from procurement.ui.typographie import read_ligne
from wikimarche.domain.anchors import (
    Passage,
    anchor,
    letters_in,
    letters_of_passage,
    quote_passage,
)
from wikimarche.domain.schema import SchemaRefused, clean_text
from wikimarche.enums import GenreFil, GenreVersion, GesteFil, StatutFil
from wikimarche.models import Article, Commentaire, Commit, Fil, Piece
from wikimarche.permissions import COMMENTAIRE, FIL, Action
from wikimarche.selectors import last_version
from wikimarche.selectors.pieces import number_all
from wikimarche.services.edits import check_base, check_redacted, commits_since, place_steps
from wikimarche.services.versions import Held, hold_article, hold_piece, lock_piece, writing


TAKEN = "Cet identifiant a déjà servi."
TEXTE_LIMIT = 5000
MOTIF_LIMIT = 300
UNQUOTED = "Passage retiré"
"""What stays in the place of words taken away from a thread."""


@transaction.atomic
def open_fil(
    *,
    by: User,
    article: Article,
    genre: GenreFil,
    texte: str,
    passage: Passage | None = None,
    base: int | None = None,
    dit: str | None = None,
    fil_id: UUID | None = None,
) -> Fil:
    """Open a thread about some words of an article, or about the whole of it.

    passage: those words, on the version ``base`` of the article; carried over what others wrote since.
    dit: the text of these words as the page showed it, None when it does not say; refused when it differs.
    fil_id: drawn by the browser, so that a comment sent twice is said once.
    Raises AccessRefused: 400 for a passage that is not there, Conflict when others took it away.
    """
    texte = _read_texte(texte)
    fil_id = fil_id or uuid4()
    held = hold_article(article, by=by, commit_id=fil_id)
    if known := _opened_already(fil_id, by=by, piece=article.piece, texte=texte):
        return known
    if held.already:
        raise Conflict(TAKEN)
    require(by, Action.FIL_OPEN, held.article, held=held.roles)
    fil = Fil(id=fil_id, article=held.article, genre=genre)
    if passage is None:
        _say_first(fil, by=by, piece=held.article.piece, texte=texte, version=held.last)
    else:
        _anchor(fil, held, by=by, texte=texte, passage=passage, base=base, dit=dit)
    return fil


@transaction.atomic
def open_fil_of_piece(
    *, by: User, piece: Piece, genre: GenreFil, texte: str, fil_id: UUID | None = None
) -> Fil:
    """Open a thread about a whole pièce. Raises AccessRefused."""
    texte = _read_texte(texte)
    fil_id = fil_id or uuid4()
    piece = hold_piece(piece, by=by, action=Action.FIL_OPEN_ON_PIECE)
    if known := _opened_already(fil_id, by=by, piece=piece, texte=texte):
        return known
    last = last_version(piece)
    fil = Fil(id=fil_id, genre=genre)
    _say_first(fil, by=by, piece=piece, texte=texte, version=last.numero if last else 0)
    return fil


@transaction.atomic
def reply_to_fil(*, by: User, fil: Fil, texte: str, commentaire_id: UUID | None = None) -> Fil:
    """Answer in an open thread. Raises AccessRefused; 409 when it was closed meanwhile."""
    texte = _read_texte(texte)
    fil = _hold(fil, by=by, action=Action.FIL_REPLY)
    commentaire_id = commentaire_id or uuid4()
    if not _said_already(commentaire_id, by=by, fil=fil):
        _turn(fil, by=by, geste=GesteFil.DIT, verb="answered", texte=texte, pk=commentaire_id)
    return fil


@transaction.atomic
def resolve_fil(*, by: User, fil: Fil, texte: str = "") -> Fil:
    """Close a thread, with an answer: compulsory for a blocking objection.

    Raises AccessRefused (400) without that answer, (409) when it is closed already.
    """
    fil = _hold(fil, by=by, action=Action.FIL_RESOLVE)
    if fil.genre == GenreFil.OBJECTION and not texte.strip():
        raise AccessRefused("Une objection se lève avec une réponse\u202f: écrivez-la.", status=400)
    texte = _read_texte(texte, empty=True)
    fil.statut = StatutFil.RESOLU
    _turn(fil, by=by, geste=GesteFil.RESOUT, verb="resolved", texte=texte)
    return fil


@transaction.atomic
def reopen_fil(*, by: User, fil: Fil, texte: str = "") -> Fil:
    """Open a closed thread again, saying why or not. Raises AccessRefused (409) when it is open."""
    fil = _hold(fil, by=by, action=Action.FIL_REOPEN)
    fil.statut = StatutFil.OUVERT
    texte = _read_texte(texte, empty=True)
    _turn(fil, by=by, geste=GesteFil.ROUVRE, verb="reopened", texte=texte)
    return fil


@transaction.atomic
def remove_citation(*, by: User, fil: Fil, motif: str) -> Fil:
    """Take the quoted words away from a thread, for a reason: before they are redacted, say.

    Raises AccessRefused (400) without a reason, Conflict when there is nothing to take away.
    """
    motif = _read_motif(motif, "Dites pourquoi le passage est retiré du commentaire")
    fil = _hold(fil, by=by, action=Action.FIL_UNQUOTE)
    if fil.citation in {"", UNQUOTED}:
        raise Conflict("Ce commentaire ne cite pas de passage.")
    fil.citation, fil.rang = UNQUOTED, _next_rang(fil.piece)
    with recording(by=by, tag="wikimarche:fil:unquoted", obj=fil, details={"motif": motif}):
        fil.save(update_fields=["citation", "rang"])
    return fil


@transaction.atomic
def correct_commentaire(*, by: User, commentaire: Commentaire, texte: str) -> Commentaire:
    """Change what one said oneself; the journal keeps what it was. Raises AccessRefused."""
    texte = _read_texte(texte)
    commentaire = _hold_commentaire(commentaire, by=by, action=Action.COMMENTAIRE_CORRECT)
    if texte != commentaire.texte:
        commentaire.texte, commentaire.corrige_le = texte, database_now()
        _change(commentaire, by=by, verb="corrected", fields=("texte", "corrige_le"))
    return commentaire


@transaction.atomic
def mask_commentaire(*, by: User, commentaire: Commentaire, motif: str) -> Commentaire:
    """Take the words of a comment away from the screen, for a reason; the journal alone keeps them.

    Raises AccessRefused (400) without a reason, (409) when it is masked already.
    """
    motif = _read_motif(motif, "Dites pourquoi ce commentaire est masqué")
    commentaire = _hold_commentaire(commentaire, by=by, action=Action.COMMENTAIRE_MASK)
    commentaire.texte, commentaire.masque_par, commentaire.masque_motif = "", by, motif
    _change(
        commentaire,
        by=by,
        verb="masked",
        fields=("texte", "masque_par", "masque_motif"),
        details={"motif": motif, "auteur": str(commentaire.auteur)},
    )
    return commentaire


@transaction.atomic
def unmask_commentaire(*, by: User, commentaire: Commentaire) -> Commentaire:
    """Give a masked comment its words back, as the journal keeps them.

    Raises AccessRefused (409) when it is not masked, or when its words were redacted since.
    """
    commentaire = _hold_commentaire(commentaire, by=by, action=Action.COMMENTAIRE_UNMASK)
    if commentaire.auteur_id == by.pk != commentaire.masque_par_id:
        raise AccessRefused("Une autre personne que son auteur rend lisible un commentaire masqué.")
    commentaire.texte = _words_before_mask(commentaire)
    commentaire.masque_par, commentaire.masque_motif = None, ""
    _change(
        commentaire,
        by=by,
        verb="unmasked",
        fields=("texte", "masque_par", "masque_motif"),
        details={"auteur": str(commentaire.auteur)},
    )
    return commentaire


def _anchor(
    fil: Fil,
    held: Held,
    *,
    by: User,
    texte: str,
    passage: Passage,
    base: int | None,
    dit: str | None,
) -> None:
    """Put the anchor in the text, as a version of it, with the thread and its first words."""
    article = held.article
    if base is None:
        raise AccessRefused("Dites sur quelle version de l’article ces mots ont été choisis.", 400)
    check_base(article, base)
    missing = commits_since(article, base) if base < article.numero else []
    check_redacted(missing)
    before = _corps_before(article, missing)
    try:
        steps = anchor(before, passage, fil.pk)
        fil.citation = quote_passage(
            before,
            passage,
            variables=say_variables(article.piece.marche),
            renvois={str(pk): number for pk, number in number_all(article.piece_id).items()},
        )
    except SchemaRefused as error:
        raise AccessRefused(str(error), status=400) from error
    if not fil.citation.strip():
        raise AccessRefused("Choisissez d’abord les mots à commenter.", status=400)
    if dit is not None and letters_in(dit) != letters_of_passage(before, passage):
        raise Conflict(
            "Le texte a changé sous votre choix. Votre commentaire n’est pas enregistré\u202f: gardez-le,"
            " et choisissez les mots de nouveau."
        )
    corps, placed, dropped = place_steps(article, fil.pk, steps, missing)
    if dropped or corps is None:
        raise Conflict(
            "Le passage que vous commentez vient d’être retiré du texte. Votre commentaire n’est pas"
            " enregistré\u202f: gardez-le, et choisissez d’autres mots, ou commentez l’article entier."
        )
    with writing(
        by=by,
        piece=article.piece,
        action=Action.FIL_OPEN,
        on=article,
        tag="wikimarche:article:commented",
        article=article,
        genre=GenreVersion.COMMENTAIRE,
        details={"article": article.titre},
        held=held,
    ) as version:
        version.save_article(article, corps=corps, pas=placed, commit_id=fil.pk, base=base)
        _say_first(fil, by=by, piece=article.piece, texte=texte, version=held.last + 1)


def _corps_before(article: Article, missing: list[Commit]) -> dict[str, Any]:
    """The body that the person had before her: the one before the first commit she has not seen."""
    if not missing:
        return dict(article.corps)
    past = fields_at(Article, [article.pk], missing[0].revision_id - 1).get(article.pk)
    if not past:
        raise Conflict(
            "Un passage de cet article a été caviardé depuis l’ouverture de votre page. Rechargez-la."
        )
    return dict(past["corps"])


def _say_first(fil: Fil, *, by: User, piece: Piece, texte: str, version: int) -> None:
    fil.piece, fil.auteur, fil.version, fil.rang = piece, by, version, _next_rang(piece)
    fil.full_clean(exclude=["instant"], validate_unique=False)
    details = {"genre": fil.get_genre_display(), "article": str(fil.article or "")}
    with recording(by=by, tag="wikimarche:fil:opened", obj=fil, details=details):
        fil.save(force_insert=True)
        _add(fil, by=by, geste=GesteFil.DIT, texte=texte, pk=uuid4())


def _turn(
    fil: Fil, *, by: User, geste: GesteFil, verb: str, texte: str, pk: UUID | None = None
) -> None:
    fil.rang = _next_rang(fil.piece)
    details = {"genre": fil.get_genre_display(), "article": str(fil.article or "")}
    with recording(by=by, tag=f"wikimarche:fil:{verb}", obj=fil, details=details):
        # An answer changes nothing of its thread but the order of acts.
        fil.save(update_fields=["rang"] if geste == GesteFil.DIT else ["statut", "rang"])
        _add(fil, by=by, geste=geste, texte=texte, pk=pk or uuid4())


def _add(fil: Fil, *, by: User, geste: GesteFil, texte: str, pk: UUID) -> None:
    said = Commentaire(id=pk, fil=fil, geste=geste, texte=texte, auteur=by)
    said.full_clean(exclude=["instant"], validate_unique=False)
    said.save(force_insert=True)


def _change(
    commentaire: Commentaire,
    *,
    by: User,
    verb: str,
    fields: tuple[str, ...],
    details: Mapping[str, object] | None = None,
) -> None:
    fil = commentaire.fil
    fil.rang = _next_rang(fil.piece)
    with recording(
        by=by, tag=f"wikimarche:commentaire:{verb}", obj=commentaire, details=details or {}
    ):
        Fil.objects.filter(pk=fil.pk).update(rang=fil.rang)
        commentaire.save(update_fields=fields)


def _hold(fil: Fil, *, by: User, action: Action) -> Fil:
    """Lock the pièce of a thread, read the thread again, then decide."""
    piece = lock_piece(fil.piece)
    fresh = Fil.objects.select_related("article").get(pk=fil.pk)
    fresh.piece = piece
    require(by, action, fresh, held=FIL.roles(by, fresh))
    return fresh


def _hold_commentaire(commentaire: Commentaire, *, by: User, action: Action) -> Commentaire:
    piece = lock_piece(commentaire.fil.piece)
    fresh = Commentaire.objects.select_related("fil", "auteur", "masque_par").get(pk=commentaire.pk)
    fresh.fil.piece = piece
    require(by, action, fresh, held=COMMENTAIRE.roles(by, fresh))
    return fresh


def _opened_already(pk: UUID, *, by: User, piece: Piece, texte: str) -> Fil | None:
    """The thread that the same person opened under the same identifier, in the same words.

    Raises Conflict for another's, or for other words: what stands is not what she would keep.
    """
    known = Fil.objects.filter(pk=pk).first()
    if known is None:
        return None
    if (known.auteur_id, known.piece_id) != (by.pk, piece.pk):
        raise Conflict(TAKEN)
    said = known.commentaires.order_by("instant").first()
    if said and said.texte and said.texte != texte:
        raise Conflict(
            "Votre commentaire est déjà enregistré, avec les mots de votre premier envoi."
            " Copiez ceux-ci, puis corrigez-le dans la liste."
        )
    return known


def _said_already(pk: UUID, *, by: User, fil: Fil) -> bool:
    """Whether the same person said it under the same identifier. Raises Conflict for another's."""
    known = Commentaire.objects.filter(pk=pk).first()
    if known and (known.auteur_id, known.fil_id) != (by.pk, fil.pk):
        raise Conflict(TAKEN)
    return known is not None


def _words_before_mask(commentaire: Commentaire) -> str:
    """What a masked comment said, as the journal keeps it. Raises Conflict when it was redacted since."""
    for version in reversed(fields_of_versions(Commentaire, commentaire.pk)):
        if not version.fields:
            break
        if version.fields["masque_par"] is None:
            return str(version.fields["texte"])
    raise Conflict("Ce commentaire a été caviardé\u202f: ses mots n’existent plus.")


def _next_rang(piece: Piece) -> int:
    """Number of the next act on the threads of a pièce; its lock is held."""
    last = Fil.objects.filter(piece=piece).aggregate(last=Max("rang"))["last"]
    return (last or 0) + 1


def _read_motif(motif: str, ask: str) -> str:
    motif = read_ligne(clean_text(motif))
    if not 1 <= len(motif) <= MOTIF_LIMIT:
        raise AccessRefused(f"{ask}, en {MOTIF_LIMIT} signes au plus.", status=400)
    return motif


def _read_texte(texte: str, *, empty: bool = False) -> str:
    """Clean what a person says: no control character nor sign that reorders what is read.

    Raises AccessRefused (400) when it says nothing, or too much: nothing is cut in silence.
    """
    texte = clean_text(texte.replace("\r\n", "\n")).strip()
    if not texte and not empty:
        raise AccessRefused("Écrivez votre commentaire.", status=400)
    if len(texte) > TEXTE_LIMIT:
        raise AccessRefused(
            f"Ce commentaire compte {len(texte)} signes\u202f; il en faut {TEXTE_LIMIT} au plus.",
            status=400,
        )
    return texte

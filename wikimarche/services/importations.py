"""From an incoming document to articles: receive, read, correct the cutting, accept."""

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.text import Truncator

from procurement.access.services import AccessRefused, Conflict
from procurement.accounts.models import User
from procurement.audit.domain.canonique import json_digest
from procurement.audit.selectors import told_of
from procurement.audit.services import recording
from procurement.documents.models import StoredFile
from procurement.documents.services import (
    DocumentRefused,
    FileRefused,
    Received,
    analyse_received,
    clean_name,
    discard_file,
    judge_document,
    keep_received,
    kind_of,
    may_open,
    open_judged,
    read_bounded,
    refuse_unless_open,
    run_child,
)
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue
from procurement.ui.typographie import format_nombre
from wikimarche.domain.importing import (
    ImportRefused,
    apply_operation,
    rename_renvois,
    replace_images,
    take_back,
)
from wikimarche.domain.rank import rank_between
from wikimarche.domain.schema import SchemaRefused, dump_doc, parse_doc
from wikimarche.enums import GenreVersion, StatutImport
from wikimarche.models import Article, Importation, Piece
from wikimarche.permissions import Action
from wikimarche.selectors import last_version
from wikimarche.services.edits import clean_titre
from wikimarche.services.images import keep_image, receive_image
from wikimarche.services.pieces import rename_piece
from wikimarche.services.structure import MAX_ARTICLES
from wikimarche.services.tree import Tree
from wikimarche.services.versions import hold_piece, writing


MAX_UNDO = 50
READING_TIME = 120
"""Seconds a document may take to be read, in its closed child."""


def receive_document(
    *, by: User, piece: Piece, content: bytes, nom: str
) -> tuple[Importation, Job | None]:
    """Judge a document, keep it, and ask for its reading.

    The same document sent again by one person while the first still waits is that first one: a
    page sent twice makes no second import.
    While the antivirus does not answer the document waits, without a job: nothing parses it.
    Raises DocumentRefused with a French sentence, malware included; of that only a trace is kept.
    """
    received = judge_received(by=by, chain=piece.marche_id, content=content, nom=nom)
    with transaction.atomic():
        piece = hold_piece(piece, by=by, action=Action.PIECE_IMPORT)
        if sent := _sent_already(by, piece, received):
            return sent
        importation = _keep(by=by, piece=piece, received=received)
        job = _ask_reading(importation) if may_open(received.statut) else None
    return importation, job


def judge_received(
    *, by: User, chain: UUID, content: bytes | BinaryIO | Path, nom: str
) -> Received:
    """Judge the shape of a document, then have it analysed; to be called outside a transaction.

    chain: of the marché. Raises DocumentRefused.
    """
    body = read_bounded(content)
    judge_document(body, nom)
    return analyse_received(
        by=by, chain=chain, content=body, nom=nom, type_mime="application/octet-stream"
    )


def import_document(*, by: User, piece: Piece, content: bytes, nom: str) -> Importation:
    """Judge, read and accept in one go; the cutting is taken as it is found.

    Raises DocumentRefused, ImportRefused, ChildFailed: nothing is written in the pièce then.
    """
    received = judge_received(by=by, chain=piece.marche_id, content=content, nom=nom)
    return import_received(by=by, piece=piece, received=received)


def import_received(*, by: User, piece: Piece, received: Received) -> Importation:
    """Read and accept a document that ``judge_received`` let through.

    Raises DocumentRefused when the antivirus said nothing of it, ImportRefused, ChildFailed.
    """
    with transaction.atomic():
        piece = hold_piece(piece, by=by, action=Action.PIECE_IMPORT)
        importation = _keep(by=by, piece=piece, received=received)
        importation = read_document(by=by, importation=importation)
        accept_importation(by=by, importation=importation)
        importation.refresh_from_db(fields=["statut"])
    return importation


def follow_verdict(fichier: StoredFile) -> None:
    """Read the documents that were waiting for this verdict, or refuse them."""
    for importation in Importation.objects.filter(
        fichier=fichier, statut=StatutImport.EN_LECTURE
    ).select_related("fichier", "created_by"):
        try:
            refuse_unless_open(importation.document)
        except FileRefused as refusal:
            refuse_importation(importation=importation, raison=refusal.reason)
        else:
            _ask_reading(importation)


def _ask_reading(importation: Importation) -> Job:
    return enqueue(
        "wikimarche:read_document",
        by=importation.created_by,
        titre=f"Lecture de {importation.document.nom}",
        action=Action.IMPORTATION_CORRECT,
        objet=importation.pk,
        key=f"importation:{importation.pk}",
    )


def read_document(
    *,
    by: User,
    importation: Importation,
    progress: Callable[[int, int, str], None] = lambda step, total, words: None,
) -> Importation:
    """Cut the document into a draft tree of articles, with the report of what was recognised."""
    if importation.statut != StatutImport.EN_LECTURE:
        return importation
    progress(0, 2, "Lecture et découpage du document")
    with open_judged(importation.document) as stored:
        source, body = kind_of(importation.document.nom), stored.read()
        notices = judge_document(body, importation.document.nom)
        answer = run_child(
            "read_document",
            stdin=f"{source}\n".encode() + body,
            timeout=READING_TIME,
            cpu=READING_TIME,
            output=256 << 20,
        )
    draft = json.loads(answer)
    if (cut := len(draft["articles"])) > MAX_ARTICLES:
        raise ImportRefused(
            f"Ce document se découpe en {format_nombre(cut)} articles\u202f; une pièce en a au plus"
            f" {format_nombre(MAX_ARTICLES)}. Partagez-le en plusieurs fichiers."
        )
    progress(1, 2, "Rangement des images")
    received, refused = _receive_images(by, importation.piece, draft.pop("images"))
    if refused:
        draft["rapport"]["non_reconnu"]["image_refusee"] = {
            "nombre": len(refused),
            "exemple": refused[0],
        }
    with transaction.atomic():
        hold_piece(importation.piece, by=by, action=Action.IMPORTATION_CORRECT, on=importation)
        fichiers = {
            cle: str(keep_image(by=by, piece=importation.piece, received=image).pk)
            for cle, image in received
        }
        importation.rapport = draft.pop("rapport")
        importation.rapport["remarques"][:0] = notices
        for article in draft["articles"]:
            article["corps"] = dump_doc(parse_doc(replace_images(article["corps"], fichiers)))
        importation.decoupage, importation.empreinte = draft, hash_draft(draft)
        importation.statut = StatutImport.A_VERIFIER
        importation.numero = 1
        with recording(by=by, tag="wikimarche:importation:read", obj=importation):
            importation.save(
                update_fields=["rapport", "decoupage", "empreinte", "statut", "numero"]
            )
    progress(2, 2, "Découpage à vérifier")
    return importation


@transaction.atomic
def refuse_importation(*, importation: Importation, raison: str) -> None:
    """Keep why a document could not be read, and its name; what the reader refused is not kept.

    What the antivirus refuses has its own trace, which stays.
    """
    fichier = importation.fichier
    if fichier is not None and not may_open(fichier.statut):
        fichier = None
    importation.statut = StatutImport.REFUSE
    importation.raison = raison[:500]
    nom = str(importation)
    if fichier is not None:
        importation.nom, importation.fichier = fichier.nom, None
    with recording(
        by=None,
        tag="wikimarche:importation:refused",
        obj=importation,
        details={"fichier": nom, "raison": importation.raison},
    ):
        importation.save(update_fields=["statut", "raison", "nom", "fichier"])
        if fichier is not None:
            discard_file(fichier)


@transaction.atomic
def correct_importation(
    *, by: User, importation: Importation, numero: int, operation: dict[str, Any]
) -> Importation:
    """Merge, split, promote or rename an article of the draft.

    numero: of the draft the person saw; raises Conflict when it changed meanwhile.
    """
    importation = _lock(importation, by=by)
    _hold_draft(importation, numero)
    try:
        correction = apply_operation(importation.decoupage["articles"], operation)
    except ImportRefused as error:
        raise AccessRefused(str(error), status=400) from error
    changed = slice(correction.place, correction.place + correction.apres)
    for row in correction.articles[changed]:
        _check_text(row)
    importation.annulations = [*importation.annulations, correction.as_json()][-MAX_UNDO:]
    _keep_draft(importation, correction.articles, by=by, verb="corrected")
    return importation


@transaction.atomic
def undo_correction(
    *, by: User, importation: Importation, numero: int | None = None
) -> Importation:
    """Take back the last correction of the draft.

    numero: of the draft the person saw, None when nobody looked at it; raises Conflict when it
    changed meanwhile: the last correction would then be somebody else's.
    """
    importation = _lock(importation, by=by)
    _hold_draft(importation, numero)
    if importation.annulations:
        *rest, last = importation.annulations
        importation.annulations = rest
        articles = take_back(importation.decoupage["articles"], last)
        _keep_draft(importation, articles, by=by, verb="reverted")
    return importation


@transaction.atomic
def accept_importation(
    *, by: User, importation: Importation, intitule: bool = False, numero: int | None = None
) -> int:
    """Add the articles of the draft after those of the pièce. Returns the version made.

    numero: of the draft the person saw, None when nobody looked at it; raises Conflict when it
    changed meanwhile, or is no longer the one whose digest the journal keeps.
    intitule: give the pièce the title the document has; the caller has checked that right too.
    """
    importation = _lock(importation, by=by)
    _hold_draft(importation, numero)
    piece = importation.piece
    articles = _build(piece, importation)
    if intitule and (titre := title_of(importation)):
        rename_piece(by=by, piece=piece, titre=titre)
    with writing(
        by=by,
        piece=piece,
        action=Action.PIECE_IMPORT,
        on=None,
        tag="wikimarche:piece:imported",
        genre=GenreVersion.IMPORT,
        nom=Truncator(f"Import de {importation.document.nom}").chars(120),
        resume=f"{len(articles)} articles",
        structure=True,
        details={
            "fichier": importation.document.nom,
            "empreinte": importation.document.sha256,
            "articles": str(len(articles)),
            "empreinte_decoupage": importation.empreinte,
        },
    ) as version:
        version.add_articles(articles)
        # The pièce is held: the version that closes this block is the one after the last.
        last = last_version(piece)
        importation.version = (last.numero if last else 0) + 1
        importation.statut = StatutImport.ACCEPTE
        importation.annulations, importation.empreinte_annulations = [], ""
        importation.save(
            update_fields=["statut", "version", "annulations", "empreinte_annulations"]
        )
    return version.numero


@transaction.atomic
def abandon_importation(*, by: User, importation: Importation) -> None:
    """Give the document up; its file stays, nothing enters the pièce."""
    importation = _lock(importation, by=by)
    importation.statut = StatutImport.ABANDONNE
    with recording(
        by=by,
        tag="wikimarche:importation:abandoned",
        obj=importation,
        details={"fichier": str(importation)},
    ):
        importation.save(update_fields=["statut"])


def hash_draft(decoupage: dict[str, Any] | list[dict[str, Any]]) -> str:
    """Hash a draft, or what its corrections replaced, by value, as the verification does; « » for none."""
    return json_digest(json.dumps(decoupage)) if decoupage else ""


def _hold_draft(importation: Importation, numero: int | None = None) -> None:
    """Refuse a draft that is not the one its reader saw, or that no correction made."""
    if numero is not None and importation.numero != numero:
        raise Conflict("Une autre personne vient de corriger ce découpage. Relisez-le d’abord.")
    # The journal has the last word: whoever rewrites a draft may rewrite the digest beside it.
    told = told_of(importation)
    if not told:
        raise Conflict(
            "La dernière ligne du journal sur ce document est caviardée\u202f: rien ne dit plus quel"
            " découpage a été relu. Écartez ce document, puis déposez-le de nouveau."
        )
    if told["empreinte"] != hash_draft(importation.decoupage) or told[
        "empreinte_annulations"
    ] != hash_draft(importation.annulations):
        raise Conflict(
            "Ce découpage a changé sans que personne ne l’ait corrigé ici\u202f: il n’est plus celui que le"
            " journal connaît. Écartez ce document, puis déposez-le de nouveau."
        )


def _keep_draft(
    importation: Importation, articles: list[dict[str, Any]], *, by: User, verb: str
) -> None:
    importation.decoupage = {**importation.decoupage, "articles": articles}
    importation.empreinte = hash_draft(importation.decoupage)
    importation.empreinte_annulations = hash_draft(importation.annulations)
    importation.numero += 1
    with recording(by=by, tag=f"wikimarche:importation:{verb}", obj=importation):
        importation.save(
            update_fields=[
                "annulations", "decoupage", "empreinte", "empreinte_annulations", "numero",
            ]
        )  # fmt: skip


def title_of(importation: Importation) -> str:
    """Title the document gives itself, when the pièce does not have it yet; else « »."""
    titre = str(importation.decoupage.get("titre", ""))
    return "" if titre == importation.piece.titre else titre


def _sent_already(
    by: User, piece: Piece, received: Received
) -> tuple[Importation, Job | None] | None:
    waiting = Importation.objects.filter(
        piece=piece,
        created_by=by,
        statut__in=[StatutImport.EN_LECTURE, StatutImport.A_VERIFIER],
        fichier__sha256=sha256(received.content).hexdigest(),
    ).select_related("fichier")
    importation = waiting.defer("decoupage", "annulations").first()
    if importation is None:
        return None
    return importation, Job.objects.filter(cle=f"importation:{importation.pk}").first()


def _keep(*, by: User, piece: Piece, received: Received) -> Importation:
    importation = Importation(piece=piece, created_by=by)
    with recording(
        by=by,
        tag="wikimarche:importation:received",
        obj=importation,
        details={"fichier": received.nom},
    ):
        importation.fichier = keep_received(by=by, received=received, chain=piece.marche_id)
        importation.full_clean()
        importation.save()
    return importation


def _receive_images(
    by: User, piece: Piece, images: list[dict[str, str]]
) -> tuple[list[tuple[str, Received]], list[str]]:
    """Judge the images a browser can show; the others leave their description in the text.

    Returns (those received by their key, a sentence for each of the others).
    """
    received, refused = [], []
    for image in images:
        content = base64.b64decode(image["contenu"])
        try:
            judged = receive_image(
                by=by, piece=piece, content=content, nom=clean_name(image["nom"])
            )
        except DocumentRefused as refusal:
            refused.append(f"{clean_name(image['nom'])}\u202f: {refusal}")
        else:
            received.append((image["cle"], judged))
    return received, refused


def _build(piece: Piece, importation: Importation) -> list[Article]:
    """Turn the levels of the draft into parents and order keys.

    An article keeps the identifier it was read with unless it is taken, as when one document is
    imported twice; cross-references follow it to its new one.
    """
    rows = importation.decoupage["articles"]
    tree = Tree(piece)
    if len(tree.by_id) + len(rows) > MAX_ARTICLES:
        raise Conflict(f"Une pièce a au plus {format_nombre(MAX_ARTICLES)} articles.")
    ids = _free_ids([UUID(row["id"]) for row in rows])
    renamed = {str(old): str(new) for old, new in ids.items() if old != new}
    path: list[UUID] = []
    last: dict[UUID | None, str | None] = {None: tree.last_rank(None)}
    articles = []
    for row in rows:
        _check_text(row)
        pk = ids[UUID(row["id"])]
        del path[row["niveau"] - 1 :]
        parent = path[-1] if path else None
        rang = last[parent] = rank_between(last.get(parent), None)
        path.append(pk)
        articles.append(
            Article(
                id=pk,
                piece=piece,
                parent_id=parent,
                rang=rang,
                titre=clean_titre(row["titre"]),
                corps=rename_renvois(row["corps"], renamed) if renamed else row["corps"],
                numerote=row["numerote"],
                provenance={
                    "importation": str(importation.pk),
                    "fichier": importation.document.nom,
                },
            )
        )
    return articles


def _check_text(row: dict[str, Any]) -> None:
    """Raise Conflict for a draft that could not be edited once it is an article."""
    try:
        parse_doc(row["corps"])
    except SchemaRefused as error:
        titre = f"«\u202f{row['titre']}\u202f»" if row["titre"] else "Cet article sans titre"
        raise Conflict(f"{titre} ne tient pas en un article. {error} Rien n’a changé.") from error


def _free_ids(wanted: list[UUID]) -> dict[UUID, UUID]:
    """Give each identifier itself, or a new one when an article already has it."""
    taken = set(Article.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    return {pk: uuid4() if pk in taken else pk for pk in wanted}


def _lock(importation: Importation, *, by: User) -> Importation:
    # The pièce first, as whoever writes in it: then the document.
    piece = hold_piece(importation.piece, by=by, action=Action.IMPORTATION_CORRECT, on=importation)
    locked = (
        Importation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("fichier")
        .get(pk=importation.pk)
    )
    if locked.statut != StatutImport.A_VERIFIER:
        raise Conflict(f"Ce document est à l’état «\u202f{locked.get_statut_display()}\u202f».")
    locked.piece = piece
    return locked

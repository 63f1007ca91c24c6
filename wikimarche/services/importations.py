"""From an incoming document to articles: receive, read, correct the cutting, accept."""

import base64
import json
from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID, uuid4

from django.db import transaction

from procurement.access.services import AccessRefused
from procurement.accounts.models import User
from procurement.audit.services import recording
from procurement.documents.enums import StatutFichier
from procurement.documents.services import (
    DocumentRefused,
    clean_name,
    judge_document,
    open_stored,
    read_bounded,
    run_child,
    store_file,
)
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue
from wikimarche.domain.importing import ImportRefused, rename_renvois, replace_images
from wikimarche.domain.importing.draft import apply_operation
from wikimarche.domain.rank import rank_between
from wikimarche.domain.schema import dump_doc, parse_doc
from wikimarche.enums import GenreVersion, StatutImport
from wikimarche.models import Article, Importation, Piece
from wikimarche.permissions import Action
from wikimarche.services.edits import clean_titre
from wikimarche.services.images import add_image
from wikimarche.services.structure import Tree
from wikimarche.services.versions import lock_piece, writing


SOURCES: dict[str, Literal["docx", "odt", "markdown"]] = {
    ".docx": "docx",
    ".odt": "odt",
    ".md": "markdown",
    ".markdown": "markdown",
}
MAX_UNDO = 50
READING_TIME = 120
"""Seconds a document may take to be read, in its closed child."""


@transaction.atomic
def receive_document(
    *, by: User, piece: Piece, content: bytes, nom: str
) -> tuple[Importation, Job]:
    """Judge a document, keep it, and ask for its reading.

    Raises DocumentRefused with a French sentence, in under a second; nothing is kept then.
    """
    importation = _keep(by=by, piece=piece, content=content, nom=nom)
    job = enqueue(
        "wikimarche:read_document",
        by=by,
        titre=f"Lecture de {importation.fichier.nom}",
        action=Action.IMPORTATION_CORRECT,
        objet=importation.pk,
        key=f"importation:{importation.pk}",
        params={"importation": str(importation.pk)},
    )
    return importation, job


def import_document(*, by: User, piece: Piece, content: bytes, nom: str) -> Importation:
    """Judge, read and accept in one go, for the command line; the cutting is taken as it is found.

    Raises DocumentRefused, ImportRefused, ChildFailed: nothing is written in the pièce then.
    """
    with transaction.atomic():
        importation = _keep(by=by, piece=piece, content=content, nom=nom)
        importation = read_document(by=by, importation=importation)
        accept_importation(by=by, importation=importation)
        importation.refresh_from_db(fields=["statut"])
    return importation


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
    with open_stored(importation.fichier) as stored:
        source = source_of(importation.fichier.nom)
        answer = run_child(
            "read_document",
            stdin=f"{source}\n".encode() + stored.read(),
            timeout=READING_TIME,
            cpu=READING_TIME,
            output=256 << 20,
        )
    draft = json.loads(answer)
    progress(1, 2, "Rangement des images")
    with transaction.atomic():
        fichiers = _keep_images(by, importation.piece, draft.pop("images"))
        importation.rapport = draft.pop("rapport")
        for article in draft["articles"]:
            article["corps"] = dump_doc(parse_doc(replace_images(article["corps"], fichiers)))
        importation.decoupage = draft
        importation.statut = StatutImport.A_VERIFIER
        importation.numero = 1
        with recording(by=by, tag="wikimarche:importation:read", obj=importation):
            importation.save(update_fields=["rapport", "decoupage", "statut", "numero"])
    progress(2, 2, "Découpage à vérifier")
    return importation


@transaction.atomic
def refuse_importation(*, importation: Importation, raison: str) -> None:
    """Keep why a document could not be read."""
    importation.statut = StatutImport.REFUSE
    importation.raison = raison[:500]
    with recording(
        by=None,
        tag="wikimarche:importation:refused",
        obj=importation,
        details={"fichier": importation.fichier.nom, "raison": importation.raison},
    ):
        importation.save(update_fields=["statut", "raison"])


@transaction.atomic
def correct_importation(
    *, by: User, importation: Importation, numero: int, operation: dict[str, Any]
) -> Importation:
    """Merge, split, promote or rename an article of the draft.

    numero: of the draft the person saw; raises AccessRefused (409) when it changed meanwhile.
    """
    importation = _lock(importation)
    if importation.numero != numero:
        raise AccessRefused(
            "Une autre personne vient de corriger ce découpage. Voici le sien.", status=409
        )
    before = importation.decoupage
    try:
        articles = apply_operation(before["articles"], operation)
    except ImportRefused as error:
        raise AccessRefused(str(error), status=400) from error
    importation.annulations = [*importation.annulations, before["articles"]][-MAX_UNDO:]
    importation.decoupage = {**before, "articles": articles}
    importation.numero += 1
    importation.save(update_fields=["annulations", "decoupage", "numero"])
    return importation


@transaction.atomic
def undo_correction(*, by: User, importation: Importation) -> Importation:
    """Take back the last correction of the draft."""
    importation = _lock(importation)
    if importation.annulations:
        *rest, last = importation.annulations
        importation.annulations = rest
        importation.decoupage = {**importation.decoupage, "articles": last}
        importation.numero += 1
        importation.save(update_fields=["annulations", "decoupage", "numero"])
    return importation


@transaction.atomic
def accept_importation(*, by: User, importation: Importation) -> int:
    """Add the articles of the draft after those of the pièce. Returns the version made."""
    importation = _lock(importation)
    piece = lock_piece(importation.piece)
    articles = _build(piece, importation)
    with writing(
        by=by,
        piece=piece,
        tag="wikimarche:piece:imported",
        genre=GenreVersion.IMPORT,
        nom=f"Import de {importation.fichier.nom}"[:120],
        resume=f"{len(articles)} articles",
        structure=True,
        details={
            "fichier": importation.fichier.nom,
            "empreinte": importation.fichier.sha256,
            "articles": str(len(articles)),
        },
    ) as version:
        version.add_articles(articles)
        importation.statut = StatutImport.ACCEPTE
        importation.annulations = []
        importation.save(update_fields=["statut", "annulations"])
    return version.numero


@transaction.atomic
def abandon_importation(*, by: User, importation: Importation) -> None:
    """Give the document up; its file stays, nothing enters the pièce."""
    importation = _lock(importation)
    importation.statut = StatutImport.ABANDONNE
    with recording(
        by=by,
        tag="wikimarche:importation:abandoned",
        obj=importation,
        details={"fichier": importation.fichier.nom},
    ):
        importation.save(update_fields=["statut"])


def source_of(nom: str) -> Literal["docx", "odt", "markdown"]:
    """Name the format of a judged file for the reader, from its extension."""
    return SOURCES[nom[nom.rfind(".") :].lower()]


def _keep(*, by: User, piece: Piece, content: bytes, nom: str) -> Importation:
    content = read_bounded(content)
    judge_document(content, nom)
    importation = Importation(piece=piece, created_by=by)
    with recording(
        by=by, tag="wikimarche:importation:received", obj=importation, details={"fichier": nom}
    ):
        importation.fichier = store_file(
            by=by,
            content=content,
            nom=nom,
            type_mime="application/octet-stream",
            chain=piece.marche_id,
            statut=StatutFichier.DEPOSEE,
        )
        importation.full_clean()
        importation.save()
    return importation


def _keep_images(by: User, piece: Piece, images: list[dict[str, str]]) -> dict[str, str]:
    """Keep the images a browser can show; the others leave their description in the text."""
    fichiers = {}
    for image in images:
        content = base64.b64decode(image["contenu"])
        try:
            made = add_image(by=by, piece=piece, content=content, nom=clean_name(image["nom"]))
        except DocumentRefused:
            continue
        fichiers[image["cle"]] = str(made.pk)
    return fichiers


def _build(piece: Piece, importation: Importation) -> list[Article]:
    """Turn the levels of the draft into parents and order keys.

    An article keeps the identifier it was read with unless it is taken, as when one document is
    imported twice; cross-references follow it to its new one.
    """
    rows = importation.decoupage["articles"]
    ids = _free_ids([UUID(row["id"]) for row in rows])
    renamed = {str(old): str(new) for old, new in ids.items() if old != new}
    path: list[UUID] = []
    last: dict[UUID | None, str | None] = {None: Tree(piece).last_rank(None)}
    articles = []
    for row in rows:
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
                provenance={"importation": str(importation.pk), "fichier": importation.fichier.nom},
            )
        )
    return articles


def _free_ids(wanted: list[UUID]) -> dict[UUID, UUID]:
    """Give each identifier itself, or a new one when an article already has it."""
    taken = set(Article.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    return {pk: uuid4() if pk in taken else pk for pk in wanted}


def _lock(importation: Importation) -> Importation:
    locked = (
        Importation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("fichier")
        .get(pk=importation.pk)
    )
    if locked.statut != StatutImport.A_VERIFIER:
        raise AccessRefused(
            f"Ce document est à l’état « {locked.get_statut_display()} ».", status=409
        )
    locked.piece = importation.piece
    return locked

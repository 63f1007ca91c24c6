"""Work of the pièces in the background. Each kind may run twice without harm."""

from django.urls import reverse

from procurement.documents.services import ChildFailed, DocumentRefused, store_file
from procurement.jobs.registry import JobPage
from procurement.jobs.services import JobFailed
from wikimarche.domain.importing import ImportRefused
from wikimarche.enums import FormatExport, StatutImport
from wikimarche.models import Importation, Piece
from wikimarche.reports.exports import write_export
from wikimarche.selectors import importations_open_to, pieces_visible_to
from wikimarche.services import read_document, refuse_importation


def export_piece(job, progress):
    """Write a version of a pièce and keep the file for the person who asked."""
    piece = Piece.objects.select_related("marche__organisation", "marche__direction").get(
        pk=job.objet
    )
    version = piece.versions.get(numero=job.params["version"])
    export = write_export(piece, version, FormatExport(job.params["format"]), progress)
    fichier = store_file(
        by=job.requested_by,
        content=export.content,
        nom=export.nom,
        type_mime=export.type_mime,
        chain=piece.marche_id,
    )
    return {"fichier": str(fichier.pk), "nom": export.nom, "taille": len(export.content)}


def pages_of_exports(jobs, user):
    """The pièce that was printed, for who still reads its marché. One query."""
    asked = [job.objet for job in jobs]
    pieces = pieces_visible_to(user).in_bulk(asked)
    return {
        job.pk: JobPage(
            retour_href=pieces[job.objet].get_absolute_url(), retour=str(pieces[job.objet])
        )
        for job in jobs
        if job.objet in pieces
    }


def pages_of_importations(jobs, user):
    """Where the cutting of a document is corrected, then the pièce that received it. Two queries.

    The first for who may correct it, nothing for who no longer reads the marché.
    """
    found = (
        Importation.objects.filter(piece__in=pieces_visible_to(user))
        .select_related("piece")
        .only("statut", "piece__titre", "piece__type")
        .in_bulk([job.objet for job in jobs])
    )
    hers = set(importations_open_to(user).filter(pk__in=found).values_list("pk", flat=True))
    return {
        job.pk: _page_of_importation(found[job.objet], corrects=job.objet in hers)
        for job in jobs
        if job.objet in found
    }


def _page_of_importation(importation, *, corrects):
    piece = importation.piece
    known = {"retour_href": piece.get_absolute_url(), "retour": str(piece)}
    if corrects:
        address = reverse("wikimarche:importation_detail", args=[importation.pk])
        return JobPage(address, "Vérifier le découpage", **known)
    said = {
        StatutImport.A_VERIFIER: "Son découpage attend qui écrit dans la pièce.",
        StatutImport.ACCEPTE: "Le document est dans la pièce.",
        StatutImport.ABANDONNE: "Le document est écarté.",
    }.get(importation.statut, "")
    return JobPage(known["retour_href"], "Ouvrir la pièce", said, **known)


def read_importation(job, progress):
    """Read an incoming document into a draft to correct; a refusal is kept with its reason."""
    importation = Importation.objects.select_related("piece__marche__organisation", "fichier").get(
        pk=job.objet
    )
    try:
        read_document(by=job.requested_by, importation=importation, progress=progress)
    except (ChildFailed, DocumentRefused, ImportRefused) as error:
        reason = getattr(error, "reason", "") or str(error)
        refuse_importation(importation=importation, raison=reason)
        raise JobFailed(reason) from error
    return {"importation": str(importation.pk)}

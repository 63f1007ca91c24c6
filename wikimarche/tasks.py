"""Work of the pièces in the background. Each kind may run twice without harm."""

from django.urls import reverse

from procurement.documents.services import ChildFailed, DocumentRefused, store_file
from procurement.jobs.services import JobFailed
from wikimarche.domain.importing import ImportRefused
from wikimarche.enums import FormatExport
from wikimarche.models import Importation, Piece, Version
from wikimarche.reports.exports import write_export
from wikimarche.services import read_document, refuse_importation


def export_piece(job, progress):
    """Write a version of a pièce and keep the file for the person who asked."""
    piece = Piece.objects.select_related("marche__organisation", "marche__direction").get(
        pk=job.params["piece"]
    )
    version = Version.objects.get(piece=piece, numero=job.params["version"])
    export = write_export(piece, version, FormatExport(job.params["format"]), progress)
    fichier = store_file(
        by=job.requested_by,
        content=export.content,
        nom=export.nom,
        type_mime=export.type_mime,
        chain=piece.marche_id,
    )
    return {"fichier": str(fichier.pk), "nom": export.nom, "taille": len(export.content)}


def page_of_importation(job):
    """Where the cutting of the document is corrected."""
    address = reverse("wikimarche:importation_detail", args=[job.params["importation"]])
    return address, "Vérifier le découpage"


def read_importation(job, progress):
    """Read an incoming document into a draft to correct; a refusal is kept with its reason."""
    importation = Importation.objects.select_related("piece__marche__organisation", "fichier").get(
        pk=job.params["importation"]
    )
    try:
        read_document(by=job.requested_by, importation=importation, progress=progress)
    except (ChildFailed, DocumentRefused, ImportRefused) as error:
        reason = getattr(error, "reason", "") or str(error)
        refuse_importation(importation=importation, raison=reason)
        raise JobFailed(reason) from error
    return {"importation": str(importation.pk)}

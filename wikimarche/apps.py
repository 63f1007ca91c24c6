"""Registers the app; registries are filled in ready()."""

from pathlib import Path

from django.apps import AppConfig


class WikimarcheConfig(AppConfig):
    name = "wikimarche"
    verbose_name = "Wiki-Marché"

    def ready(self):
        from procurement.access.registry import register_matrix, register_resource
        from procurement.audit.registry import add_files, annex, append_only, freeze, protect
        from procurement.documents.registry import OWN, Holder, register_holder, register_program
        from procurement.jobs.registry import register
        from procurement.marches.registry import (
            Panel,
            register_document_links,
            register_event_values,
            register_event_words,
            register_lacks,
            register_names,
            register_panel,
            register_places,
            register_points,
            register_portees,
            register_version_links,
            register_waiting,
        )
        from wikimarche import models, permissions, tasks
        from wikimarche.domain.events import EVENT_WORDS, MOVES_OF_PIECE
        from wikimarche.domain.redaction import EMPTIED
        from wikimarche.enums import StatutImport, StatutPiece
        from wikimarche.selectors import (
            document_links,
            list_portees,
            name_objects,
            piece_points,
            place_objects,
            place_pieces,
            text_lacks,
            version_links,
            waiting_importations,
            waiting_readings,
        )
        from wikimarche.services import follow_verdict
        from wikimarche.services.evidence import list_bytes_of_marche

        for resource in permissions.RESOURCES:
            register_resource(resource)
        register_matrix(permissions.MATRIX)
        register_event_words(EVENT_WORDS)
        register_event_values(MOVES_OF_PIECE, dict(StatutPiece.choices))
        register_panel(
            Panel(
                "pieces",
                "wikimarche/_panel.html",
                lambda request, marche: {"rangement": place_pieces(request.user, marche)},
            )
        )
        register_points(piece_points)
        register_portees(list_portees)
        register_version_links(version_links)
        register_document_links(document_links)
        register_names(name_objects)
        register_places(place_objects)
        register_lacks(text_lacks)
        register_waiting(waiting_importations)
        register_waiting(waiting_readings)
        here = Path(__file__).resolve().parent
        register_program(
            "read_document",
            here / "services" / "programs" / "read_document.py",
            {"wikimarche": here, "convert_word": OWN / "convert_word.py"},
        )
        register_holder("wikimarche", Holder(judged=follow_verdict))
        register("wikimarche:export_piece", run=tasks.export_piece, pages=tasks.pages_of_exports)
        register(
            "wikimarche:read_document",
            run=tasks.read_importation,
            pages=tasks.pages_of_importations,
        )

        protect(
            models.Piece,
            columns=("marche", "type", "titre", "rang", "statut", "created_at"),
            chain="marche",
        )
        protect(
            models.Article,
            columns=(
                "piece",
                "parent",
                "rang",
                "titre",
                "corps",
                "empreinte",
                "numero",
                "statut",
                "numerote",
                "motif_retrait",
                "provenance",
                "created_at",
            ),
            chain="piece__marche",
        )
        protect(
            models.Fil,
            columns=(
                "piece",
                "article",
                "genre",
                "statut",
                "citation",
                "version",
                "auteur",
                "instant",
            ),
            chain="piece__marche",
            # The order of acts, for open pages.
            exclude=("rang",),
        )
        freeze(
            models.Fil,
            columns=("id", "piece", "article", "genre", "version", "auteur", "instant"),
        )
        protect(
            models.Commentaire,
            columns=(
                "fil",
                "geste",
                "texte",
                "auteur",
                "instant",
                "corrige_le",
                "masque_par",
                "masque_motif",
            ),
            chain="fil__piece__marche",
        )
        freeze(models.Commentaire, columns=("id", "fil", "geste", "auteur", "instant"))
        add_files(list_bytes_of_marche)
        protect(
            models.Image,
            columns=("piece",),
            chain="piece__marche",
            versioned=False,
        )
        freeze(models.Image, columns=("fichier", "piece"))
        protect(
            models.Importation,
            columns=(
                "piece",
                "fichier",
                "nom",
                "statut",
                "rapport",
                "empreinte",
                "empreinte_annulations",
                "numero",
                "version",
                "raison",
                "created_by",
                "created_at",
            ),
            chain="piece__marche",
            versioned=False,
            # The journal keeps what the draft hashes to: a draft weighs as much as its document.
            digests={"empreinte": "decoupage", "empreinte_annulations": "annulations"},
        )
        reading, drafting = (
            (StatutImport.EN_LECTURE,),
            (StatutImport.EN_LECTURE, StatutImport.A_VERIFIER),
        )
        freeze(
            models.Importation,
            columns=("id", "piece", "created_by", "created_at"),
            state="statut",
            until={
                "fichier": reading,
                "nom": reading,
                "rapport": reading,
                "raison": reading,
                "statut": drafting,
                "decoupage": drafting,
                "empreinte": drafting,
                "annulations": drafting,
                "empreinte_annulations": drafting,
                "numero": drafting,
                "version": drafting,
            },
        )
        append_only(models.Version)
        append_only(models.Commit)
        annex(
            models.Version,
            nom="la version",
            subject=("article", "piece"),
            values={
                "version_faite": "numero",
                "genre": "genre",
                "empreinte_piece": "empreinte",
                "seance": "seance",
                "nom": "nom",
                "resume": "resume",
                "structure": "structure",
            },
            emptied={"nom": "Version caviardée", "resume": ""},
        )
        annex(
            models.Commit,
            nom="l’enregistrement",
            subject=("article",),
            values={"enregistrement": "numero", "titre_donne": "titre"},
            digests={"empreinte_pas": "pas", "empreinte_ecartes": "ecartes"},
            emptied={"pas": EMPTIED, "ecartes": [], "titre": None},
        )

"""Registers the app; registries are filled in ready()."""

from django.apps import AppConfig


class MarchesConfig(AppConfig):
    name = "procurement.marches"
    label = "marches"
    verbose_name = "Marchés"

    def ready(self):
        from procurement.access.registry import (
            register_functions,
            register_matrix,
            register_resource,
        )
        from procurement.accounts.registry import require_second_factor
        from procurement.audit.registry import freeze, hear_alerts, protect
        from procurement.jobs.registry import register
        from procurement.marches import models, permissions, tasks
        from procurement.marches.domain.events import EVENT_WORDS
        from procurement.marches.registry import (
            register_event_words,
            register_names,
            register_points,
            register_waiting,
        )
        from procurement.marches.selectors import fiche_points, waiting_answers, waiting_dates
        from procurement.marches.selectors.objets import name_objects
        from procurement.marches.services.acces import MAIL as MAIL_ACCES
        from procurement.marches.services.alerts import MAIL, tell_alert
        from procurement.marches.services.evidence import PACK

        for resource in permissions.RESOURCES:
            register_resource(resource)
        register_matrix(permissions.MATRIX)
        register_functions(permissions.general_roles)
        require_second_factor(permissions.gestions)
        register_event_words(EVENT_WORDS)
        register_points(fiche_points)
        register_names(name_objects)
        register_waiting(waiting_dates)
        register_waiting(waiting_answers)
        register(MAIL, run=tasks.mail_alert)
        register(MAIL_ACCES, run=tasks.mail_acces)
        register("marches:mail_invitation", run=tasks.mail_invitation)
        register(PACK, run=tasks.write_evidence_pack, pages=tasks.pages_of_packs)
        hear_alerts(tell_alert)

        protect(
            models.Marche,
            columns=(
                "organisation",
                "direction",
                "reference",
                "objet",
                "statut",
                "nature",
                "procedure",
                "technique",
                "cpv",
                "montant_estime",
                "duree_mois",
                "reconductions",
                "lieu_execution",
                "publication_prevue",
                "date_limite_offres",
                "attribution_prevue",
                "debut_execution",
                "partage_juridique",
                "created_at",
            ),
            chain="pk",
        )
        protect(
            models.Lot,
            columns=("marche", "numero", "intitule", "montant_estime", "retire"),
            chain="marche",
        )
        protect(
            models.Critere,
            columns=("marche", "lot", "rang", "intitule", "nature", "poids", "retire"),
            chain="marche",
        )
        protect(
            models.Participation,
            columns=("marche", "user", "role", "portee", "is_active", "created_at"),
            chain="marche",
        )
        protect(
            models.Invitation,
            columns=(
                "marche",
                "email",
                "role",
                "portee",
                "invited_by",
                "acceptee_par",
                "created_at",
                "expire_le",
                "fonction",
                "acceptee_le",
                "revoquee_le",
            ),
            chain="marche",
            versioned=False,
            # A private word, and the hash of a secret drawn again with each mail.
            exclude=("mot", "jeton_sha256"),
        )
        given = ("marche", "user", "motif", "ouvert_le", "expire_le")
        protect(
            models.AccesExceptionnel,
            columns=(*given, "fini_le", "ferme_par"),
            chain="marche",
        )
        freeze(models.AccesExceptionnel, columns=("id", *given))

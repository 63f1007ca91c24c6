"""States, natures and procedures of a marché. Values are those of the Code and of DECP."""

from django.db import models

from procurement.access.enums import Role


class StatutMarche(models.TextChoices):
    """From need to execution, in order."""

    BESOIN = "besoin", "Besoin"
    REDACTION = "redaction", "Rédaction"
    VISAS = "visas", "Visas"
    PUBLICATION = "publication", "Publication"
    OFFRES = "offres", "Offres"
    ATTRIBUTION = "attribution", "Attribution"
    EXECUTION = "execution", "Exécution"
    CLOS = "clos", "Clos"
    SANS_SUITE = "sans_suite", "Sans suite"
    INFRUCTUEUX = "infructueux", "Infructueux"


STEP_HELP = {
    StatutMarche.BESOIN: "On dit ce qu’il faut acheter, pour qui et combien.",
    StatutMarche.REDACTION: "Les pièces s’écrivent à plusieurs, chacun selon son rôle.",
    StatutMarche.VISAS: (
        "Les directions relisent et donnent leur accord. La plateforme ne recueille pas encore les"
        " visas : ils se donnent en dehors d’elle. La fiche et les pièces peuvent encore changer."
    ),
    StatutMarche.PUBLICATION: (
        "La fiche et les pièces ne changent plus. Ce passage ne publie rien : l’avis et le dossier"
        " se publient en dehors de la plateforme, sur votre profil d’acheteur."
    ),
    StatutMarche.OFFRES: (
        "Les entreprises remettent leurs offres jusqu’à la date limite, en dehors de la plateforme."
    ),
    StatutMarche.ATTRIBUTION: (
        "Vous analysez les offres et vous choisissez. Ce passage n’attribue ni ne notifie rien."
    ),
    StatutMarche.EXECUTION: (
        "Le titulaire exécute le marché, une fois la notification faite en dehors de la plateforme."
    ),
    StatutMarche.CLOS: "Le marché est terminé. Il reste lisible, avec son histoire.",
    StatutMarche.SANS_SUITE: (
        "L’achat s’arrête. Ce passage ne prévient personne : une fois la procédure lancée, les"
        " motifs sont dus aux entreprises qui y ont participé."
    ),
    StatutMarche.INFRUCTUEUX: (
        "Aucune offre n’est parvenue, ou aucune ne convient. Ce passage ne prévient personne."
    ),
}
"""What a step means, without promising an act that the platform does not do."""


class NatureMarche(models.TextChoices):
    """CCP, art. L1111-2 to L1111-4."""

    TRAVAUX = "travaux", "Travaux"
    FOURNITURES = "fournitures", "Fournitures"
    SERVICES = "services", "Services"


class Procedure(models.TextChoices):
    """CCP, art. L2120-1 to L2124-4."""

    SANS_PUBLICITE = (
        "sans_publicite",
        "Marché sans publicité ni mise en concurrence préalables",
    )
    ADAPTEE = "adaptee", "Procédure adaptée"
    APPEL_OFFRES_OUVERT = "appel_offres_ouvert", "Appel d’offres ouvert"
    APPEL_OFFRES_RESTREINT = "appel_offres_restreint", "Appel d’offres restreint"
    NEGOCIATION = "negociation", "Procédure avec négociation"
    DIALOGUE = "dialogue", "Dialogue compétitif"


class Technique(models.TextChoices):
    """Purchasing techniques, CCP, art. L2125-1; « aucune » for an ordinary marché."""

    AUCUNE = "aucune", "Marché ordinaire"
    ACCORD_CADRE_BONS = "accord_cadre_bons", "Accord-cadre à bons de commande"
    ACCORD_CADRE_SUBSEQUENTS = (
        "accord_cadre_subsequents",
        "Accord-cadre à marchés subséquents",
    )
    CONCOURS = "concours", "Concours"
    QUALIFICATION = "qualification", "Système de qualification"
    ACQUISITION_DYNAMIQUE = "acquisition_dynamique", "Système d’acquisition dynamique"
    CATALOGUE = "catalogue", "Catalogue électronique"
    ENCHERES = "encheres", "Enchères électroniques"


class RoleParticipation(models.TextChoices):
    """The five roles of the pilot, weakest first."""

    OBSERVATEUR = Role.OBSERVATEUR.value, "Observateur"
    COMMENTATEUR = Role.COMMENTATEUR.value, "Commentateur"
    MODERATEUR = Role.MODERATEUR.value, "Modérateur"
    EDITEUR = Role.EDITEUR.value, "Éditeur"
    GESTIONNAIRE = Role.GESTIONNAIRE.value, "Gestionnaire"


ROLE_HELP = {
    RoleParticipation.OBSERVATEUR: "Lit les pièces, compare leurs versions et les exporte.",
    RoleParticipation.COMMENTATEUR: (
        "Lit, compare et exporte\u202f; commente le texte, répond aux commentaires et les résout."
    ),
    RoleParticipation.MODERATEUR: (
        "Lit, compare, exporte et commente, comme le commentateur\u202f; masque un commentaire qui"
        " ne doit plus être lu."
    ),
    RoleParticipation.EDITEUR: (
        "Écrit la fiche et les pièces, commente, importe un document, restaure une version, envoie"
        " en relecture."
    ),
    RoleParticipation.GESTIONNAIRE: (
        "Tout ce que fait l’éditeur\u202f; invite, donne les rôles, lit l’histoire entière, mène le"
        " marché d’une étape à l’autre."
    ),
}
"""What a role allows today: each verb stands in the matrices, and nothing else is promised."""

GESTIONNAIRE_DE_TOUT = (
    "Un gestionnaire l’est de tout le marché\u202f: son rôle ne se limite pas à une pièce."
)

ROLE_OFFER = {
    RoleParticipation.OBSERVATEUR: "lire un marché",
    RoleParticipation.COMMENTATEUR: "commenter un marché",
    RoleParticipation.MODERATEUR: "commenter un marché",
    RoleParticipation.EDITEUR: "écrire un marché à plusieurs",
    RoleParticipation.GESTIONNAIRE: "gérer un marché à plusieurs",
}
"""What an invitation proposes: « vous invite à … »."""


PORTEE_HELP = {
    RoleParticipation.OBSERVATEUR: "Lit la pièce, compare ses versions et les exporte.",
    RoleParticipation.COMMENTATEUR: (
        "Lit la pièce, compare et exporte\u202f; commente le texte, répond aux commentaires et les"
        " résout."
    ),
    RoleParticipation.MODERATEUR: (
        "Lit la pièce, compare, exporte et commente, comme le commentateur\u202f; masque un"
        " commentaire qui ne doit plus être lu."
    ),
    RoleParticipation.EDITEUR: (
        "Écrit la pièce, commente, importe un document, restaure une version, envoie en relecture."
    ),
}
"""The same, for a role limited to one pièce."""

PORTEE_OFFER = {
    RoleParticipation.OBSERVATEUR: "lire une pièce de marché",
    RoleParticipation.COMMENTATEUR: "commenter une pièce de marché",
    RoleParticipation.MODERATEUR: "commenter une pièce de marché",
    RoleParticipation.EDITEUR: "écrire une pièce de marché avec vos collègues",
}


class NatureCritere(models.TextChoices):
    """What a criterion weighs. CCP, art. R2152-7."""

    PRIX = "prix", "Prix"
    COUT = "cout", "Coût global"
    TECHNIQUE = "technique", "Valeur technique"
    ENVIRONNEMENT = "environnement", "Environnement"
    SOCIAL = "social", "Social"
    DELAI = "delai", "Délai"
    AUTRE = "autre", "Autre"


class DureeAcces(models.IntegerChoices):
    """How long an exceptional access stands, in minutes. Never longer than a day."""

    DEMI_HEURE = 30, "30\u00a0minutes"
    UNE_HEURE = 60, "1\u00a0heure"
    QUATRE_HEURES = 240, "4\u00a0heures"
    UN_JOUR = 1440, "24\u00a0heures"

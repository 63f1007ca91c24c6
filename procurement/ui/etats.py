"""Every state the screens show: its icon, its word, its tone. A state is never told by colour alone."""

from typing import NamedTuple


class Etat(NamedTuple):
    """What a reader sees of a state."""

    icone: str
    mot: str
    ton: str
    """bleu, sapin, ocre, rouge, violet, feuille, or empty for the second ink."""


# family → stored value → what is shown. The stored values are those of the apps' enums.
ETATS: dict[str, dict[str, Etat]] = {
    "piece": {
        "brouillon": Etat("pencil", "Brouillon", ""),
        "en_relecture": Etat("eye", "En relecture", "bleu"),
        "en_visa": Etat("hourglass-split", "En visa", "ocre"),
        "vise": Etat("patch-check", "Visée", "sapin"),
        "publie": Etat("send", "Publiée", "sapin"),
        "retire": Etat("archive", "Retirée", ""),
    },
    "avis": {
        "question": Etat("question-circle", "Question", "bleu"),
        "correction": Etat("pencil", "Correction", "bleu"),
        "avis_juridique": Etat("bank", "Avis juridique", "violet"),
        "objection_bloquante": Etat("exclamation-octagon-fill", "Objection bloquante", "rouge"),
        "suggestion": Etat("pencil-square", "Suggestion", "bleu"),
        "resolu": Etat("check2", "Résolu", "sapin"),
    },
    "enregistrement": {
        "enregistre": Etat("cloud-check", "Enregistré", "sapin"),
        "en_cours": Etat("arrow-repeat", "Enregistrement", "bleu"),
        "hors_ligne": Etat("cloud-slash", "Hors ligne, votre texte est gardé ici", "ocre"),
        "conflit": Etat("exclamation-triangle", "Un autre texte est arrivé", "rouge"),
    },
    "fichier": {
        "deposee": Etat("upload", "Déposé", "bleu"),
        "en_analyse": Etat("hourglass-split", "En analyse", "violet"),
        "saine": Etat("check2", "Sain", "sapin"),
        "infectee": Etat("x-octagon", "Refusé\u202f: logiciel malveillant", "rouge"),
        "analyse_indisponible": Etat("exclamation-triangle", "Analyse indisponible", "ocre"),
        "integrite_rompue": Etat("x-octagon", "Intégrité rompue", "rouge"),
        "produite": Etat("file-earmark-check", "Produit par la plateforme", ""),
    },
    "job": {
        "en_file": Etat("clock", "En attente", ""),
        "en_cours": Etat("hourglass-split", "En cours", "bleu"),
        "fait": Etat("check2-circle", "Fait", "sapin"),
        "echec": Etat("x-octagon", "Échec", "rouge"),
        "annule": Etat("slash-circle", "Annulé", ""),
    },
    "changement": {
        "texte": Etat("pencil", "Texte", "bleu"),
        "ajout": Etat("plus-lg", "Ajouté", "bleu"),
        "retrait": Etat("dash-lg", "Retiré", "rouge"),
        "deplacement": Etat("arrows-move", "Déplacé", "violet"),
        "renumerotation": Etat("hash", "Renuméroté", ""),
        "tableau": Etat("table", "Tableau", "bleu"),
    },
}


def get_etat(famille: str, valeur: str) -> Etat:
    """Return what is shown of a state. Raises KeyError with both names when it is unknown."""
    try:
        return ETATS[famille][str(valeur)]
    except KeyError:
        raise KeyError(f"No state {valeur!r} in the family {famille!r} of ui.etats.") from None

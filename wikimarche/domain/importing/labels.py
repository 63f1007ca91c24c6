"""What an import leaves aside, in words: one table, a label and what it means for the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Left(NamedTuple):
    """A kind of thing left aside. exemple: as it stands in the document, or « »."""

    libelle: str
    explication: str
    nombre: int
    exemple: str


COMMENTAIRES = (
    "Commentaires",
    "Ils n’entrent pas dans le texte\u202f; ils sont gardés avec l’import, auteur et date compris.",
)
MODIFICATIONS = (
    "Modifications suivies",
    (
        "Le texte est celui d’avant les propositions\u202f: les insertions n’y sont pas, les "
        "suppressions y sont encore. Elles sont gardées avec l’import, auteur et date compris."
    ),
)
LABELS: Mapping[str, tuple[str, str]] = {
    "balise_html": ("Balises HTML", "Leur texte est gardé quand elles en ont."),
    "bloc_de_code": ("Blocs de code", "Leur texte devient un paragraphe."),
    "caractere_invisible": (
        "Caractères invisibles retirés",
        "Ils changent l’ordre ou l’espacement des signes sans se voir (␦ marque leur place).",
    ),
    "cellule_hors_du_tableau": (
        "Cellules hors du tableau",
        "Leur texte est dans la dernière cellule de la ligne.",
    ),
    "colonnes_au_dela_de_60": (
        "Tableaux de plus de 60 colonnes",
        "Le texte des colonnes suivantes est dans la dernière cellule de la ligne.",
    ),
    "en_tete_ou_pied_de_page": (
        "En-têtes et pieds de page",
        "Ils ne font pas partie du texte\u202f; l’export écrit les siens.",
    ),
    "filet_horizontal": ("Filets horizontaux", "Ils ne sont pas repris."),
    "formule": ("Formules", "Elles deviennent du texte\u202f: relisez-les."),
    "graphique": ("Graphiques", "Ils ne sont pas repris\u202f: remplacez-les par des images."),
    "image_absente_du_fichier": (
        "Images absentes du fichier",
        "Leur description prend leur place.",
    ),
    "image_au_format_non_affichable": (
        "Images d’un format qui ne s’affiche pas",
        "Leur description prend leur place\u202f: enregistrez-les en PNG ou en JPEG.",
    ),
    "image_non_reprise": (
        "Images non reprises",
        "Elles étaient dans un dessin, un cadre ou une note\u202f: ajoutez-les au texte s’il en a besoin.",
    ),
    "note_non_reprise": (
        "Notes non reprises",
        "Leur appel n’avait pas de place dans le texte\u202f: relisez le fichier.",
    ),
    "image_distante": (
        "Images hors du document",
        "Elles ne sont pas chargées\u202f; leur description prend leur place.",
    ),
    "image_refusee": (
        "Images refusées",
        "Leur description prend leur place\u202f: corrigez-les, puis ajoutez-les au texte.",
    ),
    "image_rognee": (
        "Images rognées",
        "Seule la partie visible dans le document est reprise.",
    ),
    "image_rognee_entiere": (
        "Images rognées dans le document, reprises entières",
        "Elles sont à la taille de leur partie visible\u202f: rognez-les, puis remplacez-les dans le texte.",
    ),
    "lettrine_ou_cadre": ("Lettrines et cadres", "Leur texte est gardé, sans le cadre."),
    "libelle_en_style_de_titre": (
        "Libellés en style de titre",
        "Ils finissent par deux-points, sans numéro parmi des titres numérotés\u202f: ce sont des paragraphes.",
    ),
    "lien_interne_sans_cible": (
        "Liens internes sans cible",
        "Leur texte est gardé, sans le lien.",
    ),
    "lien_refuse": (
        "Liens refusés",
        "Leur texte est gardé\u202f; seules les adresses http, https et mailto sont reprises.",
    ),
    "ligne_de_tableau_suivie": (
        "Lignes de tableau ajoutées ou retirées en suivi",
        "Ces lignes sont dans le tableau\u202f: regardez si elles doivent y rester.",
    ),
    "liste_trop_profonde": ("Listes trop profondes", "Leurs derniers niveaux n’en font qu’un."),
    "metadonnee": (
        "Sous-titre, auteur ou date en tête du document",
        "Ils n’entrent pas dans le texte.",
    ),
    "mise_en_forme_suivie": (
        "Mises en forme suivies",
        "Seule la mise en forme actuelle est lue.",
    ),
    "objet_incorpore": ("Objets incorporés", "Tableurs et dessins ne sont pas repris."),
    "petites_capitales": ("Petites capitales", "Le texte est gardé, sans elles."),
    "signe_de_police_de_symboles": (
        "Signes d’une police de symboles",
        "Aucun signe ordinaire ne leur est connu\u202f: ▯ marque leur place, relisez-la.",
    ),
    "smartart": ("Schémas SmartArt", "Ils ne sont pas repris\u202f: remplacez-les par des images."),
    "sous_document": ("Documents inclus", "Leur contenu n’est pas repris."),
    "style_de_titre_sur_un_paragraphe": (
        "Titres trop longs pour en être",
        "Ce sont des phrases\u202f: elles sont devenues des paragraphes.",
    ),
    "surlignage": ("Surlignages", "Le texte est gardé, sans la couleur."),
    "tableau_imbrique": (
        "Tableaux dans des tableaux",
        "Chaque ligne du tableau intérieur est devenue un paragraphe.",
    ),
    "tableau_ouvert": (
        "Tableaux ouverts en texte",
        (
            "Leur texte est gardé, sans le cadre\u202f: un titre encadré, un tableau dans un autre, "
            "ou un tableau vide."
        ),
    ),
    "texte_barre": ("Texte barré", "Le texte est gardé, et il n’est plus barré\u202f: relisez-le."),
    "texte_masque": (
        "Texte masqué",
        "Il est dans le texte, où chacun le lit\u202f: retirez-le s’il n’y a pas sa place.",
    ),
    "titre_dans_un_tableau_ou_une_liste": (
        "Titres dans un tableau ou une liste",
        "Ils y restent, en gras\u202f: ils ne sont pas des articles.",
    ),
    "zone_de_texte": (
        "Zones de texte",
        "Leur texte suit le paragraphe où elles étaient ancrées.",
    ),
}
OTHERS = ("Autres éléments", "Ils n’ont pas de place dans un article.")


def tell_left(rapport: Mapping[str, Any], decoupage: Mapping[str, Any]) -> list[Left]:
    r"""List what was left aside, the words of people first; counts and examples from the report.

    >>> tell_left({"non_reconnu": {"formule": {"nombre": 2, "exemple": "x"}}}, {})[0][:3]
    ('Formules', 'Elles deviennent du texte\u202f: relisez-les.', 2)
    """
    rows = []
    if count := int(rapport.get("tracked_changes", 0)):
        rows.append((*MODIFICATIONS, count, _first(decoupage.get("suggestions"), "nature")))
    if count := int(rapport.get("comments", 0)):
        rows.append((*COMMENTAIRES, count, _first(decoupage.get("commentaires"), "auteur")))
    for kind, found in rapport.get("non_reconnu", {}).items():
        libelle, explication = LABELS.get(kind, OTHERS)
        rows.append((libelle, explication, int(found["nombre"]), str(found["exemple"])))
    return [
        Left(libelle, explication, nombre, exemple)
        for libelle, explication, nombre, exemple in rows
    ]


def _first(remarks: Any, said: str) -> str:
    """Quote the first remark that has words: « insertion : quarante »."""
    for remark in remarks or ():
        if remark["texte"].strip():
            lead = str(remark[said]).replace("_", " ")
            return f"{lead}\u202f: {remark['texte']}" if lead else str(remark["texte"])
    return ""

"""How the technical clauses of the cleaning marché were written."""

from procurement.demo.recit import Recit
from procurement.demo.reprises import PRESTATAIRE, borrow, undo


ANCIEN_CONTRAT = ("Organisation des prestations", "Produits et matériels", "Agents et formation")

# Each list: (as first written, as it should read).
COQUILLES = (
    ("sont signalées comme telle.", "sont signalées comme telles."),
    ("sous reserve d’équivalence", "sous réserve d’équivalence"),
    ("Toute absence est compensé dans", "Toute absence est compensée dans"),
    ("sans attendre l’éxpertise", "sans attendre l’expertise"),
    ("Un panneau signal tout sol humide", "Un panneau signale tout sol humide"),
    ("Les lavettes rouge sont réservées", "Les lavettes rouges sont réservées"),
    ("appliqué sur le chifon et jamais", "appliqué sur le chiffon et jamais"),
    ("qu’après un affichage de huits jours", "qu’après un affichage de huit jours"),
    (
        "Le transvasement dans un contenant alimentaires est",
        "Le transvasement dans un contenant alimentaire est",
    ),
    ("est garanti par une ventilation d’apoint", "est garanti par une ventilation d’appoint"),
)
TERRAIN = (
    ("| Vider les corbeilles de tri à l’étage | 5 fois par semaine |",
     "| Vider les corbeilles de tri à l’étage | 2 fois par semaine |"),
    ("| Dépoussiérer les plans de travail libres | 2 fois par semaine |",
     "| Dépoussiérer les plans de travail libres | 1 fois par semaine |"),
    ("| Laver les escaliers et contremarches | 1 fois par mois |",
     "| Laver les escaliers et contremarches | 1 fois par semaine |"),
    ("| Aspirer les tapis d’entrée, relever leurs bords | 1 fois par jour |",
     "| Aspirer les tapis d’entrée, relever leurs bords | 2 fois par jour |"),
    ("| Dégivrer et laver le réfrigérateur | 1 fois par an |",
     "| Dégivrer et laver le réfrigérateur | 1 fois par semestre |"),
    ("| Confort | 48 h | Tache isolée, distributeur vide |",
     "| Confort | 24 h | Tache isolée, distributeur vide |"),
    ("suit au plus 40 000 m² et trente agents", "suit au plus 25 000 m² et vingt agents"),
    ("Un distributeur vide plus d’une demi-journée", "Un distributeur vide plus de deux heures"),
    ("est fixé à 75.", "est fixé à 80."),
)  # fmt: skip
LYCEES = (
    ("entre 8 h et 18 h, par équipe de deux", "entre 9 h et 16 h, par équipe de deux"),
    ("| Nettoyer et désinfecter les sanitaires d’étage | 3 fois par semaine |",
     "| Nettoyer et désinfecter les sanitaires d’étage | 1 fois par jour |"),
    ("| Essuyer les tables | 1 fois par semaine |", "| Essuyer les tables | 2 fois par semaine |"),
    ("| Mi-juillet à mi-août | 4 | Fermeture |",
     "| Mi-juillet à mi-août | 4 | Fermeture, permanence d’urgence |"),
    ("À défaut, l’agent les monte lui-même.", "À défaut, l’agent nettoie les passages et le signale."),
)  # fmt: skip
DURABLE = (
    ("une liste d’au plus quinze produits", "une liste d’au plus huit produits"),
    ("Sont interdits : les produits", "Sont interdits : l’eau de Javel, sauf ordre écrit de l’acheteur ; les produits"),
    ("d’au moins cent lavages", "d’au moins trois cents lavages"),
    ("| Papier hygiénique | 60 % fibres recyclées | Rouleau de grande contenance |",
     "| Papier hygiénique | 100 % fibres recyclées, sans chlore, sans mandrin | Rouleau de grande contenance |"),
    ("| Sacs de tri | 50 % de matière recyclée | Carton |",
     "| Sacs de tri | 80 % de matière recyclée, épaisseur adaptée | Carton |"),
    ("La cible est une diminution de 10 % en quatre ans", "La cible est une diminution de 30 % en quatre ans"),
    ("La désinfection est réservée aux sanitaires et aux consignes",
     "La désinfection est réservée aux sanitaires, aux fluides corporels et aux consignes"),
    ("vise 6 litres d’eau par mètre carré", "vise 4,5 litres d’eau par mètre carré"),
)  # fmt: skip


def roughen(text: str) -> str:
    """Give the first draft."""
    text = undo(text, COQUILLES, TERRAIN, LYCEES, DURABLE)
    return borrow(text, ANCIEN_CONTRAT, PRESTATAIRE)


def write_first(cctp: Recit) -> None:
    """Yann and Jeanne hold the pen."""
    e, d = "editeur", "editrice"
    cctp.edit(
        e,
        "dans les sites de la Région Armor-Loire,",
        "dans les sites de l’acheteur ({{organisation.nom}}),",
    )
    for rank, (first, final) in enumerate(COQUILLES):
        cctp.edit((e, d)[rank % 2], first, final)
    cctp.harmonise(e, dict(PRESTATAIRE), "Organisation des prestations")
    cctp.harmonise(e, dict(PRESTATAIRE), "Agents et formation")
    cctp.name(e, "Première écriture")


def hear_field(cctp: Recit) -> None:
    """What the sites and the lycées ask for."""
    e, d, g = "editeur", "editrice", "gestionnaire"
    for first, final in TERRAIN:
        cctp.amend(e, first, final)
    for first, final in LYCEES:
        cctp.amend(d, first, final)
    cctp.add(
        d,
        "Rentrée et retour des internes",
        "La veille de la rentrée et de chaque retour de vacances, les chambres sont aérées, les sanitaires purgés et les matelas contrôlés.",
        "La livraison est constatée avec la vie scolaire, étage par étage, avant 14 h.",
        after="Internats",
    )
    cctp.add_row(
        d,
        "Retirer les chewing-gums et graffitis",
        "Nettoyer les casiers des élèves",
        "Aux grandes vacances",
    )
    cctp.indent(d, "Rentrée et retour des internes")
    cctp.write(
        e,
        "Par temps de pluie, un tapis complémentaire",
        "Les jours de marché ou de session plénière, un agent reste affecté au hall.",
        "Il oriente les visiteurs vers l’accueil.",
    )
    cctp.split(e, "L’eau et l’électricité sont fournies", "Eau et électricité des prestations")
    cctp.merge(e, "Eau et électricité des prestations")
    cctp.name(g, "Envoi aux directions")


def make_durable(cctp: Recit) -> None:
    """Aïcha passes after them; one change too many is undone."""
    e, a, g = "editeur", "commentateur", "gestionnaire"
    cctp.harmonise(a, dict(PRESTATAIRE), "Produits et matériels")
    for first, final in DURABLE:
        cctp.amend(a, first, final)
    cctp.add_row(
        a,
        "Lessive des textiles",
        "Liquide vaisselle",
        "Écolabel européen ou équivalent, sans colorant",
        "Certificat",
    )
    cctp.add(
        a,
        "Perturbateurs endocriniens",
        "Le titulaire déclare, pour chaque produit, l’absence de substance inscrite sur les listes européennes de perturbateurs endocriniens.",
        "Il remplace dans le mois un produit dont une substance vient à y être inscrite.",
        after="Produits interdits",
    )
    cctp.move(a, "Biodiversité et lumière", after="Eau et énergie")
    cctp.rename(
        a, "Sobriété et bilan environnemental", "Sobriété, biodiversité et bilan environnemental"
    )
    before = cctp.name(g, "Retour des achats durables")
    cctp.edit(
        e,
        "s’applique aux deux lots ; les stipulations",
        "s’applique aux deux lots et à leurs annexes ; les stipulations",
    )
    cctp.retire(e, "Essais comparatifs", "Aucun site pilote n’est encore désigné")
    cctp.edit(e, "avec l’aide des occupants volontaires", "avec l’aide des agents d’accueil")
    cctp.restore_all(g, before)


def read_as_jurists(cctp: Recit) -> None:
    """Inès and Claire close it."""
    g = "gestionnaire"
    cctp.edit(g, "Il s’applique aux deux lots", "Il s’applique à chacun des deux lots")
    cctp.write(
        "juriste.adjointe",
        "Il est rédigé en obligation de résultat.",
        "Les moyens imposés le sont pour la santé des agents et la préservation des bâtiments.",
        "Ils ne limitent pas cette obligation.",
    )
    cctp.edit(
        "juriste.adjointe",
        "L’outil ne dépose aucun traceur",
        "L’outil ne dépose aucun traceur publicitaire ou statistique",
    )
    cctp.outdent(g, "Rentrée et retour des internes")
    cctp.name("juriste.adjointe", "Relecture juridique")

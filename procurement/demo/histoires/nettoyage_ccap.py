"""How the administrative clauses of the cleaning marché were written."""

from procurement.demo.recit import Recit
from procurement.demo.reprises import PRESTATAIRE, REGION, borrow, undo
from wikimarche.enums import GenreFil


ANCIEN_CONTRAT = (
    "Protection des personnes et des données",
    "Vérification et admission",
    "Pénalités",
    "Assurances et responsabilité",
    "Vie de l’accord-cadre",
)
"""Chapters borrowed from the former contract, which says « prestataire »."""
FINANCES = (
    "Prix",
    "Règlement des comptes",
    "Résiliation",
    "Annexe relative aux données personnelles",
)
"""Chapters borrowed from other contracts, which say « la Région »."""

# Each list: (as first written, as it should read).
COQUILLES = (
    ("ne peut être émis au delà et le", "ne peut être émis au-delà et le"),
    ("déclarant le connaitre", "déclarant le connaître"),
    ("dans un batiment inoccupé", "dans un bâtiment inoccupé"),
    ("dans les quarantes-huit heures après", "dans les quarante-huit heures après"),
    ("dans les cinqs jours, en indiquant", "dans les cinq jours, en indiquant"),
    ("par tout moyens appropriés avant", "par tout moyen approprié avant"),
    ("de soixante dix heures ou plus", "de soixante-dix heures ou plus"),
    ("sans pouvoir l’entravé", "sans pouvoir l’entraver"),
    ("la date limite de remises des offres", "la date limite de remise des offres"),
    ("Le refus de signé est mentionné", "Le refus de signer est mentionné"),
    ("ou le solde restant si il est", "ou le solde restant s’il est"),
    ("Les dommages causées aux revêtements", "Les dommages causés aux revêtements"),
    ("pour un même manquements, avec", "pour le même manquement, avec"),
    ("sont assuré sans véhicule", "sont assurés sans véhicule"),
    ("jusqu’à preuve contraires. Elles", "jusqu’à preuve contraire. Elles"),
    ("Le moyen est essayer à chaque", "Le moyen est essayé à chaque"),
    ("les notifications faite à la dernière", "les notifications faites à la dernière"),
    ("présentée à la réunion trimestriel qui", "présentée à la réunion trimestrielle qui"),
)
ARBITRAGES = (
    ("Lorsque 90 % du montant maximum", "Lorsque 80 % du montant maximum"),
    ("dans la limite de 10 % de la surface", "dans la limite de 15 % de la surface"),
    ("une avance de 10 % est versée", "une avance de 20 % est versée"),
    ("La hausse annuelle est plafonnée à 3 %", "La hausse annuelle est plafonnée à 4 %"),
    ("qui ne peut être inférieure à 15 %", "qui ne peut être inférieure à 10 %"),
    ("l’écart est inférieur à 5 % de la surface", "l’écart est inférieur à 3 % de la surface"),
    ("plafonné à 20 % du montant hors taxe", "plafonné à 10 % du montant hors taxe"),
    ("une prime égale à 0,5 % du forfait", "une prime égale à 1 % du forfait"),
    ("une indemnité de 5 % du montant", "une indemnité de 3 % du montant"),
    ("| De 60 à 69 | Réfaction | Réfaction de 10 % |", "| De 60 à 69 | Réfaction | Réfaction de 12 % |"),
    ("| Perte d’une clé ou d’un badge non signalée dans l’heure | 100 € | Par objet |",
     "| Perte d’une clé ou d’un badge non signalée dans l’heure | 200 € | Par objet |"),
    ("| Agent sans équipement de protection | 50 € | Par agent et par constat |",
     "| Agent sans équipement de protection | 100 € | Par agent et par constat |"),
    ("dans les quatre heures ouvrées de son dépôt", "dans les deux heures ouvrées de son dépôt"),
    ("d’indisponibilité de plus de huit heures ouvrées", "d’indisponibilité de plus de quatre heures ouvrées"),
    ("dans la limite de 20 % du forfait mensuel du site", "dans la limite de 10 % du forfait mensuel du site"),
    ("L’essai dure six mois au plus", "L’essai dure trois mois au plus"),
    ("quatre thèmes, notés de 1 à 10 :", "quatre thèmes, notés de 1 à 5 :"),
    ("| Qualité du service | Notes des sites, anomalies closes dans le délai, satisfaction des occupants | 50 % |",
     "| Qualité du service | Notes des sites, anomalies closes dans le délai, satisfaction des occupants | 40 % |"),
    ("Une enquête courte est menée tous les deux ans auprès", "Une enquête courte est menée chaque année auprès"),
)  # fmt: skip
ACHATS_DURABLES = (
    ("groupées, au plus deux fois par mois", "groupées, au plus une fois par mois"),
    ("contiennent au moins 60 % de matière", "contiennent au moins 80 % de matière"),
    ("réserve au moins 5 % des heures", "réserve au moins 8 % des heures"),
    ("ne commence pas avant 6 h", "ne commence pas avant 7 h"),
    ("À partir de la troisième année, les déplacements",
     "À partir de la deuxième année, les déplacements"),
    ("Les désodorisants d’ambiance et les blocs pour cuvettes sont déconseillés.",
     "Les désodorisants d’ambiance, les blocs pour cuvettes et les lingettes jetables sont interdits."),
    ("Au moins le tiers des personnes", "Au moins la moitié des personnes"),
    ("| Travail en journée | Heures effectuées entre 7 h et 19 h / heures totales | 70 % | 90 % |",
     "| Travail en journée | Heures effectuées entre 7 h et 19 h / heures totales | 85 % | 95 % |"),
    ("| Eau consommée | Litres par mètre carré et par an | 6,0 | 5,5 |",
     "| Eau consommée | Litres par mètre carré et par an | 6,0 | 4,5 |"),
    ("| Temps partiel subi | Contrats de moins de 24 h / contrats | 30 % | 25 % |",
     "| Temps partiel subi | Contrats de moins de 24 h / contrats | 30 % | 15 % |"),
    ("| Engagements sociaux | Heures d’insertion, formation | 20 % |",
     "| Engagements sociaux | Heures d’insertion, formation, travail en journée, stabilité des équipes | 25 % |"),
    ("| Engagements environnementaux | Produits et eau | 15 % |",
     "| Engagements environnementaux | Produits, eau, déchets, déplacements | 20 % |"),
)  # fmt: skip
RELECTURE = (
    ("au plus tard deux mois avant la date anniversaire",
     "au plus tard un mois avant la date anniversaire"),
    ("dans un délai raisonnable. Par dérogation", "dans un délai de huit jours. Par dérogation"),
    ("qui sont des tâches sensibles au sens", "qui sont des tâches essentielles au sens"),
    ("Une chaîne trop longue n’est pas admise", "Une chaîne de plus de deux rangs n’est pas admise"),
    ("l’accord-cadre est résilié sans indemnité, aux frais",
     "l’accord-cadre peut être résilié sans indemnité, aux frais"),
    ("Son silence vaut acceptation.", "Son silence ne vaut pas acceptation."),
    ("n’y figurerait pas est nulle.", "n’y figurerait pas est réputée non écrite."),
    ("dans le mois suivant le jour où le différend",
     "dans les deux mois suivant le jour où le différend"),
    ("Le droit français est applicable et", "Le droit français est seul applicable et"),
    ("avec les documents utiles. À défaut", "avec les indices et le calcul. À défaut"),
    ("dans le mois ; son silence vaut accord.", "dans le mois ; son silence vaut refus."),
    ("La mise en demeure n’est pas nécessaire en cas d’urgence.",
     "La mise en demeure n’est pas nécessaire lorsque le manquement est irréparable."),
    ("Elles ont un caractère libératoire", "Elles n’ont pas de caractère libératoire"),
    ("est présentée au moins un mois avant la date envisagée", "est présentée au moins deux mois avant la date envisagée"),
    ("opposable avant son accord.", "opposable avant la conclusion de l’avenant."),
    ("Elles font foi entre les parties, jusqu’à", "Elles font foi de leur date entre les parties, jusqu’à"),
    ("et est invité à l’éloigner", "et peut être invité à l’éloigner"),
    ("Elles ne valent pas bon de commande.", "Elles ne valent ni bon de commande, ni ordre de service."),
    ("Ces exemples sont donnés pour la compréhension. Leurs valeurs sont inventées.",
     "Les exemples qui suivent sont donnés pour la compréhension. Leurs valeurs sont inventées ; en cas de contradiction, l’article illustré prévaut."),
)  # fmt: skip


def roughen(text: str) -> str:
    """Give the first draft."""
    text = undo(text, COQUILLES, ARBITRAGES, ACHATS_DURABLES, RELECTURE)
    return borrow(borrow(text, ANCIEN_CONTRAT, PRESTATAIRE), FINANCES, REGION)


def write_first(ccap: Recit) -> None:
    """Claire takes the former contract; Yann brings the field; the fiche fills the figures."""
    g, e = "gestionnaire", "editeur"
    ccap.edit(
        g,
        "ayant pour objet le nettoyage des locaux administratifs et des lycées de la Région.",
        "ayant pour objet : {{marche.objet}}.",
    )
    ccap.edit(g, "une durée de 48 mois à compter", "une durée de {{marche.duree_mois}} à compter")
    ccap.edit(
        g,
        "courant débute le premier jour du septième mois qui suit la notification.",
        "courant débute le {{marche.debut_execution}}.",
    )
    ccap.edit(
        g,
        "L’acheteur est la Région Armor-Loire, collectivité",
        "L’acheteur est : {{organisation.nom}}, SIRET {{organisation.siret}}, collectivité",
    )
    ccap.edit(
        g,
        "du suivi est la Direction du patrimoine et des moyens généraux.",
        "du suivi est la {{marche.direction}}.",
    )
    for first, final in COQUILLES[:9]:
        ccap.edit(e, first, final)
    ccap.harmonise(g, dict(PRESTATAIRE), "Pénalités")
    ccap.harmonise(g, dict(PRESTATAIRE), "Vérification et admission")
    for first, final in COQUILLES[9:]:
        ccap.edit(g, first, final)
    ccap.write(
        e,
        "Les chefs d’établissement des lycées ne sont pas habilités",
        "Une liste nominative des personnes habilitées à commander est annexée à l’ordre de service de démarrage.",
        "Elle est mise à jour à chaque mouvement.",
    )
    ccap.rename(g, "Notifications et computation des délais", "Notifications et calcul des délais")
    ccap.move(g, "Prestations similaires", after="Montants maximums")
    ccap.name(g, "Première écriture")


def hear_directions(ccap: Recit) -> None:
    """The draft goes round the directions: finance, lycées, buildings."""
    g, e, d = "gestionnaire", "editeur", "editrice"
    ccap.name(g, "Envoi aux directions")
    for rank, (first, final) in enumerate(ARBITRAGES):
        ccap.amend((g, e, d)[rank % 3], first, final)
    ccap.harmonise(e, dict(PRESTATAIRE), "Vie de l’accord-cadre")
    ccap.harmonise(e, dict(PRESTATAIRE), "Assurances et responsabilité")
    ccap.harmonise(g, dict(REGION), "Prix")
    ccap.harmonise(g, dict(REGION), "Règlement des comptes")
    ccap.add_row(
        d,
        "Retard d’une intervention d’urgence",
        "Internat non livré à l’heure du retour des élèves",
        "250 €",
        "Par heure et par étage",
    )
    ccap.add_item(
        d,
        "la fermeture temporaire d’un bâtiment",
        "l’ouverture d’un internat pendant une période prévue sans hébergement.",
    )
    ccap.edit(d, "ou pour vacances scolaires.", "ou pour vacances scolaires ;")
    ccap.write(
        d,
        "justifient, préalablement à leur affectation,",
        "La liste des agents affectés à un internat est remise au chef d’établissement.",
        "Aucun remplacement n’y est fait sans qu’il en soit prévenu.",
    )
    ccap.add(
        d,
        "Accès des agents aux internats",
        "Les agents interviennent dans les internats pendant l’absence des élèves, par équipe de deux.",
        "Les clés des chambres sont remises et rendues contre signature, à la vie scolaire, chaque jour.",
        after="Sécurité des sites",
    )
    ccap.indent(d, "Accès des agents aux internats")
    ccap.retire(
        e,
        "Dégradations constatées par les agents",
        "Déjà traité par l’outil de signalement du cahier technique",
    )
    ccap.split(
        g, "Il produit chaque année, avant le 31 janvier", "Justificatifs annuels d’assurance"
    )
    ccap.up(e, "Clause de réexamen")
    ccap.move(g, "Lutte contre le travail dissimulé", after="Conditions de travail des agents")
    ccap.name(g, "Retour des directions")


def make_durable(ccap: Recit) -> None:
    """Aïcha, made éditrice for the time of her chapter, strengthens it."""
    a, g = "commentateur", "gestionnaire"
    for first, final in ACHATS_DURABLES:
        ccap.amend(a, first, final)
    ccap.write(
        a,
        "Le recours à l’eau ozonée",
        "Une méthode équivalente peut être proposée en cours d’exécution.",
        "Elle est essayée trois mois sur un site avant d’être étendue.",
    )
    ccap.add(
        a,
        "Économie circulaire",
        "Les matériels sont réparés avant d’être remplacés ; le titulaire conserve les pièces détachées pendant la durée de l’accord-cadre.",
        "En fin de contrat, les matériels encore en état sont proposés à une structure du réemploi.",
        after="Déchets et emballages",
    )
    ccap.add_row(
        a,
        "Litres labellisés / litres employés",
        "Textiles réemployés",
        "Textiles réparés ou réaffectés / textiles usés",
        "20 %",
        "60 %",
    )
    ccap.add_item(
        a,
        "les personnes placées sous main de justice",
        "les proches aidants qui reprennent un emploi après une interruption d’un an ;",
    )
    ccap.rename(a, "Clauses environnementales", "Clauses environnementales d’exécution")
    ccap.edit(
        a,
        "et l’évacuation des déchets.",
        "et l’évacuation des biodéchets et des ordures résiduelles.",
    )
    ccap.edit(
        g, "de la déprécarisation du temps partiel subi", "de la réduction du temps partiel subi"
    )
    ccap.show_criteres(
        g, "Les engagements sociaux et environnementaux de l’offre retenue sont contractuels."
    )
    ccap.name(g, "Retour des achats durables")


def read_as_jurists(ccap: Recit) -> None:
    """Inès writes, on Marc’s remarks; Claire settles; one change too many is undone."""
    i, g, e = "juriste.adjointe", "gestionnaire", "editeur"
    for first, final in RELECTURE:
        ccap.edit(i, first, final)
    ccap.harmonise(i, dict(PRESTATAIRE), "Protection des personnes et des données")
    ccap.harmonise(i, dict(REGION), "Résiliation")
    ccap.harmonise(i, dict(REGION), "Annexe relative aux données personnelles")
    ccap.edit(
        i,
        "sont récapitulées au dernier article du présent cahier.",
        "sont récapitulées à l’[[Dérogations au CCAG-FCS]].",
    )
    ccap.add_row(
        i,
        "Réserves aux ordres de service",
        "Observations avant pénalité",
        "Procédure contradictoire",
        "Délai de huit jours",
    )
    ccap.merge(i, "Localisation et durée de conservation")
    before = ccap.name(g, "Avant relecture des pénalités")
    ccap.edit(
        e,
        "encourt une pénalité égale à 10 % du montant",
        "encourt une pénalité égale à 15 % du montant",
    )
    ccap.strike(e, "Une pénalité n’est pas appliquée lorsque")
    ccap.restore(i, "Pénalités pour travail dissimulé", before)
    ccap.restore(i, "Principes", before)
    ccap.retire(g, "Primes", "Le budget de la prime n’est pas ouvert")
    ccap.reinstate(g, "Primes")
    ccap.down(g, "Élection de domicile")
    ccap.edit(g, "Elles sont appliquées après que", "Elles ne sont appliquées qu’après que")
    ccap.rename(i, "Principes", "Principes d’application")
    ccap.edit(
        i,
        "Par dérogation au CCAG-FCS, elles sont dues",
        "Par dérogation à l’article 14 du CCAG-FCS, elles sont dues",
    )
    ccap.edit(
        i,
        "dans les cas prévus par le CCAG-FCS et",
        "dans les cas prévus au chapitre 7 du CCAG-FCS et",
    )
    ccap.name("juriste.adjointe", "Relecture juridique")


def discuss(ccap: Recit) -> None:
    """What the last reading left: two answers given, a legal opinion, an objection that waits."""
    a, e, i, j = "commentateur", "editeur", "juriste.adjointe", "juriste"
    reuse = ccap.comment(
        a,
        "une structure du réemploi",
        "Une seule, ou une par département ? Les lycées sont loin les uns des autres.",
    )
    ccap.answer(
        e, reuse, "Une par département : nous les nommerons au démarrage, avec le titulaire."
    )
    first = ccap.comment(
        a,
        "dès le premier euro",
        "Même pour les sites de moins de cent mètres carrés ?",
        GenreFil.QUESTION,
    )
    ccap.answer(
        i, first, "Oui. Le plafond des pénalités les protège, il est inchangé.", resolve=True
    )
    ccap.comment(
        i,
        "mis en mesure de présenter ses observations",
        "La lettre doit dire le manquement et la pénalité envisagée. Je joins le modèle de courrier à la note de passation.",
        GenreFil.AVIS,
    )
    ccap.comment(
        j,
        "une prime égale à 1 % du forfait annuel",
        "La prime n’est ni estimée ni inscrite au budget. Son financement doit être écrit avant de publier.",
        GenreFil.OBJECTION,
    )
    ccap.comment_whole(
        a,
        "Économie circulaire",
        "Rapprocher cet article de l’annexe sur le réemploi ?",
        GenreFil.CORRECTION,
    )

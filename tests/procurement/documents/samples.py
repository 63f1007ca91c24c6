"""A believable CCTP, as plain data: what the report of a pièce receives."""

OBJET = (
    "Fourniture, livraison et entretien de mobilier scolaire réemployé pour les lycées de la région"
)
TITRES = {
    "Objet et périmètre": ["Objet du marché", "Allotissement", "Lieux d’exécution", "Durée"],
    "Pièces constitutives": ["Ordre de priorité", "Normes applicables", "Textes de référence"],
    "Exigences techniques": ["Structure", "Assises et plateaux", "Quincaillerie", "Finitions"],
    "Exigences environnementales": ["Réemploi", "Matières recyclées", "Transport", "Emballages"],
    "Livraison et montage": ["Prise de rendez-vous", "Déchargement", "Montage", "Reprise"],
    "Vérifications et admission": ["Opérations de vérification", "Ajournement", "Réfaction"],
    "Entretien et réparation": ["Délais d’intervention", "Pièces détachées", "Fin de vie"],
    "Suivi du marché": ["Interlocuteurs", "Rapport annuel", "Réunions de revue"],
}
PARAGRAPHES = [
    (
        "Le titulaire fournit des tables, des chaises et des rangements issus du réemploi pour au moins"
        " 60\u00a0% des quantités commandées, mesurées en nombre d’unités sur chaque période de douze"
        " mois. Les éléments neufs ne sont admis que lorsque le gisement est épuisé, ce que le titulaire"
        " établit par écrit avant l’émission du bon de commande."
    ),
    (
        "Le montant maximal de l’accord-cadre est fixé à 1\u202f240\u202f000\u00a0€ hors taxes sur sa"
        " durée totale\u202f; aucun minimum n’est garanti. Les commandes sont passées par bons de"
        " commande successifs, au fur et à mesure des besoins des établissements."
    ),
    (
        "Chaque lot livré est accompagné d’une fiche de traçabilité indiquant l’origine des éléments, la"
        " nature des remises en état, les produits employés et leurs émissions de composés organiques"
        " volatils (≤\u00a050\u00a0µg/m³ à 28\u00a0jours), ainsi que la masse de matière réemployée."
    ),
    (
        "Avant toute livraison, le titulaire prend l’attache du gestionnaire de l’établissement au moins"
        " cinq jours ouvrés à l’avance. Les livraisons ont lieu hors des heures d’entrée et de sortie"
        " des élèves, et les emballages réutilisables sont repris le jour même."
    ),
]
NOTE = (
    "Au sens de l’article L.\u00a0541-1-1 du code de l’environnement\u202f: toute opération par"
    " laquelle des produits qui ne sont pas des déchets sont utilisés de nouveau."
)
LIGNES = [
    (
        "Table double, plateau 130\u00a0×\u00a050\u00a0cm",
        "NF EN 1729-1, taille 6",
        "1\u202f850",
        "118,00",
    ),
    ("Chaise empilable, coque bois", "NF EN 1729-2", "3\u202f700", "46,50"),
    (
        "Armoire basse à portes coulissantes",
        "Charge ≥\u00a040\u00a0kg par tablette",
        "240",
        "189,90",
    ),
    (
        "Tableau blanc émaillé 200\u00a0×\u00a0120\u00a0cm",
        "Surface garantie 25\u00a0ans",
        "96",
        "231,00",
    ),
]


def make_tableau(lignes=4):
    rows = "".join(
        f"<tr><td><p>{nom}</p></td><td><p>{exigence}</p></td>"
        f'<td align="right"><p>{quantite}</p></td><td align="right"><p>{prix}</p></td></tr>'
        for nom, exigence, quantite, prix in (LIGNES * (lignes // 4 + 1))[:lignes]
    )
    head = "".join(
        f"<th{align}><p>{titre}</p></th>"
        for titre, align in [
            ("Désignation", ""),
            ("Exigence", ""),
            ("Quantité", ' align="right"'),
            ("Prix unitaire (€ HT)", ' align="right"'),
        ]
    )
    return f'<table class="wm-tab" data-b="aaaaaaaa"><tbody><tr>{head}</tr>{rows}</tbody></table>'


def make_corps(rang):
    p = [PARAGRAPHES[(rang + step) % 4] for step in range(4)]
    corps = f"<p data-b='bbbbbbbb'>{p[0]}</p>"
    if rang % 3 == 0:
        corps += (
            f'<p>{p[1]}<span class="wm-note-bas" data-texte="{NOTE}"></span> Les dispositions de'
            f' l’<a class="wm-renvoi" href="#a-{rang // 2}">article {rang // 2}</a> s’appliquent.</p>'
        )
    if rang % 4 == 1:
        corps += (
            "<p>Le titulaire remet\u202f:</p><ul><li><p>le relevé des quantités livrées, par"
            " établissement\u202f;</p></li><li><p>les certificats des matériaux employés\u202f:</p>"
            '<ol type="a"><li><p>bois et panneaux\u202f;</p></li><li><p>peintures et colles\u202f;</p>'
            "</li></ol></li><li><p>le bilan des reprises et de leur destination.</p></li></ul>"
        )
    if rang % 5 == 2:
        corps += make_tableau(4 + rang % 9)
    if rang % 7 == 3:
        corps += f"<h4>Cas particulier</h4><p>{p[2]}</p><blockquote><p>{p[3]}</p></blockquote>"
    if rang % 2:
        corps += f"<p>{p[2]}</p><p>{p[3]}</p>"
    return corps


def make_piece(tours=3, **plus):
    """Plain context of a pièce; 3 turns make about 40 pages."""
    articles, rang = [], 0
    for tour in range(tours):
        for titre, sous in TITRES.items():
            haut = len([row for row in articles if row["niveau"] == 1]) + 1
            articles.append(
                {
                    "id": rang,
                    "numero": str(haut),
                    "niveau": 1,
                    "titre": titre if not tour else f"{titre}, tranche {tour + 1}",
                    "html": make_corps(rang) if haut % 2 else "",
                }
            )
            rang += 1
            for place, nom in enumerate(sous, 1):
                articles.append(
                    {
                        "id": rang,
                        "numero": f"{haut}.{place}",
                        "niveau": 2,
                        "titre": nom,
                        "html": make_corps(rang),
                    }
                )
                rang += 1
                if place == 2:
                    articles.append(
                        {
                            "id": rang,
                            "numero": f"{haut}.{place}.1",
                            "niveau": 3,
                            "titre": "Modalités particulières",
                            "html": make_corps(rang),
                        }
                    )
                    rang += 1
    return {
        "organisation": "Région Centre-Val de Loire",
        "direction": "Direction de l’éducation et de la jeunesse",
        "marche": OBJET,
        "reference": "2026-DEJ-014",
        "piece_titre": "Cahier des clauses techniques particulières",
        "piece_court": "CCTP",
        "piece_type": "CCTP",
        "version": "37",
        "version_nom": "Pour publication",
        "instant": "12 mars 2026 à 14\u202fh\u202f05",
        "instant_iso": "2026-03-12T14:05:00+01:00",
        "empreinte": "3f9a01bc77de4b5a9c0d11e2f3a4b5c6d7e8f90123456789abcdef0011223344",
        "articles": articles,
        "visas": [
            {"libelle": "Juridique", "nom": "Claire Ménard", "instant": "10 mars 2026"},
            {"libelle": "Budget", "nom": "Yann Le Goff", "instant": "11 mars 2026"},
        ],
    } | plus

"""The other marchés: one per state, each with its pièces and a few hands."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from procurement.demo.marches import Histoire, People, R
from procurement.demo.recit import Recit
from procurement.marches.enums import NatureMarche, Procedure, StatutMarche, Technique
from procurement.marches.models import Marche
from procurement.marches.services import move_marche, share_marche, update_marche
from wikimarche.enums import TypePiece
from wikimarche.services import submit_piece, withdraw_piece


PARIS = ZoneInfo("Europe/Paris")


def _go(marche: Marche, people: People, by: str, *statuts: StatutMarche) -> None:
    for statut in statuts:
        move_marche(by=people[by], marche=marche, statut=statut)


def _promotionnels(marche: Marche, people: People) -> None:
    note = Recit.start(
        marche, people, by="moderateur", type=TypePiece.NOTE, texte="promotionnels-note.md",
        titre="Définition du besoin",
    )  # fmt: skip
    note.edit("commentateur", "à vingt-cinq références", "à vingt références")
    note.add_item("commentateur", "livraison groupée", "reprise des invendus par le fournisseur ;")
    note.edit(
        "moderateur", "Qui tient le stock : chaque direction", "Qui tient le stock : une direction"
    )
    note.name("moderateur", "Pour la réunion des directions")


def _transports(marche: Marche, people: People) -> None:
    _go(marche, people, "gestionnaire", StatutMarche.REDACTION)
    cctp = Recit.start(
        marche, people, by="editrice", type=TypePiece.CCTP, texte="transports-cctp.md"
    )
    cctp.edit("editrice", "n’excède pas 50 minutes", "n’excède pas 45 minutes")
    cctp.amend(
        "gestionnaire",
        "| 1104 | Trévilly-sur-Loire | Lycée Suzanne-Lacore | 49 | 71 |",
        "| 1104 | Trévilly-sur-Loire | Lycée Suzanne-Lacore | 52 | 74 |",
    )
    cctp.add_row("editrice", "1105", "1106", "Les Landes-Guérin", "Lycée du Bocage", "27", "39")
    cctp.write(
        "gestionnaire", "Le titulaire assure le transport quotidien",
        "Le service est assuré pendant {{marche.duree_mois}} à compter du {{marche.debut_execution}}.",
    )  # fmt: skip
    cctp.name("gestionnaire", "Version soumise aux directions")
    share_marche(by=people["gestionnaire"], marche=marche, partage=True)
    submit_piece(by=people["gestionnaire"], piece=cctp.piece)
    _go(marche, people, "gestionnaire", StatutMarche.VISAS)


def _mobilier(marche: Marche, people: People) -> None:
    _go(marche, people, "moderateur", StatutMarche.REDACTION)
    cctp = Recit.start(marche, people, by="editeur", type=TypePiece.CCTP, texte="mobilier-cctp.md")
    cctp.edit("editeur", "n’excède pas 15 % en masse", "n’excède pas 10 % en masse")
    cctp.edit(
        "moderateur",
        "est situé à moins de 150 km du siège",
        "est situé sur le territoire régional ou à moins de 150 km",
    )
    cctp.edit("moderateur", "ou à moins de 150 km", "ou à moins de 150 km du siège")
    cctp.add_row("editeur", "Cloison acoustique", "Vestiaire", "30", "Réemploi", "2 ans")
    numero = cctp.name("moderateur", "Version publiée")
    cctp.edit("editeur", "Les rayures superficielles sont admises.", "Les rayures sont admises.")
    cctp.restore("moderateur", "État et sécurité", numero)
    _go(
        marche, people, "moderateur", StatutMarche.VISAS, StatutMarche.PUBLICATION,
        StatutMarche.OFFRES, StatutMarche.ATTRIBUTION, StatutMarche.EXECUTION,
    )  # fmt: skip


def _denrees(marche: Marche, people: People) -> None:
    _go(marche, people, "moderateur", StatutMarche.REDACTION)
    cctp = Recit.start(marche, people, by="editrice", type=TypePiece.CCTP, texte="denrees-cctp.md")
    cctp.edit("editrice", "une pénalité de 150 €", "une pénalité de 120 €")
    cctp.name("moderateur", "Version publiée")
    note = Recit.start(
        marche, people, by="moderateur", type=TypePiece.NOTE, texte="denrees-note.md",
        titre="Retour d’expérience",
    )  # fmt: skip
    note.edit(
        "editrice",
        "une rencontre avec les producteurs avant d’écrire",
        "une rencontre avec les producteurs, en ferme, avant d’écrire",
    )
    share_marche(by=people["moderateur"], marche=marche, partage=True)
    _go(
        marche, people, "moderateur", StatutMarche.VISAS, StatutMarche.PUBLICATION,
        StatutMarche.OFFRES,
    )  # fmt: skip
    move_marche(
        by=people["moderateur"], marche=marche, statut=StatutMarche.INFRUCTUEUX,
        motif="Aucune offre remise à la date limite.",
    )  # fmt: skip


def _etude(marche: Marche, people: People) -> None:
    _go(marche, people, "gestionnaire", StatutMarche.REDACTION)
    cctp = Recit.start(marche, people, by="editeur", type=TypePiece.CCTP, texte="etude-cctp.md")
    cctp.edit("editeur", "visite trente bâtiments", "visite quarante bâtiments")
    cctp.edit(
        "gestionnaire",
        "fixés avec l’acheteur avant tout calcul",
        "fixés avec l’acheteur, par écrit, avant tout calcul",
    )
    cctp.name("gestionnaire", "Version publiée")
    annexe = Recit.start(
        marche, people, by="editeur", type=TypePiece.ANNEXE, titre="Plans des lycées"
    )
    annexe.add(
        "editeur",
        "Liste des plans",
        "Les plans sont remis sur demande, après engagement de confidentialité.",
    )
    withdraw_piece(by=people["gestionnaire"], piece=annexe.piece)
    _go(
        marche, people, "gestionnaire", StatutMarche.VISAS, StatutMarche.PUBLICATION,
        StatutMarche.OFFRES,
    )  # fmt: skip


def _voirie(marche: Marche, people: People) -> None:
    _go(marche, people, "mairie", StatutMarche.REDACTION)
    cctp = Recit.start(marche, people, by="travaux", type=TypePiece.CCTP, texte="voirie-cctp.md")
    cctp.edit("travaux", "à hauteur de 40 % au moins", "à hauteur de 50 % au moins")
    cctp.edit(
        "mairie", "La cale reste utilisable deux heures", "La cale reste utilisable trois heures"
    )
    update_marche(by=people["mairie"], marche=marche, duree_mois=8)


PROMOTIONNELS = Histoire(
    reference="2026-DCP-021",
    objet="Objets promotionnels durables",
    body="region",
    direction="DCP",
    by="moderateur",
    fiche={
        "nature": NatureMarche.FOURNITURES,
        "procedure": Procedure.ADAPTEE,
        "technique": Technique.ACCORD_CADRE_BONS,
        "cpv": "39294100-0",
        "montant_estime": 110_000,
        "duree_mois": 36,
        "lieu_execution": "Siège et antennes de la Région",
    },
    lots=(("Textiles et bagagerie", 60_000), ("Objets utiles du quotidien", 35_000), ("Artisanat de la région", 15_000)),
    roles={"commentateur": R.EDITEUR, "gestionnaire": R.EDITEUR, "finances": R.COMMENTATEUR},
    attente=("musee@demo.example", R.COMMENTATEUR),
    tell=_promotionnels,
)  # fmt: skip
TRANSPORTS = Histoire(
    reference="2026-DLE-008",
    objet="Transports scolaires, secteur Vallée de l’Oust",
    body="region",
    direction="DLE",
    by="gestionnaire",
    fiche={
        "nature": NatureMarche.SERVICES,
        "procedure": Procedure.APPEL_OFFRES_OUVERT,
        "cpv": "60130000-8",
        "montant_estime": 2_360_000,
        "duree_mois": 60,
        "reconductions": 1,
        "lieu_execution": "Vallée de l’Oust",
        "publication_prevue": date(2026, 12, 14),
        "date_limite_offres": datetime(2027, 2, 5, 12, 0, tzinfo=PARIS),
        "attribution_prevue": date(2027, 4, 20),
        "debut_execution": date(2027, 9, 1),
    },
    criteres=(
        ("Prix", "prix", 45),
        ("Qualité du service", "technique", 30),
        ("Émissions et bruit des véhicules", "environnement", 25),
    ),
    roles={"editrice": R.EDITEUR, "commentateur": R.COMMENTATEUR, "observateur": R.OBSERVATEUR, "moderateur": R.MODERATEUR},
    tell=_transports,
)  # fmt: skip
MOBILIER = Histoire(
    reference="2025-DPMG-032",
    objet="Mobilier de bureau issu du réemploi",
    body="region",
    direction="DPMG",
    by="moderateur",
    fiche={
        "nature": NatureMarche.FOURNITURES,
        "procedure": Procedure.APPEL_OFFRES_OUVERT,
        "technique": Technique.ACCORD_CADRE_BONS,
        "cpv": "39130000-2",
        "montant_estime": 480_000,
        "duree_mois": 48,
        "lieu_execution": "Siège et lycées",
        "publication_prevue": date(2025, 9, 8),
        "date_limite_offres": datetime(2025, 10, 17, 12, 0, tzinfo=PARIS),
        "attribution_prevue": date(2025, 12, 1),
        "debut_execution": date(2026, 1, 12),
    },
    criteres=(("Prix", "prix", 40), ("Valeur technique", "technique", 30), ("Réemploi et insertion", "social", 30)),
    roles={"editeur": R.EDITEUR, "gestionnaire": R.COMMENTATEUR, "observateur": R.OBSERVATEUR},
    tell=_mobilier,
)  # fmt: skip
DENREES = Histoire(
    reference="2026-DLE-003",
    objet="Légumes secs et céréales biologiques pour les lycées",
    body="region",
    direction="DLE",
    by="moderateur",
    fiche={
        "nature": NatureMarche.FOURNITURES,
        "procedure": Procedure.ADAPTEE,
        "technique": Technique.ACCORD_CADRE_BONS,
        "cpv": "03212200-2",
        "montant_estime": 86_000,
        "duree_mois": 24,
        "lieu_execution": "Quatorze lycées",
        "publication_prevue": date(2026, 3, 2),
        "date_limite_offres": datetime(2026, 4, 3, 12, 0, tzinfo=PARIS),
    },
    criteres=(("Prix", "prix", 60), ("Qualité des denrées", "technique", 40)),
    roles={"editrice": R.EDITEUR, "commentateur": R.COMMENTATEUR, "gestionnaire": R.OBSERVATEUR},
    tell=_denrees,
)  # fmt: skip
ETUDE = Histoire(
    reference="2026-DPMG-019",
    objet="Étude de rénovation de l’éclairage des lycées",
    body="region",
    direction="DPMG",
    by="gestionnaire",
    fiche={
        "nature": NatureMarche.SERVICES,
        "procedure": Procedure.ADAPTEE,
        "cpv": "71314300-5",
        "montant_estime": 130_000,
        "duree_mois": 8,
        "lieu_execution": "Région Armor-Loire",
        "publication_prevue": date(2026, 10, 19),
        "date_limite_offres": datetime(2026, 12, 4, 12, 0, tzinfo=PARIS),
        "attribution_prevue": date(2027, 1, 18),
    },
    criteres=(("Méthode et équipe", "technique", 60), ("Prix", "prix", 40)),
    roles={"editeur": R.EDITEUR, "finances": R.COMMENTATEUR, "commentateur": R.COMMENTATEUR},
    tell=_etude,
)  # fmt: skip
VOIRIE = Histoire(
    reference="2026-ST-004",
    objet="Réfection de la rue du Port",
    body="commune",
    direction="ST",
    by="mairie",
    fiche={
        "nature": NatureMarche.TRAVAUX,
        "procedure": Procedure.ADAPTEE,
        "cpv": "45233140-2",
        "montant_estime": 690_000,
        "duree_mois": 7,
        "lieu_execution": "Port-Lannec",
    },
    lots=(("Voirie et assainissement pluvial", 560_000), ("Plantations", 130_000)),
    roles={"travaux": R.EDITEUR},
    tell=_voirie,
)

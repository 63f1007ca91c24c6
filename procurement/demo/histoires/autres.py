"""The other marchés: one per state, each with its pièces and a few hands."""

from procurement.demo.horloge import Jour, go, wait
from procurement.demo.marches import Histoire, People, R
from procurement.demo.recit import Recit
from procurement.marches.enums import NatureMarche, Procedure, StatutMarche, Technique
from procurement.marches.models import Marche
from procurement.marches.services import move_marche, share_marche, update_marche
from wikimarche.enums import TypePiece
from wikimarche.services import submit_piece, withdraw_piece


def _go(marche: Marche, people: People, by: str, *statuts: StatutMarche) -> None:
    for statut in statuts:
        wait()
        move_marche(by=people[by], marche=marche, statut=statut)


def _share(marche: Marche, people: People, by: str) -> None:
    wait()
    share_marche(by=people[by], marche=marche, partage=True)


def _submit(recit: Recit, by: str) -> None:
    """The furthest a pièce goes so far: visas and publication are not built."""
    wait()
    submit_piece(by=recit.people[by], piece=recit.piece)


def _promotionnels(marche: Marche, people: People) -> None:
    note = Recit.start(
        marche, people, by="moderateur", type=TypePiece.NOTE, texte="promotionnels-note.md",
        titre="Définition du besoin",
    )  # fmt: skip
    go(9)
    note.edit("commentateur", "à vingt-cinq références", "à vingt références")
    note.add_item("commentateur", "livraison groupée", "reprise des invendus par le fournisseur ;")
    go(6)
    note.edit(
        "moderateur", "Qui tient le stock : chaque direction", "Qui tient le stock : une direction"
    )
    note.name("moderateur", "Pour la réunion des directions")
    go(2)


def _transports(marche: Marche, people: People) -> None:
    _go(marche, people, "gestionnaire", StatutMarche.REDACTION)
    go(46)
    cctp = Recit.start(
        marche, people, by="editrice", type=TypePiece.CCTP, texte="transports-cctp.md"
    )
    go(41)
    cctp.edit("editrice", "n’excède pas 50 minutes", "n’excède pas 45 minutes")
    go(33)
    cctp.amend(
        "gestionnaire",
        "| 1104 | Trévilly-sur-Loire | Lycée Suzanne-Lacore | 49 | 71 |",
        "| 1104 | Trévilly-sur-Loire | Lycée Suzanne-Lacore | 52 | 74 |",
    )
    cctp.add_row("editrice", "1105", "1106", "Les Landes-Guérin", "Lycée du Bocage", "27", "39")
    go(25)
    cctp.write(
        "gestionnaire", "Le titulaire assure le transport quotidien",
        "Le service est assuré pendant {{marche.duree_mois}} à compter du {{marche.debut_execution}}.",
    )  # fmt: skip
    go(12)
    cctp.name("gestionnaire", "Version soumise aux directions")
    _share(marche, people, "gestionnaire")
    _submit(cctp, "gestionnaire")
    go(9)
    _go(marche, people, "gestionnaire", StatutMarche.VISAS)


def _mobilier(marche: Marche, people: People) -> None:
    _go(marche, people, "moderateur", StatutMarche.REDACTION)
    go(284)
    cctp = Recit.start(marche, people, by="editeur", type=TypePiece.CCTP, texte="mobilier-cctp.md")
    cctp.edit("editeur", "n’excède pas 15 % en masse", "n’excède pas 10 % en masse")
    go(277)
    cctp.edit(
        "moderateur",
        "est situé à moins de 150 km du siège",
        "est situé sur le territoire régional ou à moins de 150 km",
    )
    cctp.edit("moderateur", "ou à moins de 150 km", "ou à moins de 150 km du siège")
    cctp.add_row("editeur", "Cloison acoustique", "Vestiaire", "30", "Réemploi", "2 ans")
    go(268)
    numero = cctp.name("moderateur", "Version à publier")
    cctp.edit("editeur", "Les rayures superficielles sont admises.", "Les rayures sont admises.")
    cctp.restore("moderateur", "État et sécurité", numero)
    _submit(cctp, "moderateur")
    for jour, statut in (
        (262, StatutMarche.VISAS), (250, StatutMarche.PUBLICATION), (249, StatutMarche.OFFRES),
        (224, StatutMarche.ATTRIBUTION), (165, StatutMarche.EXECUTION),
    ):  # fmt: skip
        go(jour)
        _go(marche, people, "moderateur", statut)


def _denrees(marche: Marche, people: People) -> None:
    _go(marche, people, "moderateur", StatutMarche.REDACTION)
    go(186)
    cctp = Recit.start(marche, people, by="editrice", type=TypePiece.CCTP, texte="denrees-cctp.md")
    cctp.edit("editrice", "une pénalité de 150 €", "une pénalité de 120 €")
    go(179)
    cctp.name("moderateur", "Version à publier")
    _submit(cctp, "moderateur")
    note = Recit.start(
        marche, people, by="moderateur", type=TypePiece.NOTE, texte="denrees-note.md",
        titre="Retour d’expérience",
    )  # fmt: skip
    note.edit(
        "editrice",
        "une rencontre avec les producteurs avant d’écrire",
        "une rencontre avec les producteurs, en ferme, avant d’écrire",
    )
    _share(marche, people, "moderateur")
    for jour, statut in (
        (170, StatutMarche.VISAS), (160, StatutMarche.PUBLICATION), (158, StatutMarche.OFFRES),
    ):  # fmt: skip
        go(jour)
        _go(marche, people, "moderateur", statut)
    go(135)
    move_marche(
        by=people["moderateur"], marche=marche, statut=StatutMarche.INFRUCTUEUX,
        motif="Aucune offre remise à la date limite.",
    )  # fmt: skip


def _etude(marche: Marche, people: People) -> None:
    _go(marche, people, "gestionnaire", StatutMarche.REDACTION)
    go(70)
    cctp = Recit.start(marche, people, by="editeur", type=TypePiece.CCTP, texte="etude-cctp.md")
    cctp.edit("editeur", "visite trente bâtiments", "visite quarante bâtiments")
    go(64)
    cctp.edit(
        "gestionnaire",
        "fixés avec l’acheteur avant tout calcul",
        "fixés avec l’acheteur, par écrit, avant tout calcul",
    )
    go(59)
    cctp.name("gestionnaire", "Version à publier")
    _submit(cctp, "gestionnaire")
    annexe = Recit.start(
        marche, people, by="editeur", type=TypePiece.ANNEXE, titre="Plans des lycées"
    )
    annexe.add(
        "editeur",
        "Liste des plans",
        "Les plans sont remis sur demande, après engagement de confidentialité.",
    )
    go(57)
    withdraw_piece(by=people["gestionnaire"], piece=annexe.piece)
    for jour, statut in (
        (54, StatutMarche.VISAS), (41, StatutMarche.PUBLICATION), (40, StatutMarche.OFFRES),
    ):  # fmt: skip
        go(jour)
        _go(marche, people, "gestionnaire", statut)


def _voirie(marche: Marche, people: People) -> None:
    _go(marche, people, "mairie", StatutMarche.REDACTION)
    go(31)
    cctp = Recit.start(marche, people, by="travaux", type=TypePiece.CCTP, texte="voirie-cctp.md")
    cctp.edit("travaux", "à hauteur de 40 % au moins", "à hauteur de 50 % au moins")
    go(18)
    cctp.edit(
        "mairie", "La cale reste utilisable deux heures", "La cale reste utilisable trois heures"
    )
    go(5)
    update_marche(by=people["mairie"], marche=marche, duree_mois=8)


PROMOTIONNELS = Histoire(
    numero="DCP-021",
    jour=12,
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
    numero="DLE-008",
    jour=50,
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
        "publication_prevue": Jour(12),
        "date_limite_offres": Jour(48, midi=True),
        "attribution_prevue": Jour(95),
        "debut_execution": Jour(130, mois=9),
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
    numero="DPMG-032",
    jour=290,
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
        "publication_prevue": Jour(-250),
        "date_limite_offres": Jour(-225, midi=True),
        "attribution_prevue": Jour(-195),
        "debut_execution": Jour(-165),
    },
    criteres=(("Prix", "prix", 40), ("Valeur technique", "technique", 30), ("Réemploi et insertion", "social", 30)),
    roles={"editeur": R.EDITEUR, "gestionnaire": R.COMMENTATEUR, "observateur": R.OBSERVATEUR},
    tell=_mobilier,
)  # fmt: skip
DENREES = Histoire(
    numero="DLE-003",
    jour=190,
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
        "publication_prevue": Jour(-160),
        "date_limite_offres": Jour(-138, midi=True),
    },
    criteres=(("Prix", "prix", 60), ("Qualité des denrées", "technique", 40)),
    roles={"editrice": R.EDITEUR, "commentateur": R.COMMENTATEUR, "gestionnaire": R.OBSERVATEUR},
    tell=_denrees,
)  # fmt: skip
ETUDE = Histoire(
    numero="DPMG-019",
    jour=75,
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
        "publication_prevue": Jour(-41),
        "date_limite_offres": Jour(9, midi=True),
        "attribution_prevue": Jour(38),
    },
    criteres=(("Méthode et équipe", "technique", 60), ("Prix", "prix", 40)),
    roles={"editeur": R.EDITEUR, "finances": R.COMMENTATEUR, "commentateur": R.COMMENTATEUR},
    tell=_etude,
)  # fmt: skip
VOIRIE = Histoire(
    numero="ST-004",
    jour=35,
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

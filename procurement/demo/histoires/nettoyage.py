"""Cleaning of the offices and of the lycées: the marché with the long history."""

from procurement.demo.histoires import nettoyage_ccap, nettoyage_cctp
from procurement.demo.horloge import Jour, go, wait
from procurement.demo.marches import Histoire, People, R, welcome
from procurement.demo.recit import Recit
from procurement.marches.enums import NatureMarche, Procedure, StatutMarche, Technique
from procurement.marches.models import Marche, Participation
from procurement.marches.services import change_role, move_marche, share_marche
from wikimarche.enums import TypePiece


def tell(marche: Marche, people: People) -> None:
    """Tell it in the order in which it happened."""
    claire = people["gestionnaire"]
    go(66)
    wait()
    move_marche(by=claire, marche=marche, statut=StatutMarche.REDACTION)
    ccap = Recit.start(
        marche,
        people,
        by="gestionnaire",
        type=TypePiece.CCAP,
        texte="nettoyage-ccap.md",
        brouillon=nettoyage_ccap.roughen,
    )
    cctp = Recit.start(
        marche,
        people,
        by="editeur",
        type=TypePiece.CCTP,
        texte="nettoyage-cctp.md",
        brouillon=nettoyage_cctp.roughen,
    )
    wait()
    share_marche(by=claire, marche=marche, partage=True)
    go(63)
    nettoyage_ccap.write_first(ccap)
    go(56)
    nettoyage_cctp.write_first(cctp)
    go(47)
    nettoyage_ccap.hear_directions(ccap)
    go(38)
    nettoyage_cctp.hear_field(cctp)
    # From another body: of the marché, he reads what is done in his lycée, and no other pièce.
    paul, his = people["observateur"], cctp.piece.pk
    welcome(marche, by=claire, guest=paul, role=R.OBSERVATEUR, portee=his)
    go(29)
    wait()
    aicha = Participation.objects.get(marche=marche, user=people["commentateur"])
    aicha = change_role(by=claire, participation=aicha, role=R.EDITEUR)
    nettoyage_ccap.make_durable(ccap)
    go(22)
    nettoyage_cctp.make_durable(cctp)
    wait()
    change_role(by=claire, participation=aicha, role=R.COMMENTATEUR)
    go(15)
    welcome(marche, by=claire, guest=people["juriste.adjointe"], role=R.EDITEUR)
    nettoyage_ccap.read_as_jurists(ccap)
    go(4)
    nettoyage_cctp.read_as_jurists(cctp)
    nettoyage_ccap.discuss(ccap)


NETTOYAGE = Histoire(
    numero="DPMG-014",
    jour=68,
    objet="Nettoyage des locaux administratifs et des lycées de la Région",
    body="region",
    direction="DPMG",
    by="gestionnaire",
    fiche={
        "nature": NatureMarche.SERVICES,
        "procedure": Procedure.APPEL_OFFRES_OUVERT,
        "technique": Technique.ACCORD_CADRE_BONS,
        "cpv": "90910000-9",
        "montant_estime": 1_240_000,
        "duree_mois": 48,
        "reconductions": 0,
        "lieu_execution": "Territoire de la région Armor-Loire",
        "publication_prevue": Jour(18),
        "date_limite_offres": Jour(52, midi=True),
        "attribution_prevue": Jour(100),
        "debut_execution": Jour(135, mois=0),
    },
    lots=(
        ("Siège, antennes et maisons de la Région", 520_000),
        ("Parties communes et internats des lycées", 720_000),
    ),
    criteres=(
        ("Valeur technique", "technique", 40),
        ("Prix", "prix", 40),
        ("Performance environnementale et sociale", "environnement", 20),
    ),
    roles={
        "editeur": R.EDITEUR,
        "editrice": R.EDITEUR,
        "commentateur": R.COMMENTATEUR,
        "finances": R.COMMENTATEUR,
        "moderateur": R.MODERATEUR,
    },
    tell=tell,
)

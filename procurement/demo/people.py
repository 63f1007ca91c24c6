"""Who works in the demonstration: two invented bodies, their directions, their people. Data only."""

from dataclasses import dataclass

from procurement.organisations.enums import Fonction


PASSWORD = "demonstration-armor"  # noqa: S105 - shown on purpose, refused outside the demonstration
"""One password for all, long enough for the rule of accounts."""


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation. SIRETs are arithmetically right and belong to nobody.

    directions: sigle → name. The one named by ``juridique`` reads what is shared with it.
    """

    key: str
    nom: str
    siret: str
    directions: dict[str, str]
    juridique: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A person and her post. The address before @ is also her short name in the stories.

    montre: what signing in as this person is good to show.
    """

    key: str
    prenom: str
    nom: str
    body: str
    direction: str
    intitule: str
    fonction: Fonction = Fonction.AGENT
    is_administrateur: bool = False
    montre: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@demo.example"


BODIES = (
    Body(
        key="region",
        nom="Région Armor-Loire",
        siret="00032145500016",
        directions={
            "DCP": "Direction de la commande publique",
            "DPMG": "Direction du patrimoine et des moyens généraux",
            "DLE": "Direction des lycées et de l’éducation",
            "DTE": "Direction de la transition écologique",
            "DFN": "Direction des finances et du numérique",
            "DAJ": "Direction des affaires juridiques",
        },
        juridique="DAJ",
    ),
    Body(
        key="commune",
        nom="Commune de Port-Lannec",
        siret="00048127500014",
        directions={
            "ST": "Services techniques",
            "SG": "Secrétariat général",
        },
        juridique="SG",
    ),
)

PEOPLE = (
    Person("gestionnaire", "Claire", "Le Goff", "region", "DCP", "Cheffe de projet achats",
        montre="ouvre des marchés, invite, donne les rôles",
    ),
    Person("editeur", "Yann", "Kerdoncuff", "region", "DPMG", "Responsable de l’entretien des sites",
        montre="écrit le même texte que Jeanne Morvan",
    ),
    Person("editrice", "Jeanne", "Morvan", "region", "DLE", "Technicienne hygiène des lycées",
        montre="écrit le même texte que Yann Kerdoncuff",
    ),
    Person("commentateur", "Aïcha", "Benali", "region", "DTE", "Chargée des achats durables",
        montre="lit et commente\u202f; écrire lui est refusé, avec la raison",
    ),
    Person("finances", "Hervé", "Cadiou", "region", "DFN", "Contrôleur budgétaire"),
    Person("observateur", "Paul", "Guillou", "region", "DLE", "Intendant du lycée Anne-Sylvestre",
        Fonction.INVITE, montre="lit, compare, exporte\u202f; venu d’un autre organisme, ne voit du nettoyage que le CCTP",
    ),
    Person("moderateur", "Nolwenn", "Tanguy", "region", "DCP", "Cheffe du service des marchés"),
    Person(
        "juriste", "Marc", "Delaunay", "region", "DAJ", "Juriste de la commande publique",
        Fonction.JURISTE, montre="lit l’histoire entière et en vérifie l’intégrité",
    ),
    Person(
        "juriste.adjointe", "Inès", "Ferrand", "region", "DAJ", "Juriste, contrats et données",
        Fonction.JURISTE,
    ),
    Person(
        "administrateur", "Sophie", "Riou", "region", "DFN", "Administratrice de la plateforme",
        Fonction.ADMINISTRATEUR, is_administrateur=True,
    ),
    Person("mairie", "Loïc", "Perrot", "commune", "SG", "Secrétaire général",
        montre="travaille dans une commune, pour qui les marchés de la région n’existent pas",
    ),
    Person("travaux", "Maud", "Hélias", "commune", "ST", "Responsable des services techniques"),
)  # fmt: skip

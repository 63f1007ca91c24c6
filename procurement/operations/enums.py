"""States of the platform, and what is looked at to tell."""

from enum import StrEnum


class EtatSante(StrEnum):
    """From best to worst; the state of the platform is that of its worst constat."""

    EN_MARCHE = "en_marche"
    DEGRADEE = "degradee"
    """People write and nothing is lost, but something waits: mails, PDFs, analyses."""
    EN_PANNE = "en_panne"
    """People cannot write, or what they would write could not be kept."""


class Organe(StrEnum):
    """What the platform is made of, as a person who runs it names it."""

    WEB = "web"
    """The process that people ask; seen by itself, so in its minutes only."""
    BASE = "base"
    MIGRATIONS = "migrations"
    HORLOGE = "horloge"
    DISQUE = "disque"
    VALKEY = "valkey"
    TRAVAILLEUR = "travailleur"
    ANTIVIRUS = "antivirus"
    PREUVE = "preuve"
    VERIFICATION = "verification"

    @property
    def nom(self) -> str:
        """What it is called on a screen."""
        return NOMS[self]


NOMS = {
    Organe.WEB: "Site",
    Organe.BASE: "Base de données",
    Organe.MIGRATIONS: "Migrations",
    Organe.HORLOGE: "Horloge",
    Organe.DISQUE: "Disque",
    Organe.VALKEY: "File des travaux (Valkey)",
    Organe.TRAVAILLEUR: "Travailleur",
    Organe.ANTIVIRUS: "Antivirus",
    Organe.PREUVE: "Histoire et preuve",
    Organe.VERIFICATION: "Vérification",
}

"""The nouns of a purchase."""

from procurement.marches.models.acces import AccesExceptionnel
from procurement.marches.models.critere import Critere
from procurement.marches.models.invitation import Invitation
from procurement.marches.models.lot import Lot
from procurement.marches.models.marche import FICHE, PHRASES, Marche
from procurement.marches.models.participation import Participation
from procurement.marches.models.saved_filter import SavedFilter


__all__ = [
    "FICHE",
    "PHRASES",
    "AccesExceptionnel",
    "Critere",
    "Invitation",
    "Lot",
    "Marche",
    "Participation",
    "SavedFilter",
]

"""The marchés of the demonstration, in the order in which they are opened: the oldest first."""

from procurement.demo.histoires.autres import (
    DENREES,
    ETUDE,
    MOBILIER,
    PROMOTIONNELS,
    TRANSPORTS,
    VOIRIE,
)
from procurement.demo.histoires.nettoyage import NETTOYAGE


HISTOIRES = (MOBILIER, DENREES, VOIRIE, ETUDE, TRANSPORTS, PROMOTIONNELS, NETTOYAGE)

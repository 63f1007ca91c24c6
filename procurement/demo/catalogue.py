"""The marchés of the demonstration, in the order in which they are opened: the oldest first.

Each brings its documents in before the next one opens, so that the chain of the platform, where what
an antivirus did not read is noted, never goes back in time either.
"""

from procurement.demo.histoires.autres import (
    DENREES,
    ETUDE,
    MOBILIER,
    PROMOTIONNELS,
    TRANSPORTS,
    VOIRIE,
)
from procurement.demo.histoires.nettoyage import NETTOYAGE


HISTOIRES = (MOBILIER, DENREES, ETUDE, NETTOYAGE, TRANSPORTS, VOIRIE, PROMOTIONNELS)

"""The marchés of the demonstration, in the order in which they are opened."""

from procurement.demo.histoires.nettoyage import NETTOYAGE


HISTOIRES = (NETTOYAGE,)

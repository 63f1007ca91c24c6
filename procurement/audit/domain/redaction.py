"""The word that stands for what two persons emptied from the history."""

from typing import Final


CAVIARDE: Final = "caviardé"

"""What readers show in place of a text that two persons had emptied from the history."""

from typing import Any, Final

from procurement.audit.domain.redaction import CAVIARDE
from wikimarche.domain.canonical import canonical_hash
from wikimarche.domain.schema import Json


EMPTIED: Final[list[Any]] = [CAVIARDE]
"""What a redaction leaves of the steps of a commit: no step, and not the absence of steps."""
TITRE: Final = "Article caviardé"
CORPS: Final[Json] = {
    "type": "doc",
    "content": [
        {
            "type": "paragraph",
            "content": [
                {
                    "type": "text",
                    "text": "Version caviardée\u202f: deux personnes ont retiré ce texte de l’histoire.",
                }
            ],
        }
    ],
}
TEXT: Final[dict[str, Json]] = {
    "titre": TITRE,
    "corps": CORPS,
    "empreinte": canonical_hash(TITRE, CORPS),
}

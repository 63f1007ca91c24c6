"""States and arrows of a pièce: data only."""

from wikimarche.enums import StatutPiece as S


TRANSITIONS = {
    ("submit", S.BROUILLON): S.EN_RELECTURE,
    ("reopen", S.EN_RELECTURE): S.BROUILLON,
    ("withdraw", S.BROUILLON): S.RETIRE,
    ("withdraw", S.EN_RELECTURE): S.RETIRE,
    ("reinstate", S.RETIRE): S.BROUILLON,
}
"""(verb, state) → next state; anything absent is refused."""

WRITABLE = frozenset({S.BROUILLON, S.EN_RELECTURE})
"""States in which the text changes; the others are « figées »."""

GONE = frozenset({S.PUBLIE, S.RETIRE})
"""States in which it is not discussed any more either."""

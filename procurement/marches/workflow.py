"""States and arrows of a marché: data only. The verbs that move it live in services."""

from procurement.marches.enums import StatutMarche as S


ORDER = (S.BESOIN, S.REDACTION, S.VISAS, S.PUBLICATION, S.OFFRES, S.ATTRIBUTION, S.EXECUTION)
"""Steps shown at the top of the page of a marché."""

WRITABLE = frozenset({S.BESOIN, S.REDACTION, S.VISAS})
"""States in which the fiche and the pieces may change."""

SEALED = frozenset({S.PUBLICATION, S.CLOS, S.SANS_SUITE, S.INFRUCTUEUX})
"""Steps at whose door all chains are sealed, without waiting for the night."""

FORWARD: dict[S, tuple[S, ...]] = {
    S.BESOIN: (S.REDACTION, S.SANS_SUITE),
    S.REDACTION: (S.VISAS, S.SANS_SUITE),
    S.VISAS: (S.PUBLICATION, S.SANS_SUITE),
    S.PUBLICATION: (S.OFFRES, S.SANS_SUITE),
    S.OFFRES: (S.ATTRIBUTION, S.INFRUCTUEUX, S.SANS_SUITE),
    S.ATTRIBUTION: (S.EXECUTION, S.INFRUCTUEUX, S.SANS_SUITE),
    S.EXECUTION: (S.CLOS,),
    S.CLOS: (),
    S.SANS_SUITE: (),
    S.INFRUCTUEUX: (),
}
"""Where one goes on to, the ordinary way first."""

BACK: dict[S, tuple[S, ...]] = {
    S.BESOIN: (),
    S.REDACTION: (S.BESOIN,),
    S.VISAS: (S.REDACTION, S.BESOIN),
    S.PUBLICATION: (S.VISAS, S.REDACTION),
    S.OFFRES: (S.PUBLICATION,),
    S.ATTRIBUTION: (S.OFFRES,),
    S.EXECUTION: (S.ATTRIBUTION,),
    S.CLOS: (S.EXECUTION,),
    S.SANS_SUITE: (S.BESOIN, S.REDACTION, S.VISAS, S.PUBLICATION, S.OFFRES, S.ATTRIBUTION),
    S.INFRUCTUEUX: (S.OFFRES, S.ATTRIBUTION),
}
"""Where one comes back to: how a move is undone, always with a reason."""

REASONED = frozenset({S.SANS_SUITE, S.INFRUCTUEUX})
"""Ends that are owed a reason. CCP, art. R2185-2 for « sans suite »."""


def is_back(here: S, target: S) -> bool:
    """Tell whether a move undoes another.

    >>> is_back(S.VISAS, S.REDACTION), is_back(S.VISAS, S.PUBLICATION)
    (True, False)
    """
    return target in BACK[here]


def may_move(here: S, target: S) -> bool:
    """Tell whether one goes from a step to another at all."""
    return target in FORWARD[here] or target in BACK[here]


def needs_reason(here: S, target: S) -> bool:
    """Tell whether a move is owed a reason.

    >>> needs_reason(S.REDACTION, S.VISAS), needs_reason(S.OFFRES, S.INFRUCTUEUX)
    (False, True)
    """
    return is_back(here, target) or target in REASONED

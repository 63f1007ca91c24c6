"""States and arrows of a marché: data only. The verbs that move it live in services."""

from procurement.marches.enums import StatutMarche as S


ORDER = (S.BESOIN, S.REDACTION, S.VISAS, S.PUBLICATION, S.OFFRES, S.ATTRIBUTION, S.EXECUTION)
"""Steps shown at the top of the page of a marché."""

WRITABLE = frozenset({S.BESOIN, S.REDACTION, S.VISAS})
"""States in which the fiche and the pieces may change."""

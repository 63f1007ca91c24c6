"""Places on a timeline of versions: pure arithmetic, no template, no query."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version as a timeline shows it. mots is the number of words it changed."""

    numero: int
    instant: datetime.datetime
    mots: int = 0
    nom: str = ""


@dataclass(frozen=True, kw_only=True)
class Repere:
    """A version placed: x and hauteur are classes of the style sheet (percent; 1 to 18)."""

    version: Version
    x: int
    hauteur: int
    nomme: bool
    bord: str = ""


def place_versions(
    versions: Sequence[Version], *, de: int, a: int, ecart: int = 17, noms: int = 5
) -> list[Repere]:
    """Place versions from 0 to 100 by rank and choose at most `noms` that keep their label.

    The two ends come first, then the compared ones, then the named ones, latest first; a label
    stays only when `ecart` percent separate it from the others.
    versions: ordered by number, at least one. Returns one Repere a version, same order.
    """
    count = len(versions)
    places = [round(100 * rank / max(count - 1, 1)) for rank in range(count)]
    most = max((version.mots for version in versions), default=0) or 1
    ends = [0, count - 1] if count > 1 else [0]
    compared = [rank for rank, version in enumerate(versions) if version.numero in {de, a}]
    named = [rank for rank in reversed(range(count)) if versions[rank].nom]
    kept: list[int] = []
    for rank in dict.fromkeys([*ends, *compared, *named]):
        if len(kept) < noms and all(abs(places[rank] - places[other]) >= ecart for other in kept):
            kept.append(rank)
    return [
        Repere(
            version=version,
            x=places[rank],
            hauteur=max(3, math.ceil(18 * math.sqrt(version.mots / most))),
            nomme=rank in kept,
            bord="deb" if rank == 0 and count > 1 else "fin" if rank and rank == count - 1 else "",
        )
        for rank, version in enumerate(versions)
    ]

"""Walks the entries of chains in order and names the first break of each."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from procurement.audit.domain.empreinte import ZERO32


@dataclass(frozen=True)
class Break:
    """Where a chain stops being sound. chain is None when no chain speaks of it."""

    chain: UUID | None
    seq: int | None
    kind: str
    words: str


class Entry(NamedTuple):
    """A row of the journal as it is hashed, texts in UTF-8, and what its version says otherwise.

    instant: microseconds since 1970.
    """

    chaine: bytes
    seq: int
    instant: int
    precedent: bytes
    suite: bytes
    """What the hash holds after the instant, up to the two inner digests."""
    contenu_empreinte: bytes | None
    corps_empreinte: bytes
    empreinte: bytes
    corps: bytes | None
    """Salt, then body; None once either is lost."""
    contenu: bytes | None
    """Salt, then text of the version; None without a version, or without salt."""
    etat: bytes | None
    """« caviarde » without body nor salt, as a redaction leaves it; « perdu » without one of them."""
    ecart: bytes | None
    """A key of FLAWS, None when the version and its revision say what the entry says."""
    caviarde: bytes | None
    """The entry that this one declares redacted."""


FLAWS = {
    b"disparu": "la version {} a disparu.",
    b"objet": "la version {} parle d’un autre objet.",
    b"auteur": "l’auteur de la version {} a changé.",
    b"revision": "la révision de la version {} a changé.",
    b"vide": "la version {} n’est pas caviardée comme sa ligne.",
    b"date": "la date de la version {} a changé.",
    b"libelle": "le libellé de la version {} a changé.",
}
TEXT_FIRST = frozenset({b"date", b"libelle"})
"""Flaws told only when the text of the version is the one that was hashed."""

_SIZE = struct.Struct(">i").unpack_from
# Number of columns, then the three that are never null, each after its length.
_FIRST = struct.Struct(">hi16siqiq")
_OTHERS = range(len(Entry._fields) - 3)
_UNIX = 946_684_800_000_000
"""Microseconds from 1970 to 2000, where instants of Postgres begin."""
_LAST = 2**63 - 1
_NUMBERS = struct.Struct(">qq").pack
_VERSION = slice(24, 32)
"""Where the number of the version stands, after a transaction and an operation."""


def read_entry(row: bytes) -> Entry:
    """Read one row that COPY … (FORMAT binary) sent, columns in the order of Entry."""
    _, _, chaine, _, seq, _, instant = _FIRST.unpack_from(row)
    # An instant forged to « infinity » stays a number that can be hashed.
    values: list[Any] = [chaine, seq, min(instant + _UNIX, _LAST)]
    place = _FIRST.size
    for _ in _OTHERS:
        (size,) = _SIZE(row, place)
        place += 4
        if size < 0:
            values.append(None)
        else:
            values.append(row[place : place + size])
            place += size
    return Entry._make(values)


class Walk:
    """State of one verification: feed() each entry, ordered by chain and seq.

    starts: {chain: (number, hash)} of the last line that is trusted; those after it are fed.
    """

    def __init__(
        self,
        heads: Mapping[bytes, tuple[int, bytes]],
        starts: Mapping[bytes, tuple[int, bytes]] | None = None,
    ) -> None:
        self.heads = dict(heads)
        self.starts = dict(starts or {})
        self.entries = 0
        self.redacted = 0
        self.chains = 0
        self._chain = b""
        self._seq = 0
        self._link = ZERO32
        self._broken = False
        self._emptied: dict[bytes, int] = {}

    def feed(self, entry: Entry) -> Sequence[Break]:
        """Check the next entry; say the break it shows, and that of the chain it closes."""
        found: list[Break] = []
        if entry.chaine != self._chain:
            found += self._close()
            self._chain = entry.chaine
            self._seq, self._link = self.starts.pop(entry.chaine, (0, ZERO32))
            self._broken, self.chains = False, self.chains + 1
        self.entries += 1
        if self._broken:
            return found
        flaw = self._check(entry)
        if flaw is not None:
            self._broken = True
            found.append(Break(UUID(bytes=self._chain), entry.seq, *flaw))
        self._seq, self._link = entry.seq, entry.empreinte
        return found

    def finish(self) -> Iterator[Break]:
        """Close the last chain, then name the heads whose chain has vanished."""
        yield from self._close()
        for chain, start in self.starts.items():
            # Nothing was written since: the head is the line that is trusted.
            if start[0] and self.heads.pop(chain, None) != start:
                words = f"La tête ne correspond pas à la dernière ligne ({start[0]})."
                yield Break(UUID(bytes=chain), start[0], "tete", words)
        for chain, (seq, _) in self.heads.items():
            if seq:
                words = f"La tête annonce {seq} lignes et la chaîne n’en a aucune."
                yield Break(UUID(bytes=chain), seq, "tete", words)

    def _close(self) -> Iterator[Break]:
        if not self._chain:
            return
        head = self.heads.pop(self._chain, None)
        chain = UUID(bytes=self._chain)
        if not self._broken:
            if self._emptied:
                seq = min(self._emptied.values())
                words = f"La ligne {seq} est vide et aucun caviardage ne le dit."
                yield Break(chain, seq, "contenu", words)
            elif head is None or head[0] != self._seq or head[1] != self._link:
                words = f"La tête ne correspond pas à la dernière ligne ({self._seq})."
                yield Break(chain, self._seq, "tete", words)
        self._emptied.clear()

    def _check(self, entry: Entry) -> tuple[str, str] | None:
        seq = entry.seq
        if seq != self._seq + 1:
            return "trou", f"Après la ligne {self._seq} vient la ligne {seq}."
        if entry.etat is not None:
            self.redacted += 1
            if entry.etat == b"perdu":
                return "contenu", f"La ligne {seq} a perdu son sel ou son corps."
            self._emptied[f"journal:{UUID(bytes=self._chain)}:{seq}".encode()] = seq
        elif sha256(entry.corps or b"").digest() != entry.corps_empreinte:
            return "contenu", f"Le corps de la ligne {seq} a changé."
        hashed = (
            b"\x01", entry.precedent, entry.chaine, _NUMBERS(seq, entry.instant), entry.suite,
            entry.contenu_empreinte or ZERO32, entry.corps_empreinte,
        )  # fmt: skip
        if sha256(b"".join(hashed)).digest() != entry.empreinte:
            return "contenu", f"La ligne {seq} ne correspond pas à son empreinte."
        if entry.precedent != self._link:
            return "lien", f"La ligne {seq} ne suit pas la ligne {self._seq}."
        if entry.caviarde is not None:
            self._emptied.pop(entry.caviarde, None)
        words = version_flaw(entry)
        return ("version", f"Ligne {seq}\u202f: {words}") if words else None


def version_flaw(entry: Entry) -> str | None:
    """Say how a version differs from what its journal row holds; None when it does not."""
    flaw = entry.ecart
    if flaw is None or flaw in TEXT_FIRST:
        if entry.contenu is None:
            return None
        if sha256(entry.contenu).digest() != entry.contenu_empreinte:
            version = int.from_bytes(entry.suite[_VERSION], signed=True)
            return f"le texte de la version {version} a changé."
        if flaw is None:
            return None
    return FLAWS[flaw].format(int.from_bytes(entry.suite[_VERSION], signed=True))

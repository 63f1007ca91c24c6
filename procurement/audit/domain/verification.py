"""Walks the entries of chains in order and names the first break of each."""

import datetime
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, NamedTuple
from uuid import UUID

from procurement.audit.domain.empreinte import ZERO32, entry_digest


REDACTION = b"audit:entry:redacted"


@dataclass(frozen=True)
class Break:
    """Where a chain stops being sound. chain is None when no chain speaks of it."""

    chain: UUID | None
    seq: int | None
    kind: str
    words: str


class Entry(NamedTuple):
    """A row of the journal with its version, as the database keeps it: texts are UTF-8 bytes.

    instant: microseconds since 1970. version_id, kind: integers, big-endian.
    """

    chaine: bytes
    seq: int
    instant: int
    xid: int
    operation: bytes | None
    version_id: bytes | None
    acteur: bytes
    action: bytes
    objet: bytes
    contenu_empreinte: bytes | None
    corps: bytes | None
    corps_empreinte: bytes
    sel: bytes | None
    precedent: bytes
    empreinte: bytes
    serialized: bytes | None
    object_id: bytes | None
    object_repr: bytes | None
    kind: bytes | None
    user: bytes | None
    comment: bytes | None
    date: bytes | None

    @property
    def version(self) -> int | None:
        """Number of the version, None for an entry without one."""
        return None if self.version_id is None else int.from_bytes(self.version_id, signed=True)


_SIZE = struct.Struct(">i").unpack_from
# Number of columns, then the four that are never null, each after its length.
_FIRST = struct.Struct(">hi16siqiqiq")
_OTHERS = range(len(Entry._fields) - 4)
_UNIX = 946_684_800_000_000
"""Microseconds from 1970 to 2000, where instants of Postgres begin."""
_LAST = 2**63 - 1


def read_entry(row: bytes) -> Entry:
    """Read one row that COPY … (FORMAT binary) sent, columns in the order of Entry."""
    _, _, chaine, _, seq, _, instant, _, xid = _FIRST.unpack_from(row)
    # An instant forged to « infinity » stays a number that can be hashed.
    values: list[Any] = [chaine, seq, min(instant + _UNIX, _LAST), xid]
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
    """State of one verification: feed() each entry, ordered by chain and seq."""

    def __init__(
        self, heads: Mapping[bytes, tuple[int, bytes]], tables: Mapping[int, str | None]
    ) -> None:
        self.heads = dict(heads)
        self.tables = tables
        """Table of each content type."""
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
            self._chain, self._seq, self._link = entry.chaine, 0, ZERO32
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
        if entry.corps is None or entry.sel is None:
            self.redacted += 1
            if entry.corps is not None or entry.sel is not None:
                return "contenu", f"La ligne {seq} a perdu son sel ou son corps."
            self._emptied[f"journal:{UUID(bytes=self._chain)}:{seq}".encode()] = seq
        elif _salted(entry.sel, entry.corps) != entry.corps_empreinte:
            return "contenu", f"Le corps de la ligne {seq} a changé."
        if (
            entry_digest(
                entry.precedent, entry.chaine, seq, entry.instant, entry.xid, entry.operation,
                entry.version, entry.acteur, entry.action, entry.objet,
                entry.contenu_empreinte, entry.corps_empreinte,
            )
            != entry.empreinte
        ):  # fmt: skip
            return "contenu", f"La ligne {seq} ne correspond pas à son empreinte."
        if entry.precedent != self._link:
            return "lien", f"La ligne {seq} ne suit pas la ligne {self._seq}."
        if entry.action == REDACTION:
            self._emptied.pop(entry.objet, None)
        if entry.version_id is not None:
            words = version_flaw(entry, self.tables)
            if words:
                return "version", f"Ligne {seq} : {words}"
        return None


def _salted(sel: bytes, text: bytes) -> bytes:
    return sha256(sel + text).digest()


def version_flaw(entry: Entry, tables: Mapping[int, str | None]) -> str | None:
    """Say how a version differs from what its journal row holds; None when it does not."""
    version = entry.version
    if entry.serialized is None or entry.object_id is None or entry.object_repr is None:
        return f"la version {version} a disparu."
    table = tables.get(int.from_bytes(entry.kind or b""))
    if f"{table}:".encode() + entry.object_id != entry.objet:
        return f"la version {version} parle d’un autre objet."
    kind, _, who = entry.acteur.partition(b":")
    if entry.user != (None if kind == b"systeme" else who):
        return f"l’auteur de la version {version} a changé."
    operation = entry.operation.hex() if entry.operation else ""
    if (entry.comment or b"").replace(b"-", b"") != operation.encode():
        return f"la révision de la version {version} a changé."
    if entry.corps is None or entry.sel is None:
        if entry.serialized:
            return f"la version {version} n’est pas caviardée comme sa ligne."
        return None
    if _salted(entry.sel, entry.serialized) != entry.contenu_empreinte:
        return f"le texte de la version {version} a changé."
    if f'"revision":{{"date":"{_instant(entry.date)}"}}'.encode() not in entry.corps:
        return f"la date de la version {version} a changé."
    if f'"libelle":{encode_basestring(entry.object_repr.decode())}'.encode() not in entry.corps:
        return f"le libellé de la version {version} a changé."
    return None


def _instant(date: bytes | None) -> str:
    """Print an instant of Postgres as ISO 8601; "" for none and for those of no calendar."""
    try:
        micros = int.from_bytes(date or b"", signed=True)
        return (_Y2000 + datetime.timedelta(microseconds=micros)).isoformat() if date else ""
    except OverflowError:
        return ""


_Y2000 = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)

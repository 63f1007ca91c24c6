"""Walks the entries of chains in order and names the first break of each."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from procurement.audit.domain.empreinte import ZERO32, entry_digest


REDACTION = "audit:entry:redacted"


@dataclass(frozen=True)
class Break:
    """Where a chain stops being sound. chain is None when no chain speaks of it."""

    chain: UUID | None
    seq: int | None
    kind: str
    words: str


class Entry(NamedTuple):
    """A row of the journal with its version, as the database gives it."""

    chaine: bytes
    seq: int
    instant: int
    xid: int
    operation: bytes | None
    version_id: int | None
    acteur: str
    action: str
    objet: str
    contenu_empreinte: bytes | None
    corps: str | None
    corps_empreinte: bytes
    sel: bytes | None
    precedent: bytes
    empreinte: bytes
    found: int | None
    serialized: str | None
    object_id: str | None
    object_repr: str | None
    kind: int | None
    revision: int | None
    user: str | None
    comment: str | None
    date: datetime.datetime | None


class Walk:
    """State of one verification: feed() each batch of entries ordered by chain and seq."""

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
        self._emptied: dict[str, int] = {}

    def feed(self, rows: Sequence[Sequence[Any]]) -> Iterator[Break]:
        """Check the next rows, in the order of the fields of Entry."""
        for row in rows:
            entry = Entry._make(row)
            if entry.chaine != self._chain:
                yield from self._close()
                self._chain, self._seq, self._link = bytes(entry.chaine), 0, ZERO32
                self._broken, self.chains = False, self.chains + 1
            self.entries += 1
            if self._broken:
                continue
            flaw = self._check(entry)
            if flaw is not None:
                self._broken = True
                yield Break(UUID(bytes=self._chain), entry.seq, *flaw)
            self._seq, self._link = entry.seq, entry.empreinte

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
            self._emptied[f"journal:{UUID(bytes=self._chain)}:{seq}"] = seq
        elif _salted(entry.sel, entry.corps) != entry.corps_empreinte:
            return "contenu", f"Le corps de la ligne {seq} a changé."
        if (
            entry_digest(
                entry.precedent, entry.chaine, seq, entry.instant, entry.xid, entry.operation,
                entry.version_id, entry.acteur, entry.action, entry.objet,
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


def _salted(sel: bytes, text: str) -> bytes:
    digest = sha256(sel)
    digest.update(text.encode())
    return digest.digest()


def version_flaw(entry: Entry, tables: Mapping[int, str | None]) -> str | None:
    """Say how a version differs from what its journal row holds; None when it does not."""
    if entry.found is None or entry.serialized is None or entry.revision is None:
        return f"la version {entry.version_id} a disparu."
    if f"{tables.get(entry.kind or 0)}:{entry.object_id}" != entry.objet:
        return f"la version {entry.version_id} parle d’un autre objet."
    kind, _, who = entry.acteur.partition(":")
    if entry.user != (None if kind == "systeme" else who):
        return f"l’auteur de la version {entry.version_id} a changé."
    operation = entry.operation.hex() if entry.operation else ""
    if (entry.comment or "").replace("-", "") != operation:
        return f"la révision de la version {entry.version_id} a changé."
    if entry.corps is None or entry.sel is None:
        if entry.serialized:
            return f"la version {entry.version_id} n’est pas caviardée comme sa ligne."
        return None
    if _salted(entry.sel, entry.serialized) != entry.contenu_empreinte:
        return f"le texte de la version {entry.version_id} a changé."
    date = entry.date.isoformat() if entry.date else ""
    if f'"revision":{{"date":"{date}"}}' not in entry.corps:
        return f"la date de la version {entry.version_id} a changé."
    if f'"libelle":{json.dumps(entry.object_repr, ensure_ascii=False)}' not in entry.corps:
        return f"le libellé de la version {entry.version_id} a changé."
    return None

"""Bounds of a zip container, read from its central directory before anything is opened.

Everything a zip says about itself may be a lie: counts and sizes announced are judged first, since
that costs nothing, then each entry is inflated piece by piece, kept nowhere, and must give exactly
what was announced.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass


MOST_ENTRIES = 2000
MOST_UNPACKED = 150 << 20
MOST_RATIO = 100
RATIO_FROM = 1 << 20
"""Below this unpacked size a high ratio is ordinary: an empty page is all repetition."""
LONGEST_DIRECTORY = 4 << 20
LONGEST_NAME = 512
CHUNK = 1 << 16
HEAD = 1 << 16

END = struct.Struct("<4s4H2LH")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
STORED, DEFLATED = 0, 8


class ContainerRefused(Exception):
    """The container passes a bound or is not sound. ``kind`` is stable, for tests and sentences."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Entry:
    """One file announced by the central directory; sizes in bytes."""

    name: str
    method: int
    packed: int
    unpacked: int
    crc: int
    offset: int


def list_entries(content: bytes) -> list[Entry]:
    """Read the central directory and judge what it announces.

    Raises ContainerRefused: "tronque", "chiffre", "entrees", "noms", "methode", "deplie", "ratio",
    "recouvrement".
    """
    at = content.rfind(b"PK\x05\x06", max(0, len(content) - END.size - 65_535))
    if at < 0 or at + END.size > len(content):
        raise ContainerRefused("tronque")
    _, disk, first_disk, here, total, size, start, comment = END.unpack_from(content, at)
    if disk or first_disk or here != total or total == 0xFFFF or 0xFFFFFFFF in {size, start}:
        # Several volumes, or the 64-bit form: no document of ours needs them.
        raise ContainerRefused("entrees" if total == 0xFFFF else "tronque")
    if total > MOST_ENTRIES or size > LONGEST_DIRECTORY:
        raise ContainerRefused("entrees")
    if at + END.size + comment != len(content) or start + size != at:
        raise ContainerRefused("tronque")
    entries = list(_read_directory(content, start, at))
    if len(entries) != total:
        raise ContainerRefused("tronque")
    if len({entry.name for entry in entries}) != total:
        raise ContainerRefused("noms")
    _judge_sizes(entries)
    _judge_places(content, entries, start)
    return entries


def _read_directory(content: bytes, at: int, end: int) -> Iterator[Entry]:
    while at < end:
        if at + CENTRAL.size > end:
            raise ContainerRefused("tronque")
        (sign, _, _, flags, method, _, _, crc, packed, unpacked, named, extra, comment, *rest) = (
            CENTRAL.unpack_from(content, at)
        )
        if sign != b"PK\x01\x02" or named == 0 or named > LONGEST_NAME:
            raise ContainerRefused("tronque" if sign != b"PK\x01\x02" else "noms")
        raw = content[at + CENTRAL.size : at + CENTRAL.size + named]
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if flags & 0x41:
            raise ContainerRefused("chiffre")
        if "\0" in name or name.startswith("/") or ".." in name.replace("\\", "/").split("/"):
            raise ContainerRefused("noms")
        if method not in {STORED, DEFLATED}:
            raise ContainerRefused("methode")
        if 0xFFFFFFFF in {packed, unpacked, rest[-1]}:
            raise ContainerRefused("deplie")
        yield Entry(name, method, packed, unpacked, crc, rest[-1])
        at += CENTRAL.size + named + extra + comment


def _judge_sizes(entries: list[Entry]) -> None:
    packed = sum(entry.packed for entry in entries)
    unpacked = sum(entry.unpacked for entry in entries)
    if unpacked > MOST_UNPACKED:
        raise ContainerRefused("deplie")
    if unpacked > RATIO_FROM and unpacked > MOST_RATIO * max(1, packed):
        raise ContainerRefused("ratio")
    for entry in entries:
        if entry.unpacked > 8 * RATIO_FROM and entry.unpacked > MOST_RATIO * max(1, entry.packed):
            raise ContainerRefused("ratio")


def _judge_places(content: bytes, entries: list[Entry], directory: int) -> None:
    """No two entries may share bytes: the same bytes inflated twice are a bomb."""
    reached = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < reached:
            raise ContainerRefused("recouvrement")
        reached = _data_at(content, entry) + entry.packed
        if reached > directory:
            raise ContainerRefused("tronque")


def _data_at(content: bytes, entry: Entry) -> int:
    if entry.offset + LOCAL.size > len(content):
        raise ContainerRefused("tronque")
    named: int
    extra: int
    sign, _, _, method, *_, named, extra = LOCAL.unpack_from(content, entry.offset)
    if sign != b"PK\x03\x04" or method != entry.method:
        raise ContainerRefused("tronque")
    return entry.offset + LOCAL.size + named + extra


def inflate(content: bytes, entry: Entry) -> Iterator[bytes]:
    """Yield the bytes of an entry, CHUNK by CHUNK, never more than announced.

    Raises ContainerRefused("mensonge") when it holds more, less or other than announced.
    """
    at = _data_at(content, entry)
    packed = memoryview(content)[at : at + entry.packed]
    seen, crc = 0, 0
    for chunk in _unpack(packed, entry.method):
        seen += len(chunk)
        if seen > entry.unpacked:
            raise ContainerRefused("mensonge")
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if seen != entry.unpacked or crc != entry.crc:
        raise ContainerRefused("mensonge")


def _unpack(packed: memoryview, method: int) -> Iterator[bytes]:
    if method == STORED:
        for at in range(0, len(packed), CHUNK):
            yield bytes(packed[at : at + CHUNK])
        return
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(0, len(packed), CHUNK):
            waiting: bytes | memoryview = packed[at : at + CHUNK]
            while waiting:
                if chunk := engine.decompress(waiting, CHUNK):
                    yield chunk
                if engine.eof:
                    if engine.unused_data or at + CHUNK < len(packed):
                        raise ContainerRefused("mensonge")
                    return
                waiting = engine.unconsumed_tail
        while chunk := engine.decompress(engine.unconsumed_tail, CHUNK):
            yield chunk
        if not engine.eof:
            raise ContainerRefused("mensonge")
    except zlib.error:
        raise ContainerRefused("mensonge") from None

"""The parts of a received file, read with limits, what is told of it, and the marks left in its text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from wikimarche.domain.importing.pieces import ImportRefused


# Marks in the text, from the private use area: START kind:value END. Stripped by the reader.
START, END = "\uf8d0", "\uf8d1"
MARK = re.compile(f"{START}([a-z]+):([^{START}{END}]*){END}")
PRIVATE = re.compile(f"[{START}{END}]")
# The bookmark of an article in our own .docx and .odt.
_OWN_ARTICLE = re.compile(r"art_([0-9a-f]{32})")
PART_LIMIT = 64 << 20
IMAGE_LIMIT = 20 << 20
UNREADABLE = "Le fichier est abîmé\u202f: son contenu ne peut pas être lu."
# Styles of our own .docx and .odt: headings inside an article, and the title block to leave out.
OWN_STYLE = re.compile(r"^(Intertitre|Cartouche)(?:\s|_20_)?([12]?)$")
# The paragraph that bears the number of an article without title, by its level.
OWN_UNTITLED = re.compile(r"^Alinéa(?:\s|_20_)([1-6])$")
QUOTE_NAME = re.compile(r"quot|citation|block text", re.IGNORECASE)


@dataclass
class Survey:
    """What the package holds beside the running text: kind → (count, first sample)."""

    counts: dict[str, int] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)
    comments: list[dict[str, str]] = field(default_factory=list)
    changes: list[dict[str, str]] = field(default_factory=list)
    media: dict[str, bytes] = field(default_factory=dict)
    descriptions: list[str] = field(default_factory=list)
    held: dict[str, int] = field(default_factory=dict)
    """What the file itself holds, before anything is cut or opened: the report starts from it."""

    def add(self, kind: str, sample: str = "", *, count: int = 1) -> None:
        """Count a kind of construct."""
        if count > 0:
            self.counts[kind] = self.counts.get(kind, 0) + count
            if sample.strip() and not self.samples.get(kind):
                self.samples[kind] = " ".join(sample.split())[:160]


def sign(kind: str, value: str = "") -> str:
    """Return a mark to leave in the text."""
    return f"{START}{kind}:{value}{END}"


def sign_of_style(name: str) -> tuple[str, str] | None:
    """Return the mark, in two words, of a style that only our own files have; else None."""
    found = OWN_STYLE.match(name)
    if not found:
        return None
    return ("inter", found[2]) if found[1] == "Intertitre" else ("cartouche", "")


def own_article(bookmark: str) -> str:
    """Return the article that a bookmark of our own export names, else « »."""
    found = _OWN_ARTICLE.fullmatch(bookmark)
    return found[1] if found else ""


def drop_private(nodes: Iterable[Any]) -> None:
    """Take out of the texts the signs of which our marks are made: nobody forges one."""
    for node in nodes:
        if node.text and PRIVATE.search(node.text):
            node.text = PRIVATE.sub("", node.text)
        if node.tail and PRIVATE.search(node.tail):
            node.tail = PRIVATE.sub("", node.tail)


def parse_part(data: bytes) -> Any:
    """Return the root of an XML part; no entity is ever resolved. Raises ImportRefused."""
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise ImportRefused(UNREADABLE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ImportRefused(UNREADABLE) from error


def read_part(package: zipfile.ZipFile, name: str, limit: int = PART_LIMIT) -> bytes:
    """Return a part, of at most `limit` bytes once inflated. Raises ImportRefused."""
    with package.open(name) as part:
        data = part.read(limit + 1)
    if len(data) > limit:
        raise ImportRefused("Le fichier contient une partie trop lourde pour être importée.")
    return data

"""Judging what people send, before it is kept or opened."""

import os
from pathlib import Path
from typing import BinaryIO

from procurement.documents.domain.judging import (
    KINDS,
    LARGEST,
    REFUSALS,
    DocumentRefused,
    judge_container,
    judge_size,
    kind_of,
)


def judge_document(content: bytes | BinaryIO | Path, nom: str) -> list[str]:
    """Judge a received document by its name and its bytes; return notices to show, in French.

    A stream or a path is refused on its size alone before anything is read; a stream is left at
    its beginning. Raises DocumentRefused, whose ``reason`` is the sentence to show.
    """
    kind = kind_of(nom)
    return judge_container(read_bounded(content), kind)


def read_bounded(content: bytes | BinaryIO | Path) -> bytes:
    """Return all the bytes, once their number is known to be within the limit."""
    if isinstance(content, Path):
        judge_size(content.stat().st_size)
        with content.open("rb") as stream:
            return read_bounded(stream)
    if isinstance(content, bytes):
        judge_size(len(content))
        return content
    size = content.seek(0, os.SEEK_END)
    judge_size(size)
    content.seek(0)
    body = content.read(LARGEST + 1)
    content.seek(0)
    judge_size(len(body))
    return body


ACCEPTED = ",".join(f".{extension}" for extension in KINDS)
"""Extensions accepted, as a field of a form wants them."""
TOO_LARGE = REFUSALS["taille"]
"""What is said of a file past LARGEST bytes, {taille} being its own size: a page says it before it sends any."""


__all__ = [
    "ACCEPTED",
    "LARGEST",
    "TOO_LARGE",
    "DocumentRefused",
    "judge_document",
    "kind_of",
    "read_bounded",
]

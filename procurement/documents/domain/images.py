"""Judging an image by its header, before any decoder sees it. PNG and JPEG only."""

import re
import struct

from procurement.documents.domain.judging import DocumentRefused
from procurement.ui.typographie import format_octets


MAX_PIXELS = 40_000_000
LARGEST_IMAGE = 20_000_000
IMAGE_TOO_LARGE = f"Cette image fait {{taille}}\u202f; {format_octets(LARGEST_IMAGE)} au plus."
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
_SCAN, _END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""What ends the data of a scan; 00 and D0 to D7 are part of it."""


class ImageRefused(DocumentRefused):
    """An image that is not kept; the message is the French sentence to show."""

    def __init__(self, reason: str) -> None:
        Exception.__init__(self, reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def judge_image(content: bytes, nom: str) -> str:
    """Return the MIME type of an image. Raises ImageRefused: other format, truncated, too large.

    >>> judge_image(b"GIF89a", "photo.gif")
    Traceback (most recent call last):
    ...
    procurement.documents.domain.images.ImageRefused: Une image est en PNG ou en JPEG.
    """
    if len(content) > LARGEST_IMAGE:
        raise ImageRefused(IMAGE_TOO_LARGE.format(taille=format_octets(len(content))))
    if content.startswith(PNG):
        width, height = _png_size(content)
        kind, names = "image/png", [".png"]
    elif content.startswith(JPEG):
        width, height = _jpeg_size(content)
        kind, names = "image/jpeg", [".jpg", ".jpeg"]
    else:
        raise ImageRefused("Une image est en PNG ou en JPEG.")
    if not nom.lower().endswith(tuple(names)):
        raise ImageRefused("Le nom de l’image ne dit pas ce qu’elle est.")
    if width * height > MAX_PIXELS:
        raise ImageRefused("Cette image a plus de 40 millions de points. Réduisez-la.")
    return kind


def image_size(header: bytes) -> tuple[int, int] | None:
    """Read the width and height of a PNG or JPEG in its first bytes; None when they do not say it.

    >>> image_size(PNG + bytes(4) + b"IHDR" + struct.pack(">II", 640, 480))
    (640, 480)
    """
    try:
        if header.startswith(PNG) and header[12:16] == b"IHDR":
            width, height = struct.unpack(">II", header[16:24])
        elif header.startswith(JPEG):
            width, height = _jpeg_frame(header)
        else:
            return None
    except (struct.error, ImageRefused):
        return None
    return (width, height) if width and height else None


def cut_image(content: bytes) -> bytes:
    r"""Drop what stands after the end of a PNG or JPEG: phones write more there, a browser reads none.

    An image whose end is not found is returned as it is, for judge_image to refuse.

    >>> cut_image(JPEG + b"\xd9" + b"SEFT")
    b'\xff\xd8\xff\xd9'
    """
    end = None
    if content.startswith(PNG):
        end = _png_end(content)
    elif content.startswith(JPEG):
        end = _jpeg_end(content)
    return content if end is None else content[:end]


def _png_end(content: bytes) -> int | None:
    at = len(PNG)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        end = at + 12 + length
        if content[at + 4 : at + 8] == b"IEND":
            return end if end <= len(content) else None
        at = end
    return None


def _jpeg_end(content: bytes) -> int | None:
    """Go from segment to segment: a thumbnail among them has an end of its own."""
    at = 2
    while at + 2 <= len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == _END:
            return at + 2
        if marker == 0xFF:  # filling
            at += 1
            continue
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _SCAN:
            found = _MARKER.search(content, at)
            if found is None:
                return None
            at = found.start()
    return None


def _png_size(content: bytes) -> tuple[int, int]:
    if len(content) < 33 or content[12:16] != b"IHDR" or b"IEND" not in content[-16:]:
        raise ImageRefused("Cette image est tronquée.")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    if not content.rstrip(b"\x00").endswith(b"\xff\xd9"):
        raise ImageRefused("Cette image est tronquée.")
    return _jpeg_frame(content)


def _jpeg_frame(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            break
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ImageRefused("Cette image est illisible.")

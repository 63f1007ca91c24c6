"""Images shown in part: cut to what is seen, since what follows keeps only whole images.

Word keeps the whole picture, its visible rectangle (`a:srcRect`, in thousandths of a percent from
each side: ECMA-376 part 1, § 20.1.8.55) and the size of that rectangle on the page. Without the
cut, the whole picture would be squeezed into the size of its visible part.
OpenDocument says the same in the style of the frame (`fo:clip`, ODF 1.3 part 3, § 20.187): lengths
from the top, right, bottom and left, on the picture at its natural size.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from lxml import etree
from PIL import Image


PIXELS: Final = 20_000_000
WEIGHT: Final = 20 << 20
"""Pixels and bytes. Past them, an image is left whole: decoding it would cost more than the import may."""

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATIONSHIPS: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_IMAGE: Final = f"{_R[1:-1]}/image"
_FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
_WHOLE: Final = 100_000

_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW: Final = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_CLIP: Final = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}clip"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_RECT: Final = re.compile(r"rect\(([^)]*)\)")
_LENGTH: Final = re.compile(r"(-?[0-9]{0,6}\.?[0-9]{1,9})(cm|mm|in|pt|pc|px)?")
_INCH: Final = {"cm": 2.54, "mm": 25.4, "in": 1.0, "pt": 72.0, "pc": 6.0, "px": 96.0, None: 96.0}
_SCREEN: Final = 96
"""Pixels by inch of an image that does not say its own."""

Sides = tuple[int, int, int, int]
"""What is hidden at the left, top, right and bottom, in thousandths of a percent."""


def crop_images(root: Any, package: zipfile.ZipFile, main: str) -> tuple[dict[str, bytes], int]:
    """Point each image shown in part to a new one, cut; return the new parts and how many were cut.

    root: parsed `main` part, changed in place. What cannot be cut stays as it is.
    """
    folder, name = posixpath.split(main)
    rels = f"{folder}/_rels/{name}.rels"
    cropped = [(blip, sides) for blip, sides in _list_cropped(root) if any(sides)]
    if not cropped or rels not in package.namelist():
        return {}, 0
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    relations = etree.fromstring(package.read(rels), parser)
    targets = {
        node.get("Id"): posixpath.normpath(posixpath.join(folder, node.get("Target", "")))
        for node in relations
        if node.get("TargetMode") != "External"
    }
    parts: dict[str, bytes] = {}
    known: dict[tuple[str, Sides], str] = {}
    count = 0
    for blip, sides in cropped:
        target = targets.get(blip.get(f"{_R}embed"), "")
        if (target, sides) not in known:
            suffix = posixpath.splitext(target)[1].lower()
            if (content := _cut(package, target, suffix, sides)) is None:
                continue
            key = f"rogne{len(known) + 1}"
            parts[f"{folder}/media/{key}{suffix}"] = content
            etree.SubElement(
                relations, f"{_RELATIONSHIPS}Relationship",
                Id=key, Type=_IMAGE, Target=f"media/{key}{suffix}",
            )  # fmt: skip
            known[target, sides] = key
        blip.set(f"{_R}embed", known[target, sides])
        count += 1
    if count:
        parts[rels] = etree.tostring(relations, xml_declaration=True, encoding="UTF-8")
    return parts, count


def crop_frames(
    root: Any, trees: Sequence[Any], package: zipfile.ZipFile
) -> tuple[dict[str, bytes], int, int]:
    """Point each image of an .odt shown in part to a new one, cut.

    Returns the new parts, how many were cut, how many stay whole though the document does not show
    them so.
    root: parsed `content.xml`, changed in place. trees: where styles are written, root among them.
    """
    styles = {
        (style.get(f"{_STYLE}family"), style.get(f"{_STYLE}name")): style
        for tree in trees
        for style in tree.iter(f"{_STYLE}style")
    }
    parts: dict[str, bytes] = {}
    known: dict[tuple[str, Sides], str] = {}
    count = whole = 0
    for image in root.iter(f"{_DRAW}image"):
        clip = _clip_of(image.getparent().get(f"{_DRAW}style-name"), styles)
        hidden = _read_clip(clip)
        if hidden is not None and not any(hidden):
            continue
        target = image.get(_HREF, "").removeprefix("./")
        suffix = posixpath.splitext(target)[1].lower()
        sides = _sides_of(package, target, hidden) if hidden else None
        if sides and (target, sides) not in known:
            content = _cut(package, target, suffix, sides)
            if content is not None:
                name = f"Pictures/rogne{len(known) + 1}{suffix}"
                parts[name], known[target, sides] = content, name
        if sides and (target, sides) in known:
            image.set(_HREF, known[target, sides])
            count += 1
        else:
            whole += 1
    return parts, count, whole


def _clip_of(name: str | None, styles: dict[tuple[str | None, str | None], Any]) -> str:
    """What the style of a frame hides, or the style it is made from; a chain is short."""
    for _ in range(8):
        style = styles.get(("graphic", name))
        if style is None:
            return ""
        properties = style.find(f"{_STYLE}graphic-properties")
        if properties is not None and (clip := properties.get(_CLIP)):
            return str(clip)
        name = style.get(f"{_STYLE}parent-style-name")
    return ""


def _read_clip(clip: str) -> tuple[float, float, float, float] | None:
    """Inches hidden at the left, top, right and bottom; None when what is hidden cannot be read.

    A negative length adds a margin around the image: there is nothing to cut.
    """
    if clip in ("", "auto"):
        return 0, 0, 0, 0
    if not (written := _RECT.fullmatch(clip.strip())):
        return None
    inches = []
    for word in re.split(r"[,\s]+", written[1].strip()):
        length = _LENGTH.fullmatch("0" if word == "auto" else word)
        if not length:
            return None
        inches.append(max(0.0, float(length[1]) / _INCH[length[2]]))
    if len(inches) != 4:
        return None
    top, right, bottom, left = inches
    return left, top, right, bottom


def _sides_of(
    package: zipfile.ZipFile, target: str, hidden: tuple[float, float, float, float]
) -> Sides | None:
    """What is hidden, as a share of the image at its natural size; None when nothing would be seen."""
    if target not in package.namelist() or package.getinfo(target).file_size > WEIGHT:
        return None
    try:
        with Image.open(io.BytesIO(package.read(target)), formats=("PNG", "JPEG")) as image:
            dpi = image.info.get("dpi", (_SCREEN, _SCREEN))
            width, height = (
                size / float(by if by > 1 else _SCREEN)
                for size, by in zip(image.size, dpi, strict=True)
            )
    except (OSError, ValueError, TypeError, Image.DecompressionBombError):
        return None
    left, top, right, bottom = (
        round(_WHOLE * inches / whole)
        for inches, whole in zip(hidden, (width, height, width, height), strict=True)
    )
    return (left, top, right, bottom) if left + right < _WHOLE > top + bottom else None


def _list_cropped(root: Any) -> list[tuple[Any, Sides]]:
    found = []
    for rectangle in root.iter(f"{_A}srcRect"):
        blip = rectangle.getparent().find(f"{_A}blip")
        sides = tuple(_read_side(rectangle.get(side)) for side in "ltrb")
        # What is hidden from two sides must leave something to see.
        if blip is not None and sides[0] + sides[2] < _WHOLE and sides[1] + sides[3] < _WHOLE:
            found.append((blip, sides))
    return found  # type: ignore[return-value]


def _read_side(written: str | None) -> int:
    """A negative side adds a margin around the image: there is nothing to cut."""
    try:
        if written and written.endswith("%"):
            return max(0, round(float(written[:-1]) * 1000))
        return max(0, int(written or 0))
    except ValueError:
        return 0


def _cut(package: zipfile.ZipFile, target: str, suffix: str, sides: Sides) -> bytes | None:
    """The visible part of an image, in its own format; None when it cannot be read."""
    if suffix not in _FORMATS or target not in package.namelist():
        return None
    if package.getinfo(target).file_size > WEIGHT:
        return None
    left, top, right, bottom = (side / _WHOLE for side in sides)
    try:
        with Image.open(io.BytesIO(package.read(target)), formats=("PNG", "JPEG")) as image:
            width, height = image.size
            if width * height > PIXELS:
                return None
            visible = (
                round(left * width),
                round(top * height),
                max(round((1 - right) * width), round(left * width) + 1),
                max(round((1 - bottom) * height), round(top * height) + 1),
            )
            target_bytes = io.BytesIO()
            part = image.crop(visible)
            if _FORMATS[suffix] == "JPEG":
                part = part.convert("L" if image.mode == "L" else "RGB")
            part.save(
                target_bytes, _FORMATS[suffix], **({"quality": 92} if suffix != ".png" else {})
            )
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    return target_bytes.getvalue()

"""Make ready a document for pandoc, and list what pandoc would lose without a word.

What it would drop is rewritten in the package before the conversion, by `word_preparation` and
`odt_preparation`. What an article cannot hold (headers, charts…) is only counted.
Bytes in, bytes out. The caller has already bounded the package (size, entries, ratio).
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import dataclass

from wikimarche.domain.importing.odt_preparation import prepare_odt
from wikimarche.domain.importing.package import (
    END,
    IMAGE_LIMIT,
    PRIVATE,
    START,
    UNREADABLE,
    Survey,
    read_part,
    sign,
)
from wikimarche.domain.importing.pieces import ImportRefused
from wikimarche.domain.importing.word_preparation import prepare_word


@dataclass(frozen=True)
class Prepared:
    """The package to hand to pandoc, and its survey."""

    content: bytes
    survey: Survey


def prepare(content: bytes, source: str) -> Prepared:
    """Return the package ready for pandoc; « markdown » passes through.

    source: « docx », « odt » or « markdown ».
    Raises ImportRefused for a damaged package.
    """
    survey = Survey()
    if source == "markdown":
        return Prepared(_prepare_markdown(content, survey), survey)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = prepare_word if source == "docx" else prepare_odt
            return Prepared(_rewrite(package, parts(package, survey)), survey)
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError) as error:
        raise ImportRefused(UNREADABLE) from error


_OWN_COMMENT = re.compile(r"^<!-- (art|inter|sansnum|cartouche|titre)[ _]?(\w*) -->$")
_OWN_IMAGE = re.compile(
    r"\[(image-\d+)\]: data:image/(png|jpeg);base64,((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?)"
    r"( \{(?:width=\d{1,4}px)? ?(?:height=\d{1,4}px)?\})?\Z"
)
_LIST_LINE = re.compile(r"^\s{0,3}(?:[-*+•]|\d{1,3}[.)])\s+\S")
# The one way to raise a word that every reader of Markdown knows; any other markup stays text.
_RAISED = re.compile(r"<(sup|sub)>([^\s<>^~`\\]{1,40})</\1>")
_BREAK = re.compile(r"(?i)<br\s*/?>")
# Boxes of a page around the text: pandoc would take one half of them, and print the other.
_BOX = re.compile(
    r"(?i)</?(?:article|aside|center|details|div|figcaption|figure|font|main|p|section|summary)"
    r"(?:\s[^<>]*)?/?>"
)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|\\<")
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~)")


def _front_matter(text: str) -> tuple[list[str], str]:
    """Split the entries between two « --- » lines at the head of the text from the rest."""
    lines = text[:20_000].split("\n")
    if lines[0].rstrip() != "---":
        return [], text
    for rank, line in enumerate(lines[1:81], start=1):
        if line.rstrip() in ("---", "..."):
            return lines[1:rank], "\n".join(lines[rank + 1 :]) + text[20_000:]
        if line.strip() and ":" not in line and line[0] not in " \t#-":
            break
    return [], text


def _read_tags(line: str, survey: Survey) -> str:
    """Make a mark of a line break, as wide as it is in a table; take out the boxes of a page."""
    if "<" not in line:
        return line

    def rewrite(text: str) -> str:
        for found in _BOX.finditer(text):
            survey.add("balise_html", found[0])
        text = _BREAK.sub(lambda m: sign("b", "0" * (len(m[0]) - 4)), _BOX.sub("", text))
        return _RAISED.sub(lambda m: ("^{}^" if m[1] == "sup" else "~{}~").format(m[2]), text)

    out, position = "", 0
    for code in _CODE.finditer(line):
        out += rewrite(line[position : code.start()]) + code[0]
        position = code.end()
    return out + rewrite(line[position:])


def _prepare_markdown(received: bytes, survey: Survey) -> bytes:
    """Forgive what people type: lists and titles without a blank line before them.

    The comments of our own export become marks at the head of the line they announce.
    """
    text = received.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    text = PRIVATE.sub("", text)
    lines: list[str] = []
    entries, text = _front_matter(text)
    for entry in filter(str.strip, entries):
        if title := re.match(r"(?:title|titre)\s*:\s*(.*)", entry):
            lines += [f"{START}titre:{END}" + title[1].strip(" \"'"), ""]
        else:
            survey.add("metadonnee", entry)
    signs = ""
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        if not fenced and (image := _OWN_IMAGE.match(line)):
            content = base64.b64decode(image[3])
            nom = f"{image[1]}.{'png' if image[2] == 'png' else 'jpg'}"
            # The same image at another size: one file.
            nom = next((other for other, held in survey.media.items() if held == content), nom)
            survey.media[nom] = content
            lines.append(f"[{image[1]}]: {nom}{image[4] or ''}")
            continue
        if not fenced and line.strip() == "<!-- -->":
            lines += ["", f"{START}sep:{END}", ""]
            continue
        if not fenced and (found := _OWN_COMMENT.match(line.strip())):
            signs += f"{START}{found[1]}:{found[2]}{END}"
            continue
        if not fenced:
            line = _read_tags(line, survey)  # noqa: PLW2901
        if signs and line.strip():
            title = re.match(r"#{1,6}\s+", line)
            cut = title.end() if title else 0
            signed, signs = line[:cut] + signs + line[cut:], ""
        else:
            signed = line
        before = lines[-1] if lines else ""
        opens = re.match(r"#{1,6}\s+\S", signed) or (
            _LIST_LINE.match(signed)
            and not _LIST_LINE.match(before)
            and not before.startswith("  ")
        )
        if not fenced and before.strip() and opens and not before.lstrip().startswith("|"):
            lines.append("")
        lines.append(signed)
    return "\n".join(lines).encode()


def _rewrite(package: zipfile.ZipFile, parts: dict[str, bytes]) -> bytes:
    """Copy the package with new parts, without the fonts and objects nobody reads."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
        for name in parts.keys() - set(package.namelist()):
            copy.writestr(name, parts[name])
        for entry in package.infolist():
            name = entry.filename
            if name in parts:
                copy.writestr(name, parts[name])
            elif (
                entry.is_dir()
                or name.endswith((".bin", ".ttf", ".odttf", ".fntdata"))
                or re.search(r"(?:^|/)(?:Thumbnails|embeddings|glossary)/", name)
            ):
                continue
            else:
                copy.writestr(name, read_part(package, name))
    return target.getvalue()


def read_media(content: bytes, names: list[str]) -> dict[str, bytes]:
    """Return the bytes of the images pandoc names (« media/image1.png », « Pictures/1.png »).

    Missing, linked or over-heavy images are left out.
    """
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            present = set(package.namelist())
            for name in names:
                for path in (f"word/{name}", name.lstrip("./")):
                    if path in present and package.getinfo(path).file_size <= IMAGE_LIMIT:
                        found[name] = read_part(package, path, IMAGE_LIMIT)
                        break
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError):
        return found
    return found

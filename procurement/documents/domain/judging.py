"""What a document may be, judged on its bytes before any reader opens it.

Refusals are French sentences, shown as they are. Notices are sentences too: the document is read,
but something in it will be left out.
"""

import re
from collections.abc import Callable
from typing import Final, Literal
from xml.parsers import expat

from procurement.documents.domain.containers import (
    HEAD,
    MOST_ENTRIES,
    MOST_RATIO,
    MOST_UNPACKED,
    ContainerRefused,
    Entry,
    inflate,
    list_entries,
)
from procurement.documents.domain.names import extension_of
from procurement.ui.typographie import format_octets


Kind = Literal["docx", "odt", "markdown"]

LARGEST = 25_000_000
KINDS: Final[dict[str, Kind]] = {
    "docx": "docx",
    "odt": "odt",
    "md": "markdown",
    "markdown": "markdown",
}
"""What is accepted, by extension: the judge, the reader and the screens know no other table."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ODT_TYPES = {
    b"application/vnd.oasis.opendocument.text",
    b"application/vnd.oasis.opendocument.text-template",
}
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ", b"BZh")
XML_ENDINGS = (".xml", ".rels", ".rdf", ".xhtml", ".html", ".htm", ".vml", ".svg")

MAIN_PART = re.compile(r"word/document\d*\.xml")
READ_PARTS = re.compile(
    r"word/(?:document\d*|styles|numbering|footnotes|endnotes|comments|settings|header\d*|footer\d*)"
    r"\.xml|content\.xml|styles\.xml"
)
"""Parts the reader parses: they are parsed here first, to their end, with bounds."""
LARGEST_PART = 64 << 20
MOST_ELEMENTS = 1_000_000
DEEPEST = 150
"""Elements one inside the other. A table in a table costs three; a drawn text box about fifteen."""

LONGEST_LINE = 20_000
"""Signs of a line of Markdown; past that it is no text a person wrote, and readers take for ever."""

IMAGE_LINE = re.compile(
    r"\[image-\d+\]: data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}"
    r"(?: \{(?:width=\d{1,4}px)? ?(?:height=\d{1,4}px)?\})?\Z"
)
"""An image inside our own Markdown: long, but no text. The importer takes the same lines out."""

REFUSALS = {
    "ligne": "Ce texte a une ligne de plus de 20\u202f000 signes\u202f: ce n’est pas un document à importer.",
    "taille": f"Ce fichier fait {{taille}}\u202f; {format_octets(LARGEST)} au plus.",
    "vide": "Ce fichier est vide.",
    "extension": "Ce type de fichier n’est pas accepté\u202f: déposez un .docx, un .odt ou un texte Markdown (.md).",
    "doc": "Ce fichier est un ancien document Word (.doc)\u202f: enregistrez-le en .docx, puis déposez-le.",
    "pas_docx": "Ce fichier n’est pas un document Word (.docx), malgré son nom.",
    "pas_odt": "Ce fichier n’est pas un document OpenDocument (.odt), malgré son nom.",
    "pas_texte": "Ce fichier n’est pas un texte, malgré son nom.",
    "chiffre": "Ce document est protégé par un mot de passe\u202f: retirez la protection, puis déposez-le.",
    "macros": "Ce document contient des macros\u202f: enregistrez-le sans macros (.docx ou .odt), puis déposez-le.",
    "sans_texte": "Ce document Word est incomplet\u202f: la partie qui porte son texte manque.",
    "abime": "Ce document est abîmé\u202f: son contenu s’interrompt ou ne peut pas être lu.",
    "imbrique": "Ce document est trop imbriqué (tableaux dans des tableaux) pour être lu.",
    "partie": "Ce document est trop lourd pour être lu d’un seul tenant\u202f: coupez-le en plusieurs.",
    "tronque": "Ce document est incomplet ou abîmé\u202f: il s’ouvre mal, déposez-le à nouveau.",
    "mensonge": "Ce document est abîmé\u202f: son contenu ne correspond pas à ce qu’il annonce.",
    "noms": "Ce document est construit de façon inhabituelle\u202f: ses parties portent des noms interdits.",
    "methode": "Ce document utilise une compression qui n’est pas acceptée.",
    "entrees": f"Ce document contient plus de {MOST_ENTRIES} éléments.",
    "deplie": f"Ce document, une fois déplié, dépasse {MOST_UNPACKED >> 20}\u00a0Mo.",
    "ratio": f"Ce document se déplie plus de {MOST_RATIO} fois\u202f: il est refusé par prudence.",
    "recouvrement": "Ce document est construit de façon inhabituelle\u202f: ses parties se recouvrent.",
    "archive": "Ce document contient une archive\u202f: retirez-la, puis déposez-le.",
    "entites": "Ce document contient des déclarations XML interdites (DTD ou entités).",
}
NOTICES = {
    "modele": "Le modèle externe du document ne sera pas chargé.",
    "objets": "Les objets incorporés (tableurs, dessins OLE) ne seront pas repris.",
    "inclusions": "Les fichiers HTML ou Word inclus dans le document ne seront pas repris.",
    "images": "Les images qui se trouvent hors du document ne seront pas chargées.",
    "encodage": "Le texte n’est pas en UTF-8\u202f: il a été lu en Windows-1252, vérifiez les accents.",
}


class DocumentRefused(Exception):
    """The document is refused. ``kind`` is stable; ``reason`` is the French sentence to show."""

    def __init__(self, kind: str, **said: str) -> None:
        self.reason = REFUSALS[kind].format(**said)
        super().__init__(self.reason)
        self.kind = kind


def kind_of(nom: str) -> Kind:
    """Return "docx", "odt" or "markdown" for a name. Raises DocumentRefused for another one.

    >>> kind_of("CCAP.docx"), kind_of("notes.md")
    ('docx', 'markdown')
    >>> kind_of("notes.txt")
    Traceback (most recent call last):
        ...
    procurement.documents.domain.judging.DocumentRefused: Ce type de fichier n’est pas accepté\u202f: déposez un .docx, un .odt ou un texte Markdown (.md).
    """
    extension = extension_of(nom)
    if extension in {"docm", "dotm"}:
        raise DocumentRefused("macros")
    if extension == "doc":
        raise DocumentRefused("doc")
    if extension not in KINDS:
        raise DocumentRefused("extension")
    return KINDS[extension]


def judge_size(size: int) -> None:
    """Judge a size in bytes, before the first byte is read. Raises DocumentRefused."""
    if size > LARGEST:
        raise DocumentRefused("taille", taille=format_octets(size))
    if size == 0:
        raise DocumentRefused("vide")


def judge_container(content: bytes, kind: str) -> list[str]:
    """Judge the bytes of a "docx", "odt" or "markdown"; return notices, in French.

    Raises DocumentRefused. Costs at most one pass over 150 MB inflated, none of it kept.
    """
    judge_size(len(content))
    if kind == "markdown":
        text, notices = decode_text(content)
        if any(
            len(line) > LONGEST_LINE and not IMAGE_LINE.match(line) for line in text.splitlines()
        ):
            raise DocumentRefused("ligne")
        return notices
    if content.startswith(OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in content
        raise DocumentRefused("chiffre" if encrypted else "doc" if kind == "docx" else "pas_odt")
    if not content.startswith(b"PK\x03\x04"):
        raise DocumentRefused(f"pas_{kind}")
    try:
        entries = list_entries(content)
        return _judge_docx(content, entries) if kind == "docx" else _judge_odt(content, entries)
    except ContainerRefused as refusal:
        raise DocumentRefused(refusal.kind) from None


def _judge_docx(content: bytes, entries: list[Entry]) -> list[str]:
    names = {entry.name for entry in entries}
    if any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise DocumentRefused("macros")
    if "[Content_Types].xml" not in names:
        raise DocumentRefused("pas_docx")
    if not any(MAIN_PART.fullmatch(name) for name in names):
        raise DocumentRefused("sans_texte")
    notices = set()
    for entry in entries:
        whole = entry.name == "[Content_Types].xml" or entry.name.endswith(".rels")
        body = _read(content, entry, whole=whole, embedded="/embeddings/" in entry.name)
        if entry.name == "[Content_Types].xml":
            if b"macroEnabled" in body or b"vbaProject" in body:
                raise DocumentRefused("macros")
            if b"wordprocessingml.document.main+xml" not in body and (
                b"wordprocessingml.template.main+xml" not in body
            ):
                raise DocumentRefused("pas_docx")
        elif whole:
            notices |= _judge_relations(body)
        if "/embeddings/" in entry.name or "/activeX/" in entry.name:
            notices.add("objets")
    return [NOTICES[kind] for kind in NOTICES if kind in notices]


def _judge_relations(body: bytes) -> set[str]:
    """Tell which parts a Word file would fetch or include; refuse macros, whatever their name."""
    found = set()

    def look(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        outside = attributes.get("TargetMode") == "External"
        if kind.lower() in {"vbaproject", "wordvbadata"}:
            raise DocumentRefused("macros")
        if kind == "attachedTemplate" and outside:
            found.add("modele")
        if kind == "oleObject":
            found.add("objets")
        if kind in {"aFChunk", "subDocument"}:
            found.add("inclusions")
        if kind == "image" and outside:
            found.add("images")

    parser = _WholeParser(look)
    parser.feed(body)
    parser.close()
    return found


def _judge_odt(content: bytes, entries: list[Entry]) -> list[str]:
    named = {entry.name: entry for entry in entries}
    if "mimetype" not in named or "content.xml" not in named:
        raise DocumentRefused("pas_odt")
    if named["mimetype"].unpacked > 100:
        raise DocumentRefused("pas_odt")
    if b"".join(inflate(content, named["mimetype"])).strip() not in ODT_TYPES:
        raise DocumentRefused("pas_odt")
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in named):
        raise DocumentRefused("macros")
    notices = set()
    for entry in entries:
        manifest = entry.name == "META-INF/manifest.xml"
        body = _read(content, entry, whole=manifest, embedded=entry.name.startswith("Object"))
        if manifest and b"encryption-data" in body:
            raise DocumentRefused("chiffre")
        if entry.name.startswith("Object"):
            notices.add("objets")
    return [NOTICES[kind] for kind in NOTICES if kind in notices]


def _read(content: bytes, entry: Entry, *, whole: bool, embedded: bool) -> bytes:
    """Inflate an entry to its end, keep its head (or all of a small one) and judge that."""
    if whole and entry.unpacked > 16 * HEAD:
        raise DocumentRefused("noms")
    parser = _WholeParser() if READ_PARTS.fullmatch(entry.name) else None
    if parser and entry.unpacked > LARGEST_PART:
        raise DocumentRefused("partie")
    kept, wanted = bytearray(), entry.unpacked if whole else HEAD
    for chunk in inflate(content, entry):
        if len(kept) < wanted:
            kept += chunk[: wanted - len(kept)]
        if parser:
            parser.feed(chunk)
    body = bytes(kept)
    if body.startswith(ARCHIVES) and not embedded:
        raise DocumentRefused("archive")
    if parser:
        parser.close()
    elif entry.name.lower().endswith(XML_ENDINGS) and body:
        _judge_prolog(body)
    return body


def _refuse_entities(*args: object) -> None:
    raise DocumentRefused("entites")


class _WholeParser:
    """Reads a part to its end, piece by piece: well formed, no DTD, neither too deep nor too heavy.

    look: called with the name and the attributes of each element.
    """

    def __init__(self, look: Callable[[str, dict[str, str]], None] | None = None) -> None:
        self.depth = self.count = 0
        self.look = look
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse_entities
        self.parser.EntityDeclHandler = _refuse_entities
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        """Read what follows. Raises DocumentRefused."""
        self._parse(chunk, False)

    def close(self) -> None:
        """Say that the part ends here. Raises DocumentRefused when its root is still open."""
        self._parse(b"", True)

    def _parse(self, chunk: bytes, final: bool) -> None:
        try:
            self.parser.Parse(chunk, final)
        except (expat.ExpatError, ValueError, LookupError):
            raise DocumentRefused("abime") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST:
            raise DocumentRefused("imbrique")
        if self.count > MOST_ELEMENTS:
            raise DocumentRefused("partie")
        if self.look:
            self.look(name, attributes)

    def _end(self, name: str) -> None:
        self.depth -= 1


class _RootReached(Exception):
    pass


def _judge_prolog(body: bytes) -> None:
    """Refuse a DTD, in whatever encoding it hides; the parser stops at the first element."""

    def stop(*args: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.EntityDeclHandler = _refuse_entities
    parser.StartElementHandler = stop
    try:
        parser.Parse(body, False)
    except _RootReached:
        return
    except expat.ExpatError:
        raise DocumentRefused("mensonge") from None
    # A prolog longer than the head that was kept: nothing ordinary writes one.
    raise DocumentRefused("entites")


def decode_text(content: bytes) -> tuple[str, list[str]]:
    """Return the text of a Markdown file and notices. Raises DocumentRefused for what is no text.

    >>> decode_text("é".encode())
    ('é', [])
    >>> decode_text("é".encode("cp1252"))[0]
    'é'
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), []
        except UnicodeDecodeError:
            raise DocumentRefused("pas_texte") from None
    if b"\0" in content or content.startswith((b"%PDF-", b"PK\x03\x04", OLE, b"{\\rtf")):
        raise DocumentRefused("pas_texte")
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    strange = sum((sign < " " and sign not in "\t\n\r\f") or sign == "\ufffd" for sign in text)
    if strange > len(text) / 100:
        raise DocumentRefused("pas_texte")
    return text, [NOTICES["encodage"]]

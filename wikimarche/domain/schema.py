"""The schema of an article, read from schema.json, and the check of every document that comes in.

The same file is imported by the bundle of the browser: nothing about nodes, marks or their
attributes is written twice. Documents are ProseMirror JSON; a refusal is a French sentence.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, cast

from prosemirror.model import Fragment, Mark, MarkType, Node, NodeType, Schema
from prosemirror.model.node import TextNode

from wikimarche.domain import port  # noqa: F401 - corrects the port before anything uses it


Json = Any
"""A JSON value. ProseMirror documents are too deep for a useful recursive type."""

DEFINITION: Final[dict[str, Json]] = json.loads(
    Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
)
LIMITS: Final[dict[str, Json]] = DEFINITION["limits"]
SCHEMA: Final[Schema[str, str]] = Schema(
    {"topNode": DEFINITION["topNode"], "nodes": DEFINITION["nodes"], "marks": DEFINITION["marks"]}
)
FORBIDDEN: Final = re.compile(LIMITS["forbidden"])
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NODE_KEYS: Final = frozenset({"type", "attrs", "content", "marks", "text"})
_MARK_KEYS: Final = frozenset({"type", "attrs"})
_NONE: Final[list[Mark]] = []

INVISIBLE: Final[Mapping[str, str]] = {
    "\u061c": "marque de lettre arabe",
    "\u200b": "espace de largeur nulle",
    "\u200e": "marque de gauche à droite",
    "\u200f": "marque de droite à gauche",
    "\u202a": "incorporation de gauche à droite",
    "\u202b": "incorporation de droite à gauche",
    "\u202c": "fin de direction",
    "\u202d": "forçage de gauche à droite",
    "\u202e": "forçage de droite à gauche",
    "\u2060": "gluon de mots",
    "\u2066": "isolat de gauche à droite",
    "\u2067": "isolat de droite à gauche",
    "\u2068": "isolat de première direction",
    "\u2069": "fin d’isolat",
    "\ufeff": "marque d’ordre des octets",
}
"""Characters that change how a text reads without being seen. Kept, but never silently."""
_INVISIBLE_RE: Final = re.compile("[" + "".join(INVISIBLE) + "]")
REORDERING: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Those that make digits and words be read in another order than they are written."""
_UNSEEN: Final = "\u00ad\u200b\u2060\ufeff"
"""Those that take no room: in an amount they make one number of two, or two of one."""
_MISREAD_RE: Final = re.compile(f"[{REORDERING}]|(?<=\\d)[{_UNSEEN}]|[{_UNSEEN}](?=\\d)")
_OTHER_DIGIT_RE: Final = re.compile(r"[^\D0-9]")
"""A digit of another script, of full width or of mathematics: it looks like one of ours."""


class SchemaRefused(ValueError):
    """A document or a step that the schema does not allow. str() is a French sentence for the person."""


class Invisible(NamedTuple):
    """An invisible character found in a text: offset in code points, its name in French, itself."""

    offset: int
    nom: str
    caractere: str


def quote(name: object) -> str:
    """Quote a foreign word in a French sentence, cut to 40 characters, without control characters.

    >>> quote("script")
    '«\u202fscript\u202f»'
    """
    text = "".join(c if c.isprintable() else "�" for c in str(name)[:40])
    return f"«\u202f{text}\u202f»"


def find_invisible(text: str) -> list[Invisible]:
    """List the bidirectional controls and zero-width characters of a text.

    >>> [(i.offset, i.nom) for i in find_invisible("prix\u202eTH")]
    [(4, 'forçage de droite à gauche')]
    """
    return [Invisible(m.start(), INVISIBLE[m[0]], m[0]) for m in _INVISIBLE_RE.finditer(text)]


def show_invisible(text: str) -> str:
    """Put ␦ in place of what makes a text be read otherwise than it is written, for whoever reads or prints.

    Typed text keeps them: positions of steps count on it. What takes no room is shown beside digits
    only: elsewhere it changes nothing that is read.

    >>> show_invisible("prix\u202e00 5 €, soit 1\u200b000 € pour la coopé\u00adration") == (
    ...     "prix␦00 5 €, soit 1␦000 € pour la coopé\u00adration"
    ... )
    True
    """
    return _MISREAD_RE.sub("␦", text) if _MISREAD_RE.search(text) else text


def tell_misread(text: str) -> str:
    """Warn the person who typed this text, in a French sentence; "" when it reads as it is written.

    >>> bool(tell_misread("prix\u202e00 5 €")), bool(tell_misread("１2 €"))
    (True, True)
    >>> tell_misread("12 % au plus")
    ''
    """
    if _MISREAD_RE.search(text):
        return (
            "Ce que vous venez d’écrire contient un caractère invisible qui trompe la lecture\u202f:"
            " il est enregistré, et montré par le signe ␦. Effacez-le s’il n’est pas voulu."
        )
    if _OTHER_DIGIT_RE.search(text):
        return (
            "Ce que vous venez d’écrire contient un caractère qui ressemble à un chiffre sans être"
            " un chiffre ordinaire. Retapez le nombre s’il vient d’un autre document."
        )
    return ""


def words_in(value: Json) -> str:
    """Put together the texts of nodes, notes and images, wherever they stand in steps or in a body.

    >>> words_in([{"slice": {"content": [{"type": "text", "text": "un"}]}}, "deux"])
    'un'
    """
    found, waiting = [], [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting.extend(reversed(current))
        elif isinstance(current, dict):
            found += [
                text
                for name in ("text", "texte", "alt")
                if isinstance(text := current.get(name), str)
            ]
            waiting.extend(reversed(list(current.values())))
    return "\n".join(found)


def check_text(text: str) -> None:
    """Refuse NUL, control characters that XML forbids, and halves of surrogate pairs.

    Raises SchemaRefused. Tab and line feed pass; bidirectional controls pass (see find_invisible).
    """
    if FORBIDDEN.search(text) or _SURROGATE.search(text):
        msg = "Le texte contient un caractère de commande interdit."
        raise SchemaRefused(msg)


def clean_text(text: str) -> str:
    r"""Drop what check_text refuses; for imports, which must not fail on a stray control character.

    >>> clean_text("a\x00b\x0bc")
    'abc'
    """
    return _SURROGATE.sub("", FORBIDDEN.sub("", text))


# -- attributes ------------------------------------------------------------------------------------


class _Attribute(NamedTuple):
    name: str
    required: bool
    default: Json
    accepts: Callable[[Json], bool]


_TYPES: Final[dict[str, type]] = {"string": str, "number": int, "null": type(None)}


def _compile(name: str, spec: Mapping[str, Json]) -> _Attribute:
    types = tuple(_TYPES[word] for word in spec["validate"].split("|"))
    pattern = re.compile(spec["pattern"].removesuffix("$") + r"\Z") if "pattern" in spec else None
    values = spec.get("values")
    low, high = spec.get("min"), spec.get("max")
    shortest, longest = spec.get("minLength", 0), spec.get("maxLength", 2000)

    def accepts(value: Json) -> bool:
        if type(value) not in types:
            return False
        if value is None:
            return True
        if values is not None and value not in values:
            return False
        if isinstance(value, str):
            if not shortest <= len(value) <= longest or FORBIDDEN.search(value):
                return False
            if _SURROGATE.search(value) or (shortest and not value.strip()):
                return False
            return pattern is None or pattern.match(value) is not None
        return (low is None or value >= low) and (high is None or value <= high)

    return _Attribute(name, "default" not in spec, spec.get("default"), accepts)


def _compile_all(section: str) -> dict[str, tuple[_Attribute, ...]]:
    return {
        name: tuple(_compile(attr, spec) for attr, spec in definition.get("attrs", {}).items())
        for name, definition in DEFINITION[section].items()
    }


_NODE_ATTRS: Final = _compile_all("nodes")
_MARK_ATTRS: Final = _compile_all("marks")
_SPARSE: Final = {
    name: frozenset(a for a, spec in definition.get("attrs", {}).items() if spec.get("sparse"))
    for name, definition in DEFINITION["nodes"].items()
}
ATTRIBUTE_NAMES: Final = frozenset(a.name for attrs in _NODE_ATTRS.values() for a in attrs)


def written_attrs(name: str, attrs: Mapping[str, Json]) -> dict[str, Json]:
    """Attributes as they are hashed and compared: a sparse one that says nothing is left out.

    A sparse attribute came after the first texts: those keep their hash.

    >>> written_attrs("image", {"alt": "Plan", "largeur": None, "hauteur": 20})
    {'alt': 'Plan', 'hauteur': 20}
    """
    sparse = _SPARSE.get(name)
    if not sparse:
        return dict(attrs)
    return {key: value for key, value in attrs.items() if value is not None or key not in sparse}


def _check_attrs(attrs: Mapping[str, Json], spec: tuple[_Attribute, ...], name: str) -> None:
    if len(attrs) != len(spec):
        msg = f"Attributs inattendus sur {quote(name)}."
        raise SchemaRefused(msg)
    for attribute in spec:
        if not attribute.accepts(attrs.get(attribute.name)):
            _refuse_attribute(attribute.name, name)


def _refuse_attribute(attribute: str, name: str) -> None:
    if attribute == "href":
        msg = "Un lien doit commencer par http://, https:// ou mailto:."
    elif attribute == "alt":
        msg = "Une image doit porter un texte de remplacement."
    else:
        msg = f"Valeur refusée pour l’attribut {quote(attribute)} de {quote(name)}."
    raise SchemaRefused(msg)


def _build_attrs(value: Json, spec: tuple[_Attribute, ...], name: str) -> dict[str, Json]:
    given = {} if value is None else value
    if not isinstance(given, dict):
        msg = f"Attributs illisibles sur {quote(name)}."
        raise SchemaRefused(msg)
    known = {attribute.name for attribute in spec}
    for key in given:
        if key not in known:
            msg = f"Attribut inconnu sur {quote(name)}\u202f: {quote(key)}."
            raise SchemaRefused(msg)
    built = {}
    for attribute in spec:
        if attribute.name in given:
            found = given[attribute.name]
            if not attribute.accepts(found):
                _refuse_attribute(attribute.name, name)
            built[attribute.name] = found
        elif attribute.required:
            _refuse_attribute(attribute.name, name)
        else:
            built[attribute.name] = attribute.default
    return built


# -- building --------------------------------------------------------------------------------------


def build_mark(data: Json) -> Mark:
    """Build a mark from {"type", "attrs"}; raises SchemaRefused on anything unknown."""
    if not isinstance(data, dict) or not data.keys() <= _MARK_KEYS:
        msg = "Mise en forme illisible."
        raise SchemaRefused(msg)
    name = data.get("type")
    kind: MarkType | None = SCHEMA.marks.get(name) if isinstance(name, str) else None
    if kind is None:
        msg = f"Mise en forme inconnue\u202f: {quote(name)}."
        raise SchemaRefused(msg)
    return Mark(kind, _build_attrs(data.get("attrs"), _MARK_ATTRS[kind.name], kind.name))


def _build_marks(data: Json) -> list[Mark]:
    if data is None:
        return _NONE
    if not isinstance(data, list) or len(data) > 200:
        msg = "Mises en forme illisibles."
        raise SchemaRefused(msg)
    marks = [build_mark(item) for item in data]
    ordered: list[Mark] = []
    for mark in marks:
        ordered = mark.add_to_set(ordered)
    if len(ordered) != len(marks):
        msg = "Deux mises en forme d’un même passage s’excluent."
        raise SchemaRefused(msg)
    return ordered


def build_fragment(data: Json, depth: int = 1) -> Fragment:
    """Build a list of nodes without checking how they nest: a slice may be open at both ends.

    Raises SchemaRefused on an unknown node, attribute or mark, a hostile link, a forbidden
    character or a nesting deeper than LIMITS["depth"].
    """
    if data is None:
        return Fragment.empty
    if not isinstance(data, list):
        msg = "Contenu illisible."
        raise SchemaRefused(msg)
    return Fragment.from_array([build_node(item, depth) for item in data])


def build_node(data: Json, depth: int = 0) -> Node:
    """Build one node and what it holds; same refusals as build_fragment."""
    if depth > LIMITS["depth"]:
        msg = "Le contenu est imbriqué trop profondément."
        raise SchemaRefused(msg)
    if not isinstance(data, dict):
        msg = "Contenu illisible."
        raise SchemaRefused(msg)
    name = data.get("type")
    kind: NodeType | None = SCHEMA.nodes.get(name) if isinstance(name, str) else None
    if kind is None:
        msg = f"Élément inconnu\u202f: {quote(name)}."
        raise SchemaRefused(msg)
    if not data.keys() <= _NODE_KEYS:
        unknown = min(str(key) for key in data.keys() - _NODE_KEYS)
        msg = f"Propriété inconnue\u202f: {quote(unknown)}."
        raise SchemaRefused(msg)
    marks = _build_marks(data.get("marks"))
    attrs = _build_attrs(data.get("attrs"), _NODE_ATTRS[kind.name], kind.name)
    if kind.is_text:
        text = data.get("text")
        if not isinstance(text, str) or not text or "content" in data:
            msg = "Texte illisible."
            raise SchemaRefused(msg)
        check_text(text)
        return TextNode(kind, attrs, text, marks)
    if "text" in data:
        msg = f"Texte inattendu dans {quote(name)}."
        raise SchemaRefused(msg)
    return Node(kind, attrs, build_fragment(data.get("content"), depth + 1), marks)


# -- checking --------------------------------------------------------------------------------------


def check_node(node: Node, depth: int = 1) -> None:
    """Check a node and its content against the schema, attributes included; SchemaRefused otherwise."""
    if depth > LIMITS["depth"]:
        msg = "Le contenu est imbriqué trop profondément."
        raise SchemaRefused(msg)
    kind = node.type
    if not kind.valid_content(node.content):
        msg = f"Contenu refusé dans {quote(kind.name)}."
        raise SchemaRefused(msg)
    _check_attrs(node.attrs, _NODE_ATTRS[kind.name], kind.name)
    if node.marks:
        ordered: list[Mark] = []
        for mark in node.marks:
            _check_attrs(mark.attrs, _MARK_ATTRS[mark.type.name], mark.type.name)
            ordered = mark.add_to_set(ordered)
        if not Mark.same_set(ordered, node.marks):
            msg = "Deux mises en forme d’un même passage s’excluent."
            raise SchemaRefused(msg)
    if kind.name == "table":
        _check_table(node)
    for child in node.content.content:
        if child.is_text and not child.marks:
            continue
        check_node(child, depth + 1)


def span(cell: Node, name: Literal["colspan", "rowspan"]) -> int:
    """How many columns or rows a cell covers."""
    return cast("int", cell.attrs[name])


def overflowing_cells(table: Node) -> Iterator[tuple[int, int, int]]:
    """Yield (row, cell, rows left) for each cell whose rowspan passes the last row of its table."""
    rows = table.content.content
    for r, row in enumerate(rows):
        for c, cell in enumerate(row.content.content):
            if r + span(cell, "rowspan") > len(rows):
                yield r, c, len(rows) - r


def _check_table(table: Node) -> None:
    rows = table.content.content
    if len(rows) > LIMITS["rows"]:
        msg = f"Un tableau compte au plus {LIMITS['rows']} lignes."
        raise SchemaRefused(msg)
    hanging: list[int] = []
    for row in rows:
        width = len(hanging) + sum(span(cell, "colspan") for cell in row.content.content)
        if width > LIMITS["columns"]:
            msg = f"Un tableau compte au plus {LIMITS['columns']} colonnes."
            raise SchemaRefused(msg)
        hanging = [left - 1 for left in hanging if left > 1]
        for cell in row.content.content:
            if (left := span(cell, "rowspan") - 1) > 0:
                hanging.extend([left] * span(cell, "colspan"))


def iter_blocks(node: Node, pos: int = 0) -> Iterator[tuple[int, Node]]:
    """Yield (position, block) for every block of a document, in order; inline content is skipped."""
    for child in node.content.content:
        if child.type.is_block:
            yield pos, child
            if not child.type.inline_content:
                yield from iter_blocks(child, pos + 1)
        pos += child.node_size


def check_whole(doc: Node) -> None:
    """Check what no single block can tell: size, identifiers unique, spans inside their table."""
    if doc.content.size > LIMITS["size"]:
        msg = f"Un article compte au plus {LIMITS['size']:,} signes.".replace(",", "\u202f")
        raise SchemaRefused(msg)
    if doc.attrs or doc.marks or not doc.type.valid_content(doc.content):
        msg = "Un article contient au moins un paragraphe."
        raise SchemaRefused(msg)
    seen: set[str] = set()
    for _pos, block in iter_blocks(doc):
        identifier = block.attrs.get("id")
        if isinstance(identifier, str):
            if identifier in seen:
                msg = f"Deux blocs portent le même identifiant {quote(identifier)}."
                raise SchemaRefused(msg)
            seen.add(identifier)
        if block.type.name == "table" and next(overflowing_cells(block), None):
            msg = "Une cellule fusionnée dépasse la dernière ligne de son tableau."
            raise SchemaRefused(msg)


def parse_doc(data: Json) -> Node:
    """Read a document from outside (import, form, API) and check everything.

    data: ProseMirror JSON, {"type": "doc", "content": [block…]}, already parsed.
    Returns the root node. Raises SchemaRefused with a French sentence on an unknown node,
    attribute, mark or property, a link that is not http, https or mailto, a forbidden character,
    a depth or size beyond LIMITS, an identifier used twice, a span outside its table.

    >>> parse_doc({"type": "doc", "content": [{"type": "script"}]})
    Traceback (most recent call last):
    ...
    wikimarche.domain.schema.SchemaRefused: Élément inconnu\u202f: «\u202fscript\u202f».
    """
    if not isinstance(data, dict) or data.get("type") != "doc":
        msg = "Ce contenu n’est pas un article."
        raise SchemaRefused(msg)
    doc = build_node(data)
    check_node(doc, 0)
    check_whole(doc)
    return doc


def load_doc(data: Json) -> Node:
    """Read a document this platform wrote. Unchecked but for node and mark names: rules may tighten.

    Raises SchemaRefused if a name is unknown to the schema.
    """
    nodes, marks = SCHEMA.nodes, SCHEMA.marks
    try:
        return _load(data, nodes, marks)
    except (KeyError, TypeError) as error:
        msg = "Ce contenu n’est pas un article de cette plateforme."
        raise SchemaRefused(msg) from error


def _load(data: Json, nodes: Mapping[str, NodeType], marks: Mapping[str, MarkType]) -> Node:
    kind = nodes[data["type"]]
    given = data.get("attrs") or {}
    attrs = {a.name: given.get(a.name, a.default) for a in _NODE_ATTRS[kind.name]}
    found = [
        Mark(marks[mark["type"]], dict(mark.get("attrs") or {})) for mark in data.get("marks") or ()
    ]
    if kind.is_text:
        return TextNode(kind, attrs, data["text"], found)
    children = [_load(item, nodes, marks) for item in data.get("content") or ()]
    return Node(kind, attrs, Fragment.from_array(children), found)


def dump_doc(doc: Node) -> dict[str, Json]:
    """Write a document as ProseMirror JSON, defaults included: the form that is stored."""
    return dict(_dump(doc))


def _dump(node: Node) -> dict[str, Json]:
    data: dict[str, Json] = {"type": node.type.name}
    if node.attrs:
        data["attrs"] = dict(node.attrs)
    if node.content.content:
        data["content"] = [_dump(child) for child in node.content.content]
    if node.marks:
        data["marks"] = [_dump_mark(mark) for mark in node.marks]
    if node.text is not None:
        data["text"] = node.text
    return data


def _dump_mark(mark: Mark) -> dict[str, Json]:
    return (
        {"type": mark.type.name, "attrs": dict(mark.attrs)}
        if mark.attrs
        else {"type": mark.type.name}
    )


def empty_doc(identifier: str) -> dict[str, Json]:
    """Give the content of a new article: one empty paragraph, which needs an identifier."""
    return {"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": identifier}}]}


def texts_of(data: Sequence[Json]) -> Iterator[str]:
    """Yield every text of a JSON content, in order, marks and nesting ignored."""
    for node in data:
        if "text" in node:
            yield node["text"]
        else:
            yield from texts_of(node.get("content") or ())

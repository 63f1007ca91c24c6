"""The canonical form of an article: what its hash is computed on, and its plain text."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from procurement.audit.domain.canonique import json_digest
from wikimarche.domain.schema import DEFINITION, Json, written_attrs


FORMAT: Final = 1
"""Version of the canonical form; it is part of what is hashed."""

_LEFT_OUT: Final = frozenset({"comment"})
_RANKS: Final = {name: rank for rank, name in enumerate(DEFINITION["marks"])}
_DEFAULTS: Final = {
    name: {
        attr: spec["default"] for attr, spec in node.get("attrs", {}).items() if "default" in spec
    }
    for name, node in DEFINITION["nodes"].items()
}


def canonical_json(value: Json) -> str:
    """Write JSON in one way only: keys sorted, no space, no escape beyond what JSON requires.

    >>> canonical_json({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def canonical_node(data: Json) -> dict[str, Json]:
    """Copy a JSON node without what is not content.

    Left out: comment marks (and the cuts they made in the text), block identifiers, empty lists.
    Put in: defaults, and marks in the order of the schema.
    """
    name = data["type"]
    copy: dict[str, Json] = {"type": name}
    if name == "text":
        copy["text"] = data["text"]
    attrs = written_attrs(name, {**_DEFAULTS.get(name, {}), **(data.get("attrs") or {})})
    attrs.pop("id", None)
    if attrs:
        copy["attrs"] = attrs
    marks = [mark for mark in data.get("marks") or () if mark["type"] not in _LEFT_OUT]
    if marks:
        copy["marks"] = sorted(
            (
                {"type": m["type"], **({"attrs": m["attrs"]} if m.get("attrs") else {})}
                for m in marks
            ),
            key=lambda mark: _RANKS.get(mark["type"], len(_RANKS)),
        )
    children: list[dict[str, Json]] = []
    for item in data.get("content") or ():
        child = canonical_node(item)
        last = children[-1] if children else None
        if (
            last is not None
            and "text" in child
            and "text" in last
            and child.get("marks") == last.get("marks")
        ):
            children[-1] = {**last, "text": last["text"] + child["text"]}
        else:
            children.append(child)
    if children:
        copy["content"] = children
    return copy


def canonical_hash(titre: str, corps: Json) -> str:
    """Hash the content of an article: SHA-256, 64 hexadecimal digits.

    titre: plain text. corps: ProseMirror document as JSON.
    Comments and block identifiers do not count: commenting never voids a visa, and a copy has the
    hash of its source. Numbers do not count either: they are not in the text.

    >>> un = {"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": "aaaaaaaa"}}]}
    >>> deux = {"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": "bbbbbbbb"}}]}
    >>> canonical_hash("Objet", un) == canonical_hash("Objet", deux)
    True
    >>> canonical_hash("Objet", un) == canonical_hash("objet", un)
    False
    """
    content = {"format": FORMAT, "titre": titre, "corps": canonical_node(corps)}
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def plain_text(
    corps: Json,
    *,
    variables: Mapping[str, str] | None = None,
    renvois: Mapping[str, str] | None = None,
) -> str:
    """Give the text of an article, one line per paragraph: for search, statistics and matching.

    variables: path to value; a path without value reads « {{ path }} ». renvois: UUID of an
    article to its number; without number the cross-reference reads « l’article ». Footnotes come
    in brackets where they are called; cells are separated by tabs; an image gives its alt text.

    >>> plain_text({"type": "doc", "content": [{"type": "paragraph", "content": [
    ...     {"type": "text", "text": "Durée\u202f: "},
    ...     {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}]}]},
    ...     variables={"marche.duree_mois": "48 mois"})
    'Durée\u202f: 48 mois'
    """
    lines: list[str] = []
    for block in corps.get("content") or ():
        _lines(block, lines, variables or {}, renvois or {})
    return "\n".join(lines)


def block_text(block: Json) -> str:
    """Give the text of one block; same rules as plain_text."""
    return plain_text({"content": [block]})


def _lines(
    block: Json, lines: list[str], variables: Mapping[str, str], renvois: Mapping[str, str]
) -> None:
    kind = block["type"]
    content = block.get("content") or ()
    if kind in {"paragraph", "heading"}:
        lines.append(inline_text(content, variables=variables, renvois=renvois))
    elif kind == "table_row":
        cells = []
        for cell in content:
            inner: list[str] = []
            for child in cell.get("content") or ():
                _lines(child, inner, variables, renvois)
            cells.append(" ".join(inner))
        lines.append("\t".join(cells))
    elif kind == "image":
        lines.append(block["attrs"]["alt"])
    elif kind != "critere":
        for child in content:
            _lines(child, lines, variables, renvois)


def inline_text(
    content: Json,
    *,
    variables: Mapping[str, str] | None = None,
    renvois: Mapping[str, str] | None = None,
) -> str:
    """Give the text of the inline content of one block; same rules as plain_text."""
    parts: list[str] = []
    for node in content:
        kind = node["type"]
        if kind == "text":
            parts.append(node["text"])
        elif kind == "hard_break":
            parts.append("\n")
        elif kind == "variable":
            chemin = node["attrs"]["chemin"]
            parts.append((variables or {}).get(chemin) or f"{{{{ {chemin} }}}}")
        elif kind == "renvoi":
            number = (renvois or {}).get(node["attrs"]["article"])
            parts.append(f"article {number}" if number else "l’article")
        elif kind == "note_bas_de_page":
            parts.append(f" [{node['attrs']['texte']}]")
    return "".join(parts)


def piece_line(
    pk: UUID, parent: UUID | None, rang: str, statut: str, numerote: bool, empreinte: str
) -> str:
    """Say one article in the hash of its pièce: its place, its state and its own hash."""
    return f"{pk} {parent or '-'} {rang} {statut} {'n' if numerote else '-'} {empreinte}"


def hash_lines(lines: Iterable[str]) -> str:
    """Hash a whole pièce: the same definition as ``wikimarche_empreinte_piece`` in the database.

    lines: of each article (``piece_line``), in the order of their identifiers. Returns 64
    hexadecimal signs.

    >>> hash_lines([]) == hashlib.sha256(b"").hexdigest()
    True
    """
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def steps_hash(steps: Json) -> str:
    """Hash the steps of a commit as they were applied. Returns 64 hexadecimal signs.

    The verification computes it again from what Postgres kept (``json_digest`` of the audit).

    >>> steps_hash([]) == hashlib.sha256(b"[]").hexdigest()
    True
    """
    return json_digest(canonical_json(steps))

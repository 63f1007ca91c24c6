"""How heavy an article is, and how what is too heavy for one is cut."""

from __future__ import annotations

from wikimarche.domain.importing.blocks import Item
from wikimarche.domain.importing.pieces import (
    Json,
)


# An article above this number of characters would be refused by the schema.
ARTICLE_LIMIT = 150_000


def lighten(item: Item) -> list[Item]:
    """Cut a table, a list or a paragraph that alone would be too heavy for one article."""
    node = item.node
    if weigh(node) <= ARTICLE_LIMIT or "content" not in node:
        return [item]
    children: list[Json] = []
    for child in node["content"]:
        text = child.get("text", "")
        if child["type"] == "text" and len(text) > ARTICLE_LIMIT // 4:
            children += [{**child, "text": part} for part in _cut_text(text, ARTICLE_LIMIT // 4)]
        else:
            children.append(child)
    groups: list[list[Json]] = [[]]
    size = below = 0
    for child in children:
        weight = weigh(child)
        if groups[-1] and below <= 0 and size + weight > ARTICLE_LIMIT // 2:
            groups.append([])
            size = 0
        groups[-1].append(child)
        size += weight
        # A row spanned from above stays with it.
        spans = (
            cell["attrs"]["rowspan"]
            for cell in child.get("content", ())
            if "attrs" in cell and "rowspan" in cell["attrs"]
        )
        below = max(below - 1, *(span - 1 for span in spans), 0) if node["type"] == "table" else 0
    parts_of = [Item({**node, "content": group}, item.text) for group in groups]
    parts_of[0].anchors, parts_of[0].article = item.anchors, item.article
    return parts_of


def _cut_text(text: str, size: int) -> list[str]:
    """Cut a text in parts of at most `size` characters, between words where there are any."""
    parts = []
    while len(text) > size:
        at = text.rfind(" ", size // 2, size) + 1 or size
        parts.append(text[:at])
        text = text[at:]
    return [*parts, text] if text else parts


def weigh(node: Json) -> int:
    """Return what a node weighs: its characters, and forty for each node."""
    return 40 + len(node.get("text", "")) + sum(weigh(c) for c in node.get("content", ()))

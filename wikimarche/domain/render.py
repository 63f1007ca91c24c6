"""HTML of an article, from its JSON: complete without JavaScript, escaped, nothing but known markup.

One writer serves the page, the printed documents and the fragments of the live page. It never
reads anything: values, numbers and addresses are given in a Context.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final, NamedTuple

from wikimarche.domain.images import size_of
from wikimarche.domain.schema import Json, show_invisible


class Renvoi(NamedTuple):
    """The target of a cross-reference: its number ('' when it has none), its title, retired or not."""

    numero: str
    titre: str = ""
    retire: bool = False


EVERY_LOT = "Tous les lots"


class LigneCritere(NamedTuple):
    """A row of the criteria table of the fiche. poids: as written, "" for a criterion by order.

    lot: name of the one whose offers it weighs, "" for those of every lot.
    """

    intitule: str
    poids: str = ""
    niveau: int = 1
    lot: str = ""


def no_image(_fichier: str) -> str | None:
    """Give no address: the image is announced by its alt text."""
    return None


def no_size(_fichier: str) -> tuple[int, int] | None:
    """Give no size: the image takes its place when it comes."""
    return None


@dataclass(frozen=True, slots=True)
class Context:
    """What an article needs from outside to be written.

    variables: path to value as text; an absent or empty value is shown as a blank to fill.
    libelles: path to the French name of the variable, for its tooltip and its blank.
    renvois: UUID of an article, as text, to its Renvoi; an absent one is shown as dangling.
    image_url: UUID of a stored file to its address, None when it may not be seen.
    image_size: UUID of a stored file to its width and height, so that the page keeps its place.
    criteres: rows of the criteria table. comments: write the anchors of comments; never in a
    published document. hrefs: write cross-references as links.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    libelles: Mapping[str, str] = field(default_factory=dict)
    renvois: Mapping[str, Renvoi] = field(default_factory=dict)
    image_url: Callable[[str], str | None] = no_image
    image_size: Callable[[str], tuple[int, int] | None] = no_size
    criteres: Sequence[LigneCritere] = ()
    comments: bool = True
    hrefs: bool = True


EMPTY: Final = Context()
FROM_FICHE: Final = ("variable", "renvoi", "critere")
"""Nodes written out of the context; an image is too, and its size may come later."""
NOTE_OPENING: Final = '<span class="wm-note-bas" role="note">'
_TAGS: Final = {
    "strong": "strong",
    "em": "em",
    "underline": "u",
    "superscript": "sup",
    "subscript": "sub",
}
_SCHEMES: Final = ("http://", "https://", "mailto:")


def render_corps(corps: Json, context: Context = EMPTY) -> str:
    """Write the body of an article as HTML, safe to insert as it is.

    corps: a stored document (ProseMirror JSON).

    >>> render_corps({"type": "doc", "content": [{"type": "paragraph", "attrs": {"id": "abcdefgh"},
    ...     "content": [{"type": "text", "text": "a < b", "marks": [{"type": "strong"}]}]}]})
    '<p data-b="abcdefgh"><strong>a &lt; b</strong></p>'
    """
    out: list[str] = []
    for block in corps.get("content") or ():
        _block(block, out, context)
    return "".join(out)


def render_notes(corps: Json) -> str:
    """Write the footnotes of a body as the list at its foot; "" when it has none. Their calls number themselves.

    >>> render_notes({"type": "doc", "content": [{"type": "paragraph", "content": [
    ...     {"type": "note_bas_de_page", "attrs": {"texte": "Voir l’annexe."}}]}]})
    '<ol class="wm-notes" aria-label="Notes"><li>Voir l’annexe.</li></ol>'
    """
    notes = "".join(f"<li>{escape(texte, quote=False)}</li>" for texte in _notes(corps))
    return f'<ol class="wm-notes" aria-label="Notes">{notes}</ol>' if notes else ""


def _notes(node: Json) -> Iterator[str]:
    if node["type"] == "note_bas_de_page":
        yield node["attrs"]["texte"]
    for child in node.get("content") or ():
        yield from _notes(child)


def render_block(block: Json, context: Context = EMPTY) -> str:
    """Write one block as HTML; same rules as render_corps."""
    out: list[str] = []
    _block(block, out, context)
    return "".join(out)


def render_inline(content: Json, context: Context = EMPTY) -> str:
    """Write the inline content of a block as HTML."""
    out: list[str] = []
    _inline(content or (), out, context)
    return "".join(out)


def _open(tag: str, attrs: Mapping[str, Json], extra: str = "") -> str:
    identifier = attrs.get("id")
    return f'<{tag}{extra} data-b="{escape(identifier)}">' if identifier else f"<{tag}{extra}>"


def _block(block: Json, out: list[str], context: Context) -> None:
    kind = block["type"]
    attrs = block.get("attrs") or {}
    content = block.get("content") or ()
    if kind == "paragraph":
        out.append(_open("p", attrs))
        _inline(content, out, context)
        out.append("</p>" if content else "<br></p>")
        return
    if kind == "heading":
        tag = "h4" if attrs.get("level", 1) == 1 else "h5"
        out.append(_open(tag, attrs))
        _inline(content, out, context)
        out.append(f"</{tag}>")
        return
    if kind == "table":
        _table(block, out, context)
        return
    if kind == "image":
        out.append(_image(attrs, context))
        return
    if kind == "critere":
        out.append(render_criteres(context.criteres, attrs))
        return
    tag = {"bullet_list": "ul", "ordered_list": "ol", "list_item": "li"}.get(kind, "blockquote")
    extra = ""
    if kind == "ordered_list":
        extra = f' type="{escape(attrs.get("style", "1"))}"'
        if (start := attrs.get("start", 1)) != 1:
            extra += f' start="{int(start)}"'
    out.append(_open(tag, attrs, extra))
    for child in content:
        _block(child, out, context)
    out.append(f"</{tag}>")


# -- tables ----------------------------------------------------------------------------------------


def head_rows(rows: Sequence[Json]) -> int:
    """Count the first rows made of header cells only: they become the head of the table."""
    count = 0
    for row in rows:
        cells = row.get("content") or ()
        if not cells or any(cell["type"] != "table_header" for cell in cells):
            break
        count += 1
    return count if count < len(rows) else 0


def cell_tag(cell: Json, *, head: bool, extra: str = "") -> tuple[str, str]:
    """Give the opening and closing tags of a cell: spans, alignment, scope of a header."""
    attrs = cell.get("attrs") or {}
    tag = "th" if cell["type"] == "table_header" else "td"
    parts = [tag]
    if tag == "th":
        parts.append(f'scope="{"col" if head else "row"}"')
    parts += [
        f'{name}="{number}"'
        for name in ("colspan", "rowspan")
        if (number := int(attrs.get(name) or 1)) > 1
    ]
    if align := attrs.get("align"):
        parts.append(f'data-align="{escape(align)}"')
    return f"<{' '.join(parts)}{extra}>", f"</{tag}>"


def _table(block: Json, out: list[str], context: Context) -> None:
    rows = block.get("content") or ()
    heads = head_rows(rows)
    out.append(_open("table", block.get("attrs") or {}, ' class="wm-tab"'))
    if heads:
        out.append("<thead>")
    else:
        out.append("<tbody>")
    for index, row in enumerate(rows):
        if heads and index == heads:
            out.append("</thead><tbody>")
        out.append("<tr>")
        for cell in row.get("content") or ():
            opening, closing = cell_tag(cell, head=index < heads or (not heads and index == 0))
            out.append(opening)
            _cell(cell.get("content") or (), out, context)
            out.append(closing)
        out.append("</tr>")
    out.append("</tbody></table>")


def _cell(blocks: Sequence[Json], out: list[str], context: Context) -> None:
    """Write the content of a cell; a single paragraph needs no tag of its own."""
    if len(blocks) == 1 and blocks[0]["type"] == "paragraph":
        _inline(blocks[0].get("content") or (), out, context)
        return
    for child in blocks:
        _block(child, out, context)


def render_criteres(lignes: Sequence[LigneCritere], attrs: Mapping[str, Json] | None = None) -> str:
    """Write the table of the criteria of the fiche; without any, the blank that stands for it."""
    attrs = attrs or {}
    opening = _open("table", attrs, ' class="wm-tab wm-criteres"')
    if not lignes:
        blank = "Les critères seront repris de la fiche du marché."
        return _open("p", attrs, ' class="wm-criteres wm-variable wm-vide"') + blank + "</p>"
    by_lot = any(ligne.lot for ligne in lignes)
    rows = []
    for ligne in lignes:
        lot = f"<td>{escape(ligne.lot or EVERY_LOT)}</td>" if by_lot else ""
        level = f' data-niveau="{ligne.niveau}"' if ligne.niveau > 1 else ""
        rows.append(
            f'<tr{level}><th scope="row">{escape(ligne.intitule)}</th>{lot}<td>{escape(ligne.poids or "–")}</td></tr>'
        )
    lot = '<th scope="col">Lot</th>' if by_lot else ""
    head = (
        f'<thead><tr><th scope="col">Critère</th>{lot}<th scope="col">Pondération</th></tr></thead>'
    )
    return f"{opening}{head}<tbody>{''.join(rows)}</tbody></table>"


def _image(attrs: Mapping[str, Json], context: Context) -> str:
    alt = escape(show_invisible(attrs["alt"]))
    address = context.image_url(attrs["fichier"])
    opening = _open("figure", attrs, ' class="wm-image"')
    if address is None:
        return f'{opening}<span class="wm-image-absente">Image\u202f: {alt}</span></figure>'
    image = f'<img src="{escape(address)}" alt="{alt}" data-fichier="{escape(attrs["fichier"])}"'
    width, height = size_of(attrs, context.image_size(attrs["fichier"]))
    place = f' width="{int(width)}"' if width else ""
    place += f' height="{int(height)}"' if height else ""
    return f'{opening}{image}{place} loading="lazy"></figure>'


# -- inline ----------------------------------------------------------------------------------------


def _inline(content: Sequence[Json], out: list[str], context: Context) -> None:
    """Write inline nodes; neighbours share the tags of the marks they have in common."""
    opened: list[tuple[Json, str]] = []
    for node in content:
        marks = node.get("marks") or ()
        if marks and not context.comments:
            marks = [mark for mark in marks if mark["type"] != "comment"]
        kept = 0
        while kept < len(opened) and kept < len(marks) and opened[kept][0] == marks[kept]:
            kept += 1
        while len(opened) > kept:
            out.append(opened.pop()[1])
        for mark in marks[kept:]:
            start, end = mark_tags(mark)
            out.append(start)
            opened.append((mark, end))
        if node["type"] == "text":
            out.append(escape(show_invisible(node["text"]), quote=False))
        else:
            out.append(render_atom(node, context))
    while opened:
        out.append(opened.pop()[1])


def mark_tags(mark: Json) -> tuple[str, str]:
    """Give the opening and closing tags of a mark; a link that is not http, https or mailto has none."""
    kind = mark["type"]
    if kind == "link":
        href = mark["attrs"]["href"]
        if not href.startswith(_SCHEMES):
            return "", ""
        return f'<a href="{escape(href)}" rel="noopener noreferrer">', "</a>"
    if kind == "comment":
        return f'<mark class="wm-ancre" data-fil="{escape(mark["attrs"]["fil"])}">', "</mark>"
    tag = _TAGS.get(kind)
    return (f"<{tag}>", f"</{tag}>") if tag else ("", "")


def render_atom(node: Json, context: Context = EMPTY) -> str:
    """Write an inline node that is not text: line break, variable, cross-reference, footnote."""
    kind = node["type"]
    attrs = node.get("attrs") or {}
    if kind == "hard_break":
        return "<br>"
    if kind == "variable":
        return _variable(attrs["chemin"], context)
    if kind == "renvoi":
        return _renvoi(attrs["article"], context)
    if kind == "note_bas_de_page":
        return f"{NOTE_OPENING}{escape(show_invisible(attrs['texte']), quote=False)}</span>"
    return ""


def _variable(chemin: str, context: Context) -> str:
    value = context.variables.get(chemin)
    name = context.libelles.get(chemin) or chemin
    title = escape(f"{name}, repris de la fiche du marché")
    path = escape(chemin)
    if not value:
        blank = escape(f"[{name} à compléter]")
        return (
            f'<span class="wm-variable wm-vide" data-chemin="{path}" title="{title}">{blank}</span>'
        )
    return f'<span class="wm-variable" data-chemin="{path}" title="{title}">{escape(value)}</span>'


def say_target(numero: str, titre: str) -> str:
    """Say the article a renvoi names: by its number, by its title when it has none.

    >>> say_target("7.2", "Délais").replace("\u00a0", "_")
    'article_7.2'
    >>> say_target("", "Préambule").replace("\u202f", "")
    'article «Préambule»'
    """
    if numero:
        return f"article\u00a0{numero}"
    return f"article «\u202f{titre}\u202f»" if titre else "article sans titre"


def say_broken(titre: str | None) -> str:
    """Say that a renvoi leads nowhere. titre: of the article retired since, None when there is none.

    >>> say_broken("Délais").replace("\u202f", "")
    '[renvoi rompu: article retiré «Délais»]'
    """
    if titre is None:
        return "[renvoi rompu\u202f: article introuvable]"
    named = f" «\u202f{titre}\u202f»" if titre else ""
    return f"[renvoi rompu\u202f: article retiré{named}]"


def _renvoi(article: str, context: Context) -> str:
    target = context.renvois.get(article)
    uuid = escape(article)
    if target is None or target.retire:
        words = escape(say_broken(target.titre if target else None))
        return f'<span class="wm-renvoi wm-rompu" data-article="{uuid}">{words}</span>'
    words = escape(say_target(target.numero, target.titre))
    if not context.hrefs:
        return f'<span class="wm-renvoi" data-article="{uuid}">{words}</span>'
    title = f' title="{escape(target.titre)}"' if target.titre else ""
    return f'<a class="wm-renvoi" href="#a-{uuid}" data-article="{uuid}"{title}>{words}</a>'

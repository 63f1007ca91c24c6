"""HTML of a comparison: what was added is <ins>, what was withdrawn is <del>, a moved article is framed.

Marks follow the design of the comparison: nothing is told by colour alone, a lone renumbering is
never marked. Same safety as render: escaped, known markup, comments left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from wikimarche.domain.comparison import Bloc, Changement, Op, Segment
from wikimarche.domain.render import (
    EMPTY,
    NOTE_OPENING,
    Context,
    cell_tag,
    head_rows,
    render_block,
    render_inline,
)
from wikimarche.domain.schema import Json


_WRAPS: Final = {Op.AJOUT: "ins", Op.RETRAIT: "del"}
_FORME: Final = '<span class="wm-forme" title="Mise en forme modifiée">'


@dataclass(frozen=True, slots=True)
class Rang:
    """One row of the side by side view: HTML before and after, '' where there is nothing. op: what happened."""

    avant: str
    apres: str
    op: Op


def redline_titre(change: Changement) -> str:
    """Write the title of an article with its changes marked."""
    return _segments(change.titre, EMPTY, None)


def redline_corps(change: Changement, context: Context = EMPTY) -> str:
    """Write the body of an article with its changes marked in the text.

    change: of any kind; an unchanged article is written plainly, an added or withdrawn one whole.
    """
    return redline_blocs(change.blocs, context)


def redline_blocs(blocs: Sequence[Bloc], context: Context = EMPTY) -> str:
    """Write compared blocks with their changes marked in the text."""
    quiet = replace(context, comments=False)
    return "".join(_bloc(bloc, quiet, None) for bloc in blocs)


def side_by_side(
    change: Changement, context: Context = EMPTY, *, context_avant: Context | None = None
) -> list[Rang]:
    """Write the body in two columns, block facing block: withdrawals on the left, additions on the right.

    context_avant: the context of the version before (numbers and variables of then), the same by default.
    """
    after = replace(context, comments=False)
    before = replace(context_avant, comments=False) if context_avant else after
    rows = []
    for bloc in change.blocs:
        left = "" if bloc.op is Op.AJOUT else _bloc(bloc, before, Op.RETRAIT)
        right = "" if bloc.op is Op.RETRAIT else _bloc(bloc, after, Op.AJOUT)
        rows.append(Rang(left, right, bloc.op))
    return rows


def move_sentence(change: Changement) -> str:
    """Say a move as it is read before the article: « Déplacé : était 6.2, devient 4.4 »; '' without move."""
    if not change.geste:
        return ""
    done = change.geste_fait.capitalize()
    before, after = change.numero_avant or "sans numéro", change.numero_apres or "sans numéro"
    if before == after:
        kept = f"garde le numéro {after}" if change.numero_apres else "reste sans numéro"
        return f"{done}\u202f: {kept}"
    return f"{done}\u202f: était {before}, devient {after}"


# -- words -----------------------------------------------------------------------------------------


def _segments(segments: Sequence[Segment], context: Context, side: Op | None) -> str:
    """Write segments; side: None for all, RETRAIT for the text before, AJOUT for the text after."""
    out: list[str] = []
    for place, segment in enumerate(segments):
        if side is Op.RETRAIT and segment.op is Op.AJOUT:
            continue
        if side is Op.AJOUT and segment.op is Op.RETRAIT:
            continue
        if segment.op is Op.FORME:
            nodes = segment.avant if side is Op.RETRAIT else segment.noeuds
            out.append(f"{_FORME}{render_inline(nodes, context)}</span>")
            continue
        if segment.note:
            out.append(f"{NOTE_OPENING}{_segments(segment.note, context, side)}</span>")
            continue
        html = render_inline(segment.noeuds, context)
        tag = _WRAPS.get(segment.op)
        if tag is None:
            out.append(html)
            continue
        # Between a word withdrawn and the one that replaces it, a space keeps them apart.
        follows = place + 1 < len(segments) and segments[place + 1].op is Op.AJOUT
        space = " " if side is None and tag == "del" and follows else ""
        out.append(f"<{tag}>{html}</{tag}>{space}")
    return "".join(out)


# -- blocks ----------------------------------------------------------------------------------------


def _bloc(bloc: Bloc, context: Context, side: Op | None) -> str:
    if bloc.op in {Op.AJOUT, Op.RETRAIT}:
        return _marked(bloc.noeud, _WRAPS[bloc.op], context)
    if bloc.op is Op.EGAL:
        html = render_block(bloc.avant if side is Op.RETRAIT else bloc.apres, context)
    elif bloc.segments:
        html = _text_block(bloc, context, side)
    elif bloc.enfants:
        html = _container(bloc, context, side)
    else:
        html = _replaced(bloc, context, side)
    if not bloc.deplace:
        return html
    told = '<span class="visually-hidden">Paragraphe déplacé\u202f: </span>'
    return f'<div class="wm-bloc-deplace">{told}{html}</div>'


def _open_close(node: Json) -> tuple[str, str]:
    """Opening and closing tags of an empty twin of a block, so that render stays the only writer."""
    shell = {**node, "content": []}
    if node["type"] == "table":
        html = render_block(shell, EMPTY).replace("<tbody></tbody>", "")
    else:
        html = render_block(shell, EMPTY).replace("<br>", "")
    cut = html.rindex("</")
    return html[:cut], html[cut:]


def _text_block(bloc: Bloc, context: Context, side: Op | None) -> str:
    opening, closing = _open_close(bloc.avant if side is Op.RETRAIT else bloc.apres)
    return f"{opening}{_segments(bloc.segments, context, side)}{closing}"


def _marked(node: Json, tag: str, context: Context) -> str:
    """Write a block added or withdrawn whole: the mark goes inside each text block and cell."""
    kind = node["type"]
    content: Sequence[Json] = node.get("content") or ()
    if kind in {"paragraph", "heading"}:
        opening, closing = _open_close(node)
        inner = render_inline(content, context) or "<br>"
        return f"{opening}<{tag}>{inner}</{tag}>{closing}"
    if kind in {"image", "critere"}:
        return f"<{tag}>{render_block(node, context)}</{tag}>"
    if kind == "table":
        rows = "".join(
            _row(
                "".join(
                    _marked_cell(cell, tag, context, r == 0) for cell in row.get("content") or ()
                ),
                tag,
            )
            for r, row in enumerate(content)
        )
        opening, closing = _open_close(node)
        return f"{opening}<tbody>{rows}</tbody>{closing}"
    opening, closing = _open_close(node)
    return f"{opening}{''.join(_marked(child, tag, context) for child in content)}{closing}"


def _marked_cell(cell: Json, tag: str, context: Context, head: bool) -> str:
    opening, closing = cell_tag(cell, head=head)
    return f"{opening}{_cell_inner(cell, tag, context)}{closing}"


def _cell_inner(cell: Json, tag: str, context: Context) -> str:
    blocks: Sequence[Json] = cell.get("content") or ()
    if len(blocks) == 1 and blocks[0]["type"] == "paragraph":
        inner = render_inline(blocks[0].get("content") or (), context)
        return f"<{tag}>{inner}</{tag}>" if inner else ""
    return "".join(_marked(block, tag, context) for block in blocks)


def _replaced(bloc: Bloc, context: Context, side: Op | None) -> str:
    """Write an atom that changed (image, table of criteria), or a block that only changed its attributes."""
    if bloc.op is Op.FORME:
        node = bloc.avant if side is Op.RETRAIT else bloc.apres
        return f'<div class="wm-forme" title="Mise en forme modifiée">{render_block(node, context)}</div>'
    before = "" if side is Op.AJOUT else _marked(bloc.avant, "del", context)
    after = "" if side is Op.RETRAIT else _marked(bloc.apres, "ins", context)
    return before + after


def _container(bloc: Bloc, context: Context, side: Op | None) -> str:
    node: Json = bloc.avant if side is Op.RETRAIT else bloc.apres
    enfants = [
        enfant
        for enfant in bloc.enfants
        if not (side is Op.RETRAIT and enfant.op is Op.AJOUT)
        and not (side is Op.AJOUT and enfant.op is Op.RETRAIT)
    ]
    if node["type"] == "table":
        return _table(bloc, enfants, node, context, side)
    opening, closing = _open_close(node)
    inner = []
    for enfant in enfants:
        html = _bloc(replace(enfant, deplace=False), context, side)
        if enfant.deplace and html.startswith("<li"):
            html = html.replace("<li", '<li class="wm-bloc-deplace"', 1)
        inner.append(html)
    return f"{opening}{''.join(inner)}{closing}"


# -- tables ----------------------------------------------------------------------------------------


def _row(cells: str, tag: str = "") -> str:
    kind = {"ins": ' class="ajout"', "del": ' class="retrait"'}.get(tag, "")
    return f"<tr{kind}>{cells}</tr>"


def _table(bloc: Bloc, rows: Sequence[Bloc], node: Json, context: Context, side: Op | None) -> str:
    opening, closing = _open_close(node)
    heads = head_rows(node.get("content") or ())
    out = [opening, "<thead>" if heads else "<tbody>"]
    seen = 0
    for row in rows:
        if heads and seen == heads and row.op is not Op.RETRAIT:
            out.append("</thead><tbody>")
            heads = 0
        head = bool(heads) or (seen == 0 and not heads)
        cells = "".join(_cell(cell, context, side, head=head) for cell in row.enfants)
        if row.op is Op.EGAL and not row.enfants:
            source: Json = row.avant if side is Op.RETRAIT else row.apres
            cells = "".join(
                _cell(Bloc(Op.EGAL, cell, cell), context, side, head=head)
                for cell in source.get("content") or ()
            )
        out.append(_row(cells, _WRAPS.get(row.op, "")))
        if row.op is not Op.RETRAIT:
            seen += 1
    out += ["</thead>" if heads else "</tbody>", closing]
    return "".join(out)


def _cell(cell: Bloc, context: Context, side: Op | None, *, head: bool) -> str:
    if side is Op.RETRAIT and cell.op is Op.AJOUT:
        return ""
    if side is Op.AJOUT and cell.op is Op.RETRAIT:
        return ""
    node = cell.avant if side is Op.RETRAIT and cell.avant is not None else cell.noeud
    extra = ""
    if cell.op is not Op.EGAL:
        extra = ' class="chg"'
        if cell.lieu:
            extra += f' title="{escape(f"Cellule modifiée, {cell.lieu}")}"'
    opening, closing = cell_tag(node, head=head, extra=extra)
    if cell.op in _WRAPS:
        return f"{opening}{_cell_inner(node, _WRAPS[cell.op], context)}{closing}"
    if not cell.enfants:
        blocks = node.get("content") or ()
        cell = replace(cell, enfants=tuple(Bloc(Op.EGAL, block, block) for block in blocks))
    if len(cell.enfants) == 1 and cell.enfants[0].noeud["type"] == "paragraph":
        inner = cell.enfants[0]
        if inner.segments:
            html = _segments(inner.segments, context, side)
        else:
            paragraph: Json = inner.avant if side is Op.RETRAIT else inner.apres
            html = render_inline((paragraph or inner.noeud).get("content") or (), context)
        return f"{opening}{html}{closing}"
    html = "".join(
        _bloc(enfant, context, side)
        for enfant in cell.enfants
        if not (side is Op.RETRAIT and enfant.op is Op.AJOUT)
        and not (side is Op.AJOUT and enfant.op is Op.RETRAIT)
    )
    return f"{opening}{html}{closing}"

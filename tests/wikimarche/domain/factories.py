"""Small documents for the tests of the domain, written as they read."""

from uuid import UUID

from wikimarche.domain.comparison import ArticleState, PieceState
from wikimarche.domain.rebase import rebase
from wikimarche.domain.schema import Json, load_doc
from wikimarche.domain.steps import read_map, read_steps, write_steps


FIL = "11111111-1111-4111-8111-111111111111"
ARTICLE = "22222222-2222-4222-8222-222222222222"


def texte(words, *marks):
    node = {"type": "text", "text": words}
    if marks:
        node["marks"] = [{"type": mark} if isinstance(mark, str) else mark for mark in marks]
    return node


def comment(fil=FIL):
    return {"type": "comment", "attrs": {"fil": fil}}


def link(href):
    return {"type": "link", "attrs": {"href": href}}


def _inline(content):
    return [texte(item) if isinstance(item, str) else item for item in content]


def p(*content, id=None):
    node = {"type": "paragraph", "attrs": {"id": id}}
    if content:
        node["content"] = _inline(content)
    return node


def titre(*content, id=None, level=1):
    return {"type": "heading", "attrs": {"id": id, "level": level}, "content": _inline(content)}


def liste(*items, id=None):
    rows = [
        {"type": "list_item", "content": [p(item) if isinstance(item, str) else item]}
        for item in items
    ]
    return {"type": "bullet_list", "attrs": {"id": id}, "content": rows}


def cellule(words, kind="table_cell", **attrs):
    attrs = {"colspan": 1, "rowspan": 1, "align": None, **attrs}
    return {"type": kind, "attrs": attrs, "content": [p(words) if words else p()]}


def tableau(head, *rows, id=None):
    lines = [[cellule(words, "table_header") for words in head]]
    lines += [
        [cellule(words) if isinstance(words, str) else words for words in row] for row in rows
    ]
    content = [{"type": "table_row", "content": line} for line in lines]
    return {"type": "table", "attrs": {"id": id}, "content": content}


def doc(*blocks):
    return {"type": "doc", "content": list(blocks) or [p()]}


def insert(at, words, *marks):
    content = [texte(words, *marks)]
    return {"stepType": "replace", "from": at, "to": at, "slice": {"content": content}}


def delete(start, end):
    return {"stepType": "replace", "from": start, "to": end}


def add_mark(start, end, mark):
    return {"stepType": "addMark", "mark": mark, "from": start, "to": end}


def uid(number):
    return UUID(int=number)


def article(number, *blocks, parent=None, rang="m0", titre="Article", statut="actif"):
    return ArticleState(
        uid(number), uid(parent) if parent else None, rang, titre, doc(*blocks), statut
    )


def piece(*articles):
    return PieceState(tuple(articles))


def put(*content, at=0, **plus):
    """A step that puts content in."""
    return {
        "stepType": "replace",
        "from": at,
        "to": at,
        "slice": {"content": list(content)},
        **plus,
    }


def rebase_steps(steps: Json, over: Json, doc: Json) -> tuple[list[Json], list[int]]:
    """Rebase our steps over the steps of others, read and written as they are sent.

    steps: ours, made on the document before over. over: theirs, in order. doc: the document after
    them. Returns our steps as they now read, and the places in ours of those that were dropped.
    """
    _doc, done, dropped = rebase(load_doc(doc), read_steps(steps), map(read_map, over))
    return write_steps(done), dropped

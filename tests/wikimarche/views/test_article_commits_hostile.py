"""Steps made to hurt or wrong in themselves: the whole commit is refused, and nothing changes."""

from uuid import uuid4

import pytest

from tests.support.equipe import commit, commits_url, refused, words
from tests.wikimarche.domain.factories import add_mark, insert, link, p, put


def nested(depth):
    node = p("x")
    for _ in range(depth):
        node = {"type": "blockquote", "attrs": {"id": None}, "content": [node]}
    return node


def raw(steps):
    """A commit whose steps are written as given."""
    return f'{{"id": "{uuid4()}", "prev": null, "base": 0, "steps": {steps}}}'


def typed(text):
    return raw(
        '[{"stepType": "replace", "from": 1, "to": 1,'
        f' "slice": {{"content": [{{"type": "text", "text": "{text}"}}]}}}}]'
    )


HOSTILE = {
    "unknown node": commit(0, put({"type": "script", "content": [{"type": "text", "text": "x"}]})),
    "unknown attribute": commit(
        0, put({"type": "paragraph", "attrs": {"id": None, "onclick": "x"}})
    ),
    "unknown mark": commit(0, insert(1, "x", "blink")),
    "javascript link": commit(0, insert(1, "x", link("javascript:alert(1)"))),
    "javascript link with spaces": commit(0, insert(1, "x", link(" \tjava\nscript:alert(1)"))),
    "link without scheme": commit(0, insert(1, "x", link("//evil.example"))),
    "data link": commit(0, add_mark(1, 4, link("data:text/html,<script>"))),
    "proto in attributes": commit(
        0, put({"type": "paragraph", "attrs": {"id": None, "__proto__": {"x": 1}}})
    ),
    "proto of a step": commit(0, {**insert(1, "x"), "__proto__": {"polluted": 1}}),
    "level that is an object": commit(
        0, put({"type": "heading", "attrs": {"id": None, "level": {}}})
    ),
    "level out of bounds": commit(0, put({"type": "heading", "attrs": {"id": None, "level": 7}})),
    "huge colspan": commit(
        0,
        put(
            {
                "type": "table",
                "attrs": {"id": None},
                "content": [
                    {
                        "type": "table_row",
                        "content": [
                            {
                                "type": "table_cell",
                                "attrs": {"colspan": 10**6, "rowspan": 1, "align": None},
                                "content": [p("x")],
                            }
                        ],
                    }
                ],
            }
        ),
    ),
    "text in a table": commit(
        0, put({"type": "table", "attrs": {"id": None}, "content": [{"type": "text", "text": "x"}]})
    ),
    "empty text": commit(0, put({"type": "text", "text": ""}, at=1)),
    "text that is a number": commit(0, put({"type": "text", "text": 5}, at=1)),
    "deep document": commit(0, put(nested(200))),
    "unknown step": commit(0, {"stepType": "exec", "from": 1, "to": 1}),
    "step that is a text": commit(0, "replace"),
    "position before the text": commit(0, insert(-1, "x")),
    "position after the text": commit(0, insert(10**6, "x")),
    "huge position": commit(0, insert(10**40, "x")),
    "position that is a text": commit(0, {**insert(1, "x"), "from": "1"}),
    "position that is a fraction": commit(0, {**insert(1, "x"), "from": 1.5, "to": 1.5}),
    "position that is true": commit(0, {**insert(1, "x"), "from": True, "to": True}),
    "reversed range": commit(0, {**insert(1, "x"), "from": 9, "to": 2}),
    "steps that are an object": {**commit(), "steps": {"0": insert(1, "x")}},
    "too many steps": commit(0, *[insert(1, "x")] * 2001),
    "nothing at all": commit(),
    "another key": words("x", auteur=str(uuid4())),
    "base that is a text": words("x", base="0"),
    "base that is true": words("x", base=True),
    "identifier that is a number": words("x", id=5),
    "prev that is a text": words("x", prev="x"),
    "title that is a number": commit(titre=5),
    "not JSON": "{",
    "empty body": "",
    "a list": "[]",
    "a number": "1",
    "not UTF-8": b'{"id": "\xff"}',
    "depth 10 000 in lists": raw("[" * 10_000 + "]" * 10_000),
    "depth 10 000 in objects": raw('[{"a":' * 10_000 + "1" + "}]" * 10_000),
    "depth 10 000 in nodes": raw(
        '[{"stepType": "replace", "from": 0, "to": 0, "slice": {"content": ['
        + '{"type": "blockquote", "content": [' * 10_000
        + "]}" * 10_000
        + "]}}]"
    ),
    "5 MB": raw('["' + "x" * 5_300_000 + '"]'),
    "1 MB in one word": typed("x" * 1_000_000),
    "NUL": typed("a\\u0000b"),
    "half a pair": typed("a\\ud800b"),
    "not a number": raw('[{"stepType": "replace", "from": NaN, "to": 1}]'),
    "infinity": raw('[{"stepType": "replace", "from": 1, "to": Infinity}]'),
    "title with half a pair": (
        f'{{"id": "{uuid4()}", "prev": null, "base": 0, "steps": [], "titre": "a\\ud800b"}}'
    ),
}


@pytest.mark.attaque("B02")
@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_refused(base, equipe, sent):
    """Within the half-second of the specification, counted in work of the server."""
    with base.working(seconds=0.5):
        refused(equipe, sent, 400)


WRONG = {
    "an attribute that no block has": {"stepType": "attr", "pos": 0, "attr": "id", "value": "<b>"},
    "a block inside a paragraph": put(p("x"), at=3),
    "a place that no text has": insert(10**12, "x"),
    "a paragraph wrapped in a table": {
        "stepType": "replaceAround",
        "from": 0,
        "to": 5,
        "gapFrom": 1,
        "gapTo": 4,
        "insert": 1,
        "slice": {"content": [{"type": "table"}]},
        "structure": True,
    },
    "a datum that no fiche has": put(
        {"type": "variable", "attrs": {"chemin": "marche.secret_key"}}, at=1
    ),
}


@pytest.mark.attaque("B02")
@pytest.mark.parametrize("step", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("behind", [0, 1])
def test_a_step_wrong_in_itself_is_refused_however_old_its_base(equipe, step, behind):
    """« Its place is gone » is said of steps that had one: the others are no text set aside."""
    other = equipe.browser("editeur", "autre")
    assert other.send_json(commits_url(equipe.article), words("AVANT ")).status_code == 200
    refused(equipe, commit(1 - behind, step), 400, "invalide")
    right = commit(1 - behind, insert(1, "x"), *([] if behind else [insert(2, "y")]))
    assert equipe.browser().send_json(commits_url(equipe.article), right).status_code == 200

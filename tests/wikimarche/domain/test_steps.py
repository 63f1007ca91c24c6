"""The step authority, without a browser: what it applies, rebases, refuses, repairs."""

import gc
import time
import weakref

import pytest
from hypothesis import given, settings, strategies as st
from prosemirror.transform import StepMap

from tests.wikimarche.domain.factories import (
    add_mark,
    cellule,
    comment,
    delete,
    doc,
    insert,
    liste,
    p,
    rebase_steps,
    tableau,
    texte,
    titre,
    uid,
)
from wikimarche.domain.authority import StepForbidden, check_rights_of_steps, commit_steps
from wikimarche.domain.canonical import canonical_hash, plain_text
from wikimarche.domain.rebase import _Pipeline
from wikimarche.domain.repair import give_ids, renew_ids
from wikimarche.domain.rewriting import steps_between
from wikimarche.domain.schema import SchemaRefused, load_doc, parse_doc
from wikimarche.domain.steps import apply_steps, read_step, replay_steps


SPLIT = {
    "stepType": "replace",
    "from": 5,
    "to": 5,
    "slice": {"content": [p(id="aaaaaaaa"), p(id="aaaaaaaa")], "openStart": 1, "openEnd": 1},
    "structure": True,
}


def texts(document):
    return plain_text(document).split("\n")


def test_positions_count_utf16_units():
    start = doc(p("a😀b", id="aaaaaaaa"))
    assert texts(apply_steps(start, [insert(4, "é")])) == ["a😀éb"]


def test_a_step_that_cuts_an_astral_character_is_refused():
    with pytest.raises(SchemaRefused, match="ne correspond pas"):
        apply_steps(doc(p("a😀b", id="aaaaaaaa")), [insert(3, "x")])


@pytest.mark.parametrize(
    "step",
    [
        None,
        {},
        {"stepType": "docAttr", "attr": "x", "value": 1},
        {"stepType": "__proto__"},
        {**insert(1, "x"), "extra": 1},
        {**insert(1, "x"), "from": -1},
        {**insert(1, "x"), "from": True},
        {**insert(1, "x"), "from": "1"},
        {**insert(1, "x"), "from": 9},
        {**insert(1, "x"), "suite": 1},
        {**insert(1, "x"), "to": 2, "suite": True},
        insert(999, "x"),
        insert(1, "a\x00"),
        insert(1, "x", {"type": "link", "attrs": {"href": "javascript:x"}}),
        insert(1, "x", "blink"),
        {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [{"type": "script"}]}},
        {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [], "openStart": 1}},
        {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [p()], "openStart": 9}},
        {"stepType": "replace", "from": 1, "to": 1, "slice": []},
        {"stepType": "replace", "from": 0, "to": 7, "slice": {"content": [liste()]}},
        {
            "stepType": "replace",
            "from": 0,
            "to": 0,
            "slice": {"content": [titre("x", level=2)], "openEnd": 1},
        },
        {"stepType": "attr", "pos": 0, "attr": "onclick", "value": "x"},
        {"stepType": "attr", "pos": 0, "attr": "id", "value": "<script>"},
        {"stepType": "attr", "pos": 0, "attr": "id", "value": ["x"]},
        {"stepType": "attr", "pos": 99, "attr": "id", "value": "bbbbbbbb"},
        {"stepType": "addNodeMark", "pos": 0, "mark": {"type": "strong"}},
        {"stepType": "markSet", "steps": [insert(1, "x")]},
        {"stepType": "markSet", "steps": "x"},
        add_mark(1, 3, {"type": "comment", "attrs": {"fil": "x"}}),
        add_mark(1, 999, {"type": "strong"}),
        {"stepType": "replaceAround", "from": 0, "to": 7, "gapFrom": 9, "gapTo": 1, "insert": 0},
        {"stepType": "replaceAround", "from": 0, "to": 7, "gapFrom": 0, "gapTo": 7, "insert": 9},
        delete(0, 7),
    ],
)
def test_a_hostile_step_is_refused_and_nothing_else(step):
    start = doc(p("abcde", id="aaaaaaaa"))
    with pytest.raises(SchemaRefused):
        commit_steps(start, [step], seed="x")


POINTING = {
    "image": ("fichier", {"alt": "Plan", "fichier": str(uid(1))}, str(uid(2))),
    "renvoi": ("article", {"article": str(uid(1))}, str(uid(2))),
    "variable": ("chemin", {"chemin": "marche.objet"}, "marche.secret_key"),
}


@pytest.mark.parametrize("kind", POINTING)
def test_what_a_node_names_is_changed_by_another_node_only(kind):
    """Who checks images, data and renvois looks at the nodes that a commit brings."""
    attr, attrs, value = POINTING[kind]
    node = {"type": kind, "attrs": attrs}
    start = doc(node, p()) if kind == "image" else doc(p(node, id="aaaaaaaa"))
    step = {"stepType": "attr", "pos": 0 if kind == "image" else 1, "attr": attr, "value": value}
    with pytest.raises(SchemaRefused, match="Attribut refusé"):
        commit_steps(start, [step], seed="x")


def test_too_many_steps_are_refused():
    with pytest.raises(SchemaRefused, match="au plus"):
        apply_steps(doc(p(id="aaaaaaaa")), [insert(1, "x")] * 3000)


def test_wrapping_passes_though_its_slice_is_invalid_by_itself():
    wrap = {
        "stepType": "replaceAround",
        "from": 0,
        "to": 3,
        "gapFrom": 0,
        "gapTo": 3,
        "insert": 2,
        "slice": {"content": [{"type": "bullet_list", "content": [{"type": "list_item"}]}]},
        "structure": True,
    }
    result = commit_steps(doc(p("a", id="aaaaaaaa")), [wrap], seed="x").doc
    assert result["content"][0]["type"] == "bullet_list"
    # The identifier goes to what wraps: the block stays the same block in every comparison.
    assert result["content"][0]["attrs"]["id"] == "aaaaaaaa"
    assert result["content"][0]["content"][0]["content"][0]["attrs"]["id"] is None


def test_two_people_type_in_the_same_paragraph():
    start = doc(p("Le titulaire remet un relevé.", id="aaaaaaaa"))
    theirs = [insert(13, " sortant")]
    now = apply_steps(start, theirs)
    ours = [insert(29, " annuel"), insert(36, " complet")]
    done = commit_steps(now, ours, theirs, seed="x")
    assert texts(done.doc) == ["Le titulaire sortant remet un relevé annuel complet."]
    assert done.dropped == ()
    assert replay_steps(now, done.steps) == done.doc


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=10, max_size=40))
def test_words_typed_letter_by_letter_at_one_place_stay_whole(turns):
    """turns: who types the next letter, and whether it was told first of what the others committed."""
    now = doc(p("Délai.", id="aaaaaaaa"))
    committed: list = []
    writers = [Writer(word) for word in ("bonjour", "SALUT", "(été)")]
    for turn, (who, told) in enumerate(turns):
        writer = writers[who]
        if told:
            writer.hear(committed)
        if writer.left:
            step = writer.type()
            over = [one for commit in committed[writer.base :] for one in commit]
            done = commit_steps(now, [step], over, seed=str(turn))
            now = done.doc
            committed.append(done.steps)
            writer.hear(committed)
    for writer in writers:
        assert writer.typed in texts(now)[0]


class Writer:
    """A browser reduced to one cursor, which stays against its own text (frontend/editor/suite.js)."""

    def __init__(self, word):
        self.left, self.typed = list(word), ""
        self.base, self.pos, self.waiting = 0, 7, False

    def type(self):
        letter = self.left.pop(0)
        step = insert(self.pos, letter)
        if self.typed:
            step["suite"] = True
        self.typed += letter
        self.waiting = True
        return step

    def hear(self, committed):
        missing = committed[self.base :]
        own = missing.pop() if self.waiting else []
        for step in (one for commit in missing for one in commit):
            if step["from"] < self.pos or (step["from"] == self.pos and not self.typed):
                self.pos += len(step["slice"]["content"][0]["text"])
        for step in own:
            self.pos = step["from"] + 1
        self.base, self.waiting = len(committed), False


def test_enter_crossing_typing_puts_words_in_the_right_half():
    start = doc(p("abcdefgh", id="aaaaaaaa"))
    now = commit_steps(start, [SPLIT], seed="un").doc
    done = commit_steps(now, [insert(7, "X"), insert(3, "Y")], [SPLIT], seed="deux")
    assert texts(done.doc) == ["abYcd", "efXgh"]


def test_a_step_whose_text_is_gone_is_dropped_and_told():
    start = doc(p("abcdef", id="aaaaaaaa"), p("suite", id="bbbbbbbb"))
    theirs = [delete(0, 8)]
    now = apply_steps(start, theirs)
    done = commit_steps(now, [insert(4, "X"), insert(11, "Y")], theirs, seed="x")
    assert done.dropped == (0,)
    assert texts(done.doc) == ["sYuite"]
    steps, dropped = rebase_steps([insert(4, "X")], theirs, now)
    assert (steps, dropped) == ([], [0])


def test_both_split_the_same_paragraph_and_every_block_has_its_own_identifier():
    start = doc(p("abcdefgh", id="aaaaaaaa"))
    now = commit_steps(start, [SPLIT], seed="un").doc
    other = {**SPLIT, "from": 8, "to": 8}
    done = commit_steps(now, [other], [SPLIT], seed="deux")
    assert texts(done.doc) == ["abcd", "efg", "h"]
    ids = [block["attrs"]["id"] for block in done.doc["content"]]
    assert len(set(ids)) == 3
    assert ids[0] == "aaaaaaaa"
    parse_doc(done.doc)
    assert replay_steps(now, done.steps) == done.doc


def test_the_same_commit_gives_the_same_result():
    start = doc(p("abcdefgh", id="aaaaaaaa"))
    assert commit_steps(start, [SPLIT], seed="un") == commit_steps(start, [SPLIT], seed="un")
    assert commit_steps(start, [SPLIT], seed="un") != commit_steps(start, [SPLIT], seed="deux")


def test_a_merged_cell_is_cut_when_its_last_row_is_gone():
    start = doc(
        tableau(
            ("A", "B"), (cellule("1"), cellule("2")), (cellule("3"), cellule("4")), id="aaaaaaaa"
        )
    )
    merged = parse_doc(start)
    last = merged.child(0).content.size - merged.child(0).last_child.node_size + 1
    merge = {
        "stepType": "attr",
        "pos": 2 + merged.child(0).child(0).node_size,
        "attr": "rowspan",
        "value": 2,
    }
    removal = delete(last, last + merged.child(0).last_child.node_size)
    now = apply_steps(start, [removal])
    done = commit_steps(now, [merge], [removal], seed="x")
    assert done.doc["content"][0]["content"][1]["content"][0]["attrs"]["rowspan"] == 1
    parse_doc(done.doc)


def test_comments_alone_need_no_right_to_edit():
    comments = [
        add_mark(1, 3, comment()),
        {"stepType": "removeMark", "mark": comment(), "from": 1, "to": 3},
        {"stepType": "markSet", "steps": [add_mark(1, 2, comment())]},
    ]
    check_rights_of_steps(comments, may_edit=False, may_comment=True)
    for forged in (
        insert(1, "x"),
        insert(1, "x", comment()),
        add_mark(1, 3, {"type": "strong"}),
        {
            "stepType": "markSet",
            "steps": [add_mark(1, 2, comment()), add_mark(1, 2, {"type": "em"})],
        },
        {"stepType": "attr", "pos": 0, "attr": "id", "value": None},
        {"stepType": "markSet", "steps": []},
    ):
        with pytest.raises(StepForbidden) as refused:
            check_rights_of_steps([comments[0], forged], may_edit=False, may_comment=True)
        assert refused.value.index == 1
    with pytest.raises(StepForbidden):
        check_rights_of_steps(comments, may_edit=True, may_comment=False)
    check_rights_of_steps([insert(1, "x")], may_edit=True, may_comment=False)


def test_commenting_leaves_the_hash_alone():
    start = doc(p("abcdef", id="aaaaaaaa"))
    commented = apply_steps(start, [add_mark(2, 4, comment())])
    assert commented != start
    assert canonical_hash("T", commented) == canonical_hash("T", start)


def test_sets_inside_sets_are_laid_flat():
    nested = {
        "stepType": "markSet",
        "steps": [{"stepType": "markSet", "steps": [add_mark(1, 2, {"type": "em"})]}],
    }
    written = commit_steps(doc(p("abc", id="aaaaaaaa")), [nested], seed="x").steps
    assert written == [{"stepType": "markSet", "steps": [add_mark(1, 2, {"type": "em"})]}]


def test_restoring_keeps_the_comments_of_untouched_blocks():
    before = doc(p("Un", id="aaaaaaaa"), p("Deux", id="bbbbbbbb"), p("Trois", id="cccccccc"))
    now = apply_steps(before, [add_mark(1, 3, comment()), insert(8, "X"), delete(10, 17)])
    steps = steps_between(now, before)
    restored = commit_steps(now, steps, seed="x").doc
    assert texts(restored) == ["Un", "Deux", "Trois"]
    assert restored["content"][0]["content"][0]["marks"][0]["type"] == "comment"
    assert steps_between(before, before) == []


@pytest.mark.parametrize("together", [True, False], ids=["typed on", "scattered"])
def test_a_long_absence_is_caught_up_in_a_moment(together):
    """500 own steps over 2 000 missed: each crosses 2 500 maps. Half a second is ten times what it takes."""
    start = doc(p("début", id="aaaaaaaa"), p("suite", id="bbbbbbbb"))
    theirs = [insert(6 + n if together else 6, "x") for n in range(2000)]
    now = replay_steps(start, theirs)
    ours = [insert(13 + n if together else 13, "y") for n in range(500)]
    spent = time.process_time()
    done = commit_steps(now, ours, theirs, seed="x")
    assert time.process_time() - spent < 0.5
    assert done.dropped == ()
    assert texts(done.doc) == ["début" + "x" * 2000, "suite" + "y" * 500]


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from([0, 0, 0, 1, 5]), st.integers(0, 3)),
        max_size=200,
    ),
    st.integers(0, 60),
    st.sampled_from([-1, 1]),
)
def test_composed_maps_say_what_the_maps_say_one_after_the_other(ranges, pos, assoc):
    """ranges: place, length taken away, length put there; runs of insertions are composed."""
    maps = [StepMap(list(one)) for one in ranges if one[1] or one[2]]
    found = _Pipeline([], maps).map_result(pos, assoc)
    deleted = 0
    for step_map in maps:
        result = step_map.map_result(pos, assoc)
        pos, deleted = result.pos, deleted | result.del_info
    assert (found.pos, found.del_info) == (pos, deleted)


def test_a_copy_gets_new_identifiers():
    source = doc(p("a", id="aaaaaaaa"), liste("b", id="bbbbbbbb"))
    copy = renew_ids(source, seed="copie")
    old = {block["attrs"]["id"] for block in source["content"]}
    new = {block["attrs"]["id"] for block in copy["content"]}
    assert not old & new
    assert canonical_hash("", copy) == canonical_hash("", source)
    assert give_ids(copy, seed="x") == copy


def test_documents_are_freed():
    """The port's cache of positions kept every document for ever."""
    node = load_doc(doc(p("abc", id="aaaaaaaa")))
    after = read_step(insert(2, "x")).apply(node).doc
    assert after is not None
    gone = weakref.ref(node)
    del node, after
    gc.collect()
    assert gone() is None


WORDS = st.text(alphabet="ab é😀’", min_size=1, max_size=6)


@st.composite
def edits(draw, size):
    found = []
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, size))
        if draw(st.booleans()):
            found.append(insert(start, draw(WORDS)))
        else:
            found.append(delete(start, draw(st.integers(start, size))))
    return found


def possible(start, steps):
    """Keep the steps that a browser could have made: each fits the document the others left."""
    kept = []
    for step in steps:
        try:
            start = apply_steps(start, [step])
        except SchemaRefused:
            continue
        kept.append(step)
    return start, kept


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=3), st.data())
def test_a_rebased_commit_replays_to_what_was_stored(paragraphs, data):
    start = give_ids(doc(*[p(words) for words in paragraphs]), seed="base")
    size = load_doc(start).content.size
    now, theirs = possible(start, data.draw(edits(size)))
    _alone, ours = possible(start, data.draw(edits(size)))
    done = commit_steps(now, ours, theirs, seed="x")
    parse_doc(done.doc)
    assert replay_steps(now, done.steps) == done.doc
    again = commit_steps(now, ours, theirs, seed="x")
    assert again == done


STEP_VALUES = st.fixed_dictionaries(
    {
        "stepType": st.sampled_from(
            ["replace", "replaceAround", "addMark", "removeMark", "attr", "markSet", "x"]
        )
    },
    optional={
        "from": st.integers(-1, 20),
        "to": st.integers(-1, 20),
        "pos": st.integers(-1, 20),
        "gapFrom": st.integers(-1, 20),
        "gapTo": st.integers(-1, 20),
        "insert": st.integers(-1, 6),
        "mark": st.sampled_from([{"type": "strong"}, comment(), {"type": "x"}, None]),
        "attr": st.sampled_from(["id", "level", "rowspan", "x"]),
        "value": st.sampled_from([None, 1, "zzzzzzzz", "<"]),
        "structure": st.booleans(),
        "slice": st.sampled_from(
            [
                {"content": [p("x"), liste("y")], "openStart": 1, "openEnd": 2},
                {"content": [texte("z")]},
                {"content": [tableau(("A",), ("1",))]},
                None,
            ]
        ),
        "steps": st.just([add_mark(1, 3, {"type": "em"})]),
    },
)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEP_VALUES, min_size=1, max_size=3))
def test_any_steps_leave_a_valid_document_or_are_refused(steps):
    start = doc(
        p("abc", id="aaaaaaaa"), liste("de", id="bbbbbbbb"), tableau(("A",), ("1",), id="cccccccc")
    )
    try:
        done = commit_steps(start, steps, seed="x")
    except SchemaRefused:
        return
    parse_doc(done.doc)
    assert replay_steps(start, done.steps) == done.doc

"""Who wrote each sign: commits replayed, and compared with an oracle that is simple and slow."""

import pytest
from hypothesis import given, settings, strategies as st

from tests.wikimarche.domain.factories import add_mark, comment, delete, doc, insert, liste, p
from wikimarche.domain.authority import commit_steps
from wikimarche.domain.blame import Authorship
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.cutting import merge_corps, split_corps
from wikimarche.domain.rewriting import steps_between
from wikimarche.domain.schema import load_doc
from wikimarche.domain.specimen import generate_piece
from wikimarche.domain.steps import replay_steps


class Writers:
    """An article and those who write in it; each act is a commit, numbered from 2."""

    def __init__(self, corps, birth=1):
        self.corps, self.authorship, self.log = corps, Authorship(corps, birth), []

    def type(self, who, *steps, over=()):
        done = commit_steps(self.corps, list(steps), list(over), seed=f"graine{len(self.log)}")
        self.corps = done.doc
        self.authorship.commit(done.steps, who)
        self.log.append((who, done.steps))
        return done.steps

    def put(self, who, corps, **said):
        steps = steps_between(self.corps, corps)
        self.corps = replay_steps(self.corps, steps)
        self.authorship.commit(steps, who, by_hand=False, **said)
        self.log.append((who, steps))

    def read(self):
        return [
            (b.bloc, b.dernier, [(x.texte, x.trace) for x in b.passages])
            for b in self.authorship.blame(self.corps)
        ]


def test_each_word_keeps_its_author():
    a = Writers(doc(p("Le titulaire remet un relevé.", id="aaaaaaaa"), p("Fin.", id="bbbbbbbb")))
    a.type(2, insert(20, "chaque année "))
    a.type(3, delete(27, 32), insert(27, "trimestre"))
    assert a.read() == [
        (
            "aaaaaaaa",
            3,
            [("Le titulaire remet ", 1), ("chaque ", 2), ("trimestre", 3), (" ", 2), ("un relevé.", 1)],
        ),
        ("bbbbbbbb", 1, [("Fin.", 1)]),
    ]  # fmt: skip


def test_two_who_type_at_once_in_one_paragraph_keep_each_their_words():
    """Sent on the same base, placed by the server: the session of one holds the other's words."""
    a = Writers(doc(p("Objet", id="aaaaaaaa")))
    for round_ in range(4):
        seen = a.corps
        size = load_doc(seen).content.size
        theirs = a.type("Claire", insert(size - 1, f" claire{round_}"))
        a.type("Yann", insert(1, f"yann{round_} "), over=theirs)
    [(_bloc, dernier, passages)] = a.read()
    assert dernier == "Yann"
    assert {who: "".join(t for t, w in passages if w == who) for who in ("Claire", "Yann", 1)} == {
        "Claire": " claire0 claire1 claire2 claire3",
        "Yann": "yann3 yann2 yann1 yann0 ",
        1: "Objet",
    }


def test_a_withdrawal_and_typography_touch_the_block_not_its_words():
    a = Writers(doc(p("un deux trois", id="aaaaaaaa"), p("quatre", id="bbbbbbbb")))
    a.type(2, delete(4, 9))
    assert a.read()[0] == ("aaaaaaaa", 2, [("un trois", 1)])
    a.type(3, add_mark(1, 3, {"type": "strong"}))
    assert a.read() == [
        ("aaaaaaaa", 3, [("un trois", 1)]),
        ("bbbbbbbb", 1, [("quatre", 1)]),
    ]


def test_a_comment_touches_nothing():
    a = Writers(doc(p("un", id="aaaaaaaa")))
    a.type(2, add_mark(1, 3, comment()))
    assert a.read() == [("aaaaaaaa", 1, [("un", 1)])]


def test_a_block_put_in_or_taken_out_does_not_touch_its_neighbours():
    a = Writers(doc(p("un", id="aaaaaaaa"), p("deux", id="bbbbbbbb"), p("trois", id="cccccccc")))
    a.type(2, delete(4, 10))
    assert [(bloc, dernier) for bloc, dernier, _p in a.read()] == [("aaaaaaaa", 1), ("cccccccc", 1)]
    new = {"content": [p("neuf", id="dddddddd")]}
    a.type(3, {"stepType": "replace", "from": 4, "to": 4, "slice": new})
    assert [(bloc, dernier) for bloc, dernier, _p in a.read()] == [
        ("aaaaaaaa", 1), ("dddddddd", 3), ("cccccccc", 1),
    ]  # fmt: skip


CUT = {
    "stepType": "replace",
    "from": 4,
    "to": 4,
    "slice": {"content": [p(id="aaaaaaaa"), p(id="aaaaaaaa")], "openStart": 1, "openEnd": 1},
}


def test_a_paragraph_split_then_joined_keeps_its_authors():
    a = Writers(doc(p("un deux", id="aaaaaaaa")))
    a.type(2, insert(4, "et "))
    a.type(3, CUT)
    assert [(d, passages) for _b, d, passages in a.read()] == [
        (3, [("un ", 1)]),
        (3, [("et ", 2), ("deux", 1)]),
    ]
    a.type(4, delete(4, 6))
    assert a.read() == [("aaaaaaaa", 4, [("un ", 1), ("et ", 2), ("deux", 1)])]


def test_a_wrapping_keeps_the_words():
    a = Writers(doc(p("un", id="aaaaaaaa")))
    slice_ = {"content": [{"type": "blockquote", "attrs": {"id": "bbbbbbbb"}}]}
    a.type(
        2,
        {"stepType": "replaceAround", "from": 0, "to": 4, "gapFrom": 0, "gapTo": 4, "insert": 1,
         "slice": slice_, "structure": True},
    )  # fmt: skip
    assert a.read() == [("bbbbbbbb", 2, [("un", 1)])]


def test_a_restored_text_is_the_work_of_who_restored_but_for_what_stood_there():
    a = Writers(doc(p("un deux trois quatre", id="aaaaaaaa"), p("fin", id="bbbbbbbb")))
    start = a.corps
    a.type(2, delete(1, 3), insert(1, "UN"))
    a.type(3, delete(15, 21), insert(15, "QUATRE"))
    a.put(4, start)
    assert a.read() == [
        ("aaaaaaaa", 4, [("un", 4), (" deux trois ", 1), ("quatre", 4)]),
        ("bbbbbbbb", 1, [("fin", 1)]),
    ]


@pytest.mark.parametrize("position", [1, 4, 6, 10, 14, 18])
def test_an_article_split_then_merged_keeps_its_authors(position):
    a = Writers(doc(p("un deux", id="aaaaaaaa"), p("trois", id="bbbbbbbb")))
    a.type(2, insert(8, " et demi"))
    whole = a.authorship.copy()
    before = "".join(text for _b, _d, passages in a.read() for text, _w in passages)
    kept, moved = split_corps(a.corps, position, seed="x")
    a.put(3, kept)
    b = Writers(moved)
    b.authorship = Authorship(moved, 3, lent=whole)
    a.put(4, merge_corps(a.corps, "", b.corps, seed="y"), lent=b.authorship)
    words = [(text, who) for _b, _d, passages in a.read() for text, who in passages]
    assert "".join(text for text, _w in words) == before
    assert "".join(text for text, who in words if who == 2) == " et demi"
    assert {who for _t, who in words} == {1, 2}


def test_a_merged_article_brings_its_authors_and_its_title_is_of_who_merged():
    a, b = Writers(doc(p("un", id="aaaaaaaa"))), Writers(doc(p("deux", id="bbbbbbbb")), 5)
    a.put(7, merge_corps(a.corps, "Titre", b.corps, seed="y"), lent=b.authorship)
    assert [passages for _b, _d, passages in a.read()] == [
        [("un", 1)], [("Titre", 7)], [("deux", 5)],
    ]  # fmt: skip


def test_lists_and_empty_blocks():
    a = Writers(doc(p(id="aaaaaaaa"), liste("un", id="bbbbbbbb")))
    a.put(2, doc(p(id="aaaaaaaa"), liste("un", "deux", id="bbbbbbbb")))
    assert a.read() == [
        ("aaaaaaaa", 1, []),
        ("bbbbbbbb", 2, [("un\n", 1), ("deux", 2)]),
    ]


def test_what_the_commits_do_not_give_is_refused():
    a = Writers(doc(p("un", id="aaaaaaaa")))
    with pytest.raises(ValueError, match="do not give"):
        a.authorship.blame(doc(p("autre", id="aaaaaaaa")))
    with pytest.raises(ValueError, match="does not fit"):
        a.authorship.commit([insert(40, "x")], 2)


def test_offsets_cut_the_text():
    for article in generate_piece(chars=6000).articles:
        found = Authorship(article.corps, 1).blame(article.corps)
        for block, node in zip(found, article.corps["content"], strict=True):
            assert block.dernier == 1
            assert "".join(x.texte for x in block.passages) == plain_text({"content": [node]})
            assert [x.start for x in block.passages] in ([0], [])


# ── Against the oracle ──────────────────────────────────────────────────────────────────────────


def signs_of(corps):
    return [list(text) for text in plain_text(corps).split("\n")]


class Oracle:
    """Every sign typed is one that was never typed before: who typed it first wrote it.

    It knows nothing of positions: the document is replayed by the step authority, then read.
    """

    def __init__(self):
        self.next, self.wrote = 0x4E00, {}

    def draw(self, who, count):
        drawn = "".join(
            chr(self.next + i) if i % 3 else chr(0x20000 + self.next + i) for i in range(count)
        )
        self.next += count
        self.wrote |= dict.fromkeys(drawn, who)
        return drawn


ACT = st.tuples(
    st.sampled_from(["type", "type", "type", "delete", "cut", "join", "restore", "behind", "bold"]),
    st.integers(0, 2),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)


@settings(max_examples=120, deadline=None)
@given(st.integers(2, 3), st.lists(ACT, min_size=4, max_size=24))
def test_every_sign_is_of_who_typed_it(people, acts):
    oracle = Oracle()
    a = Writers(
        doc(p(oracle.draw("naissance", 6), id="aaaaaaaa"), p(oracle.draw("naissance", 4), id="bbbbbbbb")),
        "naissance",
    )  # fmt: skip
    past, restorers = [a.corps], {}
    for kind, who, one, other in acts:
        author = f"personne {who % people}"
        node = load_doc(a.corps)
        cuts = [
            pos for pos in range(node.content.size + 1)
            if node.resolve(pos).parent.inline_content and fits(node, pos)
        ]  # fmt: skip
        at = cuts[one % len(cuts)]
        if kind in {"type", "behind"}:
            first = a.type(author, insert(at, oracle.draw(author, 1 + other % 5)))
            if kind == "behind":
                # Another one, on the text as it was before: rebased over what was just placed.
                late = f"personne {(who + 1) % people}"
                there = cuts[other % len(cuts)]
                a.type(late, insert(there, oracle.draw(late, 3)), over=first)
        elif kind == "delete":
            ends = [pos for pos in cuts if node.resolve(pos).same_parent(node.resolve(at))]
            end = ends[other % len(ends)]
            if end != at:
                a.type(author, delete(min(at, end), max(at, end)))
        elif kind == "bold":
            ends = [pos for pos in cuts if pos > at]
            if ends:
                a.type(author, add_mark(at, ends[other % len(ends)], {"type": "strong"}))
        elif kind == "cut":
            cut = p(id="cccccccc")
            opened = {"content": [cut, cut], "openStart": 1, "openEnd": 1}
            a.type(author, {"stepType": "replace", "from": at, "to": at, "slice": opened})
        elif kind == "join":
            edges = [
                pos for pos in cuts if pos and node.resolve(pos).parent_offset == 0 and pos > 1
            ]
            if edges:
                edge = edges[other % len(edges)]
                a.type(author, delete(edge - 2, edge))
        else:
            before = {sign for line in signs_of(a.corps) for sign in line}
            a.put(author, past[one % len(past)])
            for line in signs_of(a.corps):
                # What came back is of who brought it back; what stood there may stay who it was.
                for sign in line:
                    if sign not in before:
                        oracle.wrote[sign] = author
                    else:
                        restorers.setdefault(sign, set()).add(author)
        past.append(a.corps)
    for _bloc, _dernier, passages in a.read():
        for text, who in passages:
            for sign in text:
                assert who in {oracle.wrote[sign]} | restorers.get(sign, set())
                if not restorers:
                    assert who == oracle.wrote[sign]


def fits(node, pos):
    """Tell whether a place is between two signs, not inside one."""
    resolved = node.resolve(pos)
    text = resolved.parent.text_content.encode("utf-16-le")
    half = text[2 * resolved.parent_offset : 2 * resolved.parent_offset + 2]
    return not half or not 0xDC <= half[1] <= 0xDF

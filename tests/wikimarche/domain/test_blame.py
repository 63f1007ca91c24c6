"""Who last touched each passage."""

from tests.wikimarche.domain.factories import doc, liste, p, texte
from wikimarche.domain.blame import Revision, blame
from wikimarche.domain.specimen import generate_piece


def read(revisions):
    return [
        (b.bloc, b.dernier, [(x.texte, x.trace) for x in b.passages])
        for b in blame([Revision(trace, corps) for trace, corps in revisions])
    ]


def test_each_word_keeps_its_author():
    assert read(
        [
            (1, doc(p("Le titulaire remet un relevé.", id="a"), p("Fin.", id="b"))),
            (2, doc(p("Le titulaire remet chaque année un relevé.", id="a"), p("Fin.", id="b"))),
            (
                3,
                doc(p("Le titulaire remet chaque trimestre un relevé.", id="a"), p("Fin.", id="b")),
            ),
        ]
    ) == [
        (
            "a",
            3,
            [("Le titulaire remet ", 1), ("chaque ", 2), ("trimestre ", 3), ("un relevé.", 1)],
        ),
        ("b", 1, [("Fin.", 1)]),
    ]


def test_a_withdrawal_and_typography_touch_the_block_not_its_words():
    assert read(
        [
            (1, doc(p("un deux trois", id="a"))),
            (2, doc(p("un trois", id="a"))),
        ]
    ) == [("a", 2, [("un trois", 1)])]
    assert read(
        [
            (1, doc(p("un", id="a"))),
            (2, doc(p(texte("un", "strong"), id="a"))),
        ]
    ) == [("a", 2, [("un", 1)])]


def test_a_split_keeps_the_authors_of_both_halves():
    found = read(
        [
            (1, doc(p("Le titulaire remet un relevé. Il y joint la quantité d’eau.", id="a"))),
            (
                2,
                doc(
                    p("Le titulaire remet un relevé.", id="a"),
                    p("Il y joint la quantité d’eau.", id="b"),
                ),
            ),
        ]
    )
    assert [[trace for _texte, trace in passages] for _b, _d, passages in found] == [[1], [1]]


def test_a_restored_state_is_the_work_of_who_restored():
    found = read(
        [(1, doc(p("un", id="a"))), (2, doc(p("deux", id="a"))), (3, doc(p("un", id="a")))]
    )
    assert found == [("a", 3, [("un", 3)])]


def test_lists_and_empty_blocks():
    assert read(
        [(1, doc(p(id="a"), liste("un", id="b"))), (2, doc(p(id="a"), liste("un", "deux", id="b")))]
    ) == [
        ("a", 1, []),
        ("b", 2, [("un\n", 1), ("deux", 2)]),
    ]
    assert blame([]) == []


def test_offsets_cut_the_text():
    corps = generate_piece(chars=2000).articles[1].corps
    for block in blame([Revision(1, corps), Revision(2, corps)]):
        assert block.dernier == 1
        assert [x.start for x in block.passages] == [0]

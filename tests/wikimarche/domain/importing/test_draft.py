"""Corrections of the cutting: each does its one thing, in any order, and can be undone."""

from dataclasses import asdict

import pytest

from tests.wikimarche.domain.importing.reading import outline, read
from tests.wikimarche.domain.importing.samples import annotated_word, styled_word
from wikimarche.domain.importing import (
    CorrectionRefused,
    apply_corrections,
    apply_operation,
    correct_piece,
    take_back,
)
from wikimarche.domain.importing.pieces import plain_of
from wikimarche.domain.schema import parse_doc


@pytest.fixture(scope="module")
def piece():
    lines = (
        (1, "Objet"), (0, "Premier."), (0, "Étendue"), (0, "Second."), (1, "Prix"), (0, "Texte."),
        (2, "Forme"), (0, "Fermes."), (1, "Fin"), (0, "Merci."),
    )  # fmt: skip
    return read(styled_word(*lines))


def _texts(article):
    return [plain_of(block) for block in article.blocs]


def _do(piece, op, index, **more):
    draft = apply_corrections(
        piece.articles, [{"op": op, "article": piece.articles[index].id, **more}]
    )
    for article in draft:
        parse_doc(article.corps)
    return draft


def _outline(draft):
    return [(article.niveau, article.titre) for article in draft]


def test_merge_with_previous(piece):
    draft = _do(piece, "fusionner", 1)
    assert _outline(draft) == [(1, "Objet"), (2, "Forme"), (1, "Fin")]
    assert _texts(draft[0]) == ["Premier.", "Étendue", "Second.", "Prix", "Texte."]


def test_split_at_block(piece):
    bloc = piece.articles[0].blocs[1]["attrs"]["id"]
    draft = _do(piece, "scinder", 0, bloc=bloc, titre="Nouveau")
    assert _outline(draft)[:2] == [(1, "Objet"), (1, "Nouveau")]
    assert [_texts(article) for article in draft[:2]] == [["Premier."], ["Étendue", "Second."]]


def test_promote_and_demote_take_the_branch(piece):
    assert _outline(_do(piece, "promouvoir", 2))[2] == (1, "Forme")
    assert _outline(_do(piece, "retrograder", 1)) == [
        (1, "Objet"), (2, "Prix"), (3, "Forme"), (1, "Fin"),
    ]  # fmt: skip


def test_heading_of_a_paragraph_and_back(piece):
    bloc = piece.articles[0].blocs[1]["attrs"]["id"]
    draft = _do(piece, "en_titre", 0, bloc=bloc)
    assert _outline(draft)[1] == (1, "Étendue")
    back = apply_corrections(draft, [{"op": "en_paragraphe", "article": draft[1].id}])
    assert [_texts(article) for article in back] == [_texts(a) for a in piece.articles]


def test_rename(piece):
    assert _outline(_do(piece, "renommer", 3, titre="  Fin du  marché "))[3] == (1, "Fin du marché")


@pytest.mark.parametrize(
    ("op", "index"), [("fusionner", 0), ("promouvoir", 0), ("retrograder", 0), ("inconnu", 0), ("scinder", 0)]
)  # fmt: skip
def test_refusals_are_french_sentences(piece, op, index):
    with pytest.raises(CorrectionRefused, match=r"[.]$"):
        _do(piece, op, index)


def test_stored_draft_and_replay_are_deterministic(piece):
    rows = [asdict(article) for article in piece.articles]
    operation = {"op": "fusionner", "article": piece.articles[1].id, "csrf": "ignored"}
    once = apply_operation(rows, operation)
    assert once == apply_operation(rows, operation)
    assert [row["titre"] for row in once.articles] == ["Objet", "Forme", "Fin"]


def test_remarks_follow_their_block():
    piece = read(annotated_word())
    bloc = piece.comments[0].bloc
    same = correct_piece(piece, [])
    assert same == piece
    operations = [{"op": "en_titre", "article": piece.articles[0].id, "bloc": bloc}]
    corrected = correct_piece(piece, operations)
    assert outline(corrected)[1][1].startswith("Le délai")
    assert corrected.report.articles == 2


@pytest.mark.parametrize(
    ("op", "index", "bloc"),
    [
        ("fusionner", 1, None), ("scinder", 0, 1), ("promouvoir", 2, None), ("retrograder", 1, None),
        ("en_titre", 0, 1), ("en_paragraphe", 1, None), ("renommer", 3, None),
        ("sans_numero", 0, None),
    ],
)  # fmt: skip
def test_a_correction_is_taken_back_and_keeps_only_what_it_changed(piece, op, index, bloc):
    rows = [asdict(article) for article in piece.articles]
    operation = {"op": op, "article": rows[index]["id"], "titre": "Autre"}
    if bloc is not None:
        operation["bloc"] = piece.articles[index].blocs[bloc]["attrs"]["id"]
    done = apply_operation(rows, operation)
    assert done.articles != rows
    assert take_back(done.articles, done.as_json()) == rows
    assert len(done.avant) <= 2


def test_a_number_is_taken_away_and_given_back(piece):
    first = piece.articles[0].id
    without = correct_piece(piece, [{"op": "sans_numero", "article": first}])
    assert [article.numerote for article in without.articles[:2]] == [False, True]
    again = correct_piece(without, [{"op": "numeroter", "article": first}])
    assert again.articles == piece.articles


@pytest.mark.parametrize("op", ["sans_numero", "numeroter"])
def test_a_number_is_not_given_twice_nor_under_an_article_without_number(piece, op):
    rank = next(n for n, article in enumerate(piece.articles) if article.niveau > 1)
    inside, holder = piece.articles[rank].id, piece.articles[rank - 1].id
    held = {"op": op, "article": inside}
    off = {"op": "sans_numero", "article": holder}
    with pytest.raises(CorrectionRefused, match="déjà"):
        correct_piece(piece, [{"op": "numeroter", "article": holder}])
    with pytest.raises(CorrectionRefused, match="déjà"):
        correct_piece(piece, [off, off])
    with pytest.raises(CorrectionRefused, match="qui contient celui-ci"):
        correct_piece(piece, [off, held])

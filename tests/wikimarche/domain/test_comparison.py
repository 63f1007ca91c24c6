"""Comparison: by article, block, word and cell."""

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from procurement.marches.domain.variables import say_paths
from tests.wikimarche.domain.factories import (
    article,
    cellule,
    comment,
    doc,
    liste,
    p,
    piece,
    tableau,
    texte,
    titre,
    uid,
)
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.comparison import (
    Genre,
    Ligne,
    Mots,
    Op,
    Segment,
    compare,
    compare_blocks,
    compare_inline,
    describe,
    stayed,
    tell_edit,
)
from wikimarche.domain.rank import rank_between
from wikimarche.domain.redline import move_sentence
from wikimarche.domain.specimen import generate_piece, revise_piece


def said(segments):
    return [(segment.op.value, segment.text) for segment in segments]


def compare_texts(a, b):
    return said(compare_inline([texte(a)] if a else [], [texte(b)] if b else []))


def ops(blocs):
    return [bloc.op.value for bloc in blocs]


def test_words_are_replaced_whole():
    assert compare_texts("a lieu dans dix locaux", "a lieu dans trois locaux, dont un") == [
        ("egal", "a lieu dans "),
        ("retrait", "dix"),
        ("ajout", "trois"),
        ("egal", " locaux"),
        ("ajout", ", dont un"),
    ]


def test_two_replaced_words_in_a_row_are_one_change():
    assert compare_texts("le prix ferme", "la somme ferme") == [
        ("retrait", "le prix"),
        ("ajout", "la somme"),
        ("egal", " ferme"),
    ]


def test_typography_alone_is_told_apart_from_words():
    segments = compare_inline(
        [texte("le prix est ferme")], [texte("le "), texte("prix", "strong"), texte(" est ferme")]
    )
    assert said(segments) == [("egal", "le "), ("forme", "prix"), ("egal", " est ferme")]
    [bloc] = compare_blocks([p("a", id="aaaaaaaa")], [p(texte("a", "em"), id="aaaaaaaa")])
    assert bloc.op is Op.FORME


def test_comments_are_never_a_change():
    [bloc] = compare_blocks(
        [p("abc", id="aaaaaaaa")], [p("a", texte("bc", comment()), id="aaaaaaaa")]
    )
    assert bloc.op is Op.EGAL


def note(words):
    return {"type": "note_bas_de_page", "attrs": {"texte": words}}


def test_the_words_of_a_footnote_are_compared():
    before = [texte("Sous "), note("Délai de cinq jours ouvrés."), texte(" à "), note("Autre.")]
    after = [texte("Sous "), note("Délai de huit jours ouvrés."), texte(" à "), note("Autre.")]
    _sous, changed, _rest = compare_inline(before, after)
    assert (changed.op, changed.noeuds, changed.avant) == (Op.MODIFIE, (after[1],), (before[1],))
    assert [(s.op.value, s.text) for s in changed.note] == [
        ("egal", "Délai de "),
        ("retrait", "cinq"),
        ("ajout", "huit"),
        ("egal", " jours ouvrés."),
    ]


def test_a_footnote_written_anew_is_another_footnote():
    segments = compare_inline([note("Délai de cinq jours.")], [note("Voir l’annexe.")])
    assert [segment.op.value for segment in segments] == ["retrait", "ajout"]


def test_a_footnote_edited_beside_others_that_come_and_go_is_still_found():
    before = [note("Première, qui part."), texte(" a "), note("Délai de cinq jours ouvrés.")]
    after = [texte(" a "), note("Délai de huit jours ouvrés."), texte(" b"), note("Nouvelle.")]
    ops = [segment.op.value for segment in compare_inline(before, after)]
    assert ops == ["retrait", "egal", "modifie", "ajout"]


def test_the_words_changed_in_a_footnote_are_counted_and_told():
    def state(words):
        return piece(article(1, p(texte("Sous "), note(words), id="aaaaaaaa")))

    comparison = compare(state("Délai de cinq jours ouvrés."), state("Délai de huit jours ouvrés."))
    [change] = comparison.changements
    assert change.mots == Mots(remplaces=1)
    assert tell_edit(change) == "remplace «\u202fcinq\u202f» par «\u202fhuit\u202f»"
    assert not change.forme_seule


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Il vaut accord.", "Il ne vaut pas accord.", "ajoute « ne » et « pas »"),
        ("Il ne vaut pas accord.", "Il vaut accord.", "retire « ne » et « pas »"),
        ("un a deux b", "six a dix b", "remplace « un » par « six » et « deux » par « dix »"),
        ("un a deux b", "un ne a dix b", "ajoute « ne » et remplace « deux » par « dix »"),
    ],
)
def test_a_verb_is_said_once(old, new, said):
    [change] = compare(piece(article(1, p(old))), piece(article(1, p(new)))).changements
    assert tell_edit(change).replace("\u202f", " ") == said


def test_variables_are_compared_as_one_word():
    def variable(path):
        return {"type": "variable", "attrs": {"chemin": path}}

    segments = compare_inline([texte("dans "), variable("a")], [texte("dans "), variable("b")])
    assert [segment.op.value for segment in segments] == ["egal", "retrait", "ajout"]


def test_blocks_move_by_identifier_and_keep_their_edits():
    before = [p("un", id="aaaaaaaa"), p("deux", id="bbbbbbbb"), p("trois", id="cccccccc")]
    after = [p("trois et demi", id="cccccccc"), p("un", id="aaaaaaaa"), p("deux", id="bbbbbbbb")]
    blocs = compare_blocks(before, after)
    assert [(b.op.value, b.deplace) for b in blocs] == [
        ("modifie", True),
        ("egal", False),
        ("egal", False),
    ]


def test_words_typed_before_a_paragraph_and_cut_off_are_the_only_addition():
    """Enter leaves the identifier to what was typed: the paragraph that was there is not rewritten."""
    before = doc(p("Au sens du présent document :", id=1), p("Suite.", id=2))
    after = doc(
        p("Définitions.", id=1),
        p("Portée.", id=3),
        p("Au sens du présent document :", id=4),
        p("Suite.", id=2),
    )
    blocs = compare_blocks(before["content"], after["content"])
    assert ops(blocs) == ["ajout", "ajout", "egal", "egal"]


def test_a_paragraph_cut_in_two_follows_its_longer_part():
    before = doc(p("Un. Le titulaire remet le rapport au pouvoir adjudicateur.", id=1))
    long = p("Le titulaire remet le rapport au pouvoir adjudicateur.", id=2)
    after = doc(p("Un.", id=1), long)
    blocs = compare_blocks(before["content"], after["content"])
    assert ops(blocs) == ["ajout", "modifie"]
    assert said(blocs[1].segments)[0] == ("retrait", "Un. ")


def test_a_paragraph_edited_before_a_new_one_that_resembles_it_keeps_its_identifier():
    before = doc(p("Le délai est de dix jours.", id=1))
    after = doc(
        p("Le délai est de vingt jours.", id=1), p("Le délai est de dix mois entiers.", id=2)
    )
    assert ops(compare_blocks(before["content"], after["content"])) == ["modifie", "ajout"]


def test_withdrawn_blocks_stand_at_their_old_place():
    before = [p("un", id="aaaaaaaa"), p("deux", id="bbbbbbbb"), p("trois", id="cccccccc")]
    after = [
        p("un", id="aaaaaaaa"),
        p("trois", id="cccccccc"),
        p("tout autre chose", id="dddddddd"),
    ]
    assert ops(compare_blocks(before, after)) == ["egal", "retrait", "egal", "ajout"]


def test_without_identifiers_content_then_likeness_match():
    before = [
        p("Le titulaire remet chaque année un relevé."),
        p("Les prix sont fermes."),
        p("Fin."),
    ]
    after = [p("Le titulaire remet chaque trimestre un relevé."), p("Fin."), p("Nouveau.")]
    assert ops(compare_blocks(before, after)) == ["modifie", "retrait", "egal", "ajout"]


def test_a_paragraph_that_becomes_a_heading_is_typography():
    [bloc] = compare_blocks([p("Objet", id="aaaaaaaa")], [titre("Objet", id="aaaaaaaa")])
    assert bloc.op is Op.FORME


def test_list_items_are_compared_inside():
    [bloc] = compare_blocks(
        [liste("un sac", "deux sacs", id="aaaaaaaa")],
        [liste("un sac", "trois", "deux sacs bleus", id="aaaaaaaa")],
    )
    assert bloc.op is Op.MODIFIE
    assert ops(bloc.enfants) == ["egal", "ajout", "modifie"]


def cells(blocs):
    return [ops(row.enfants) for row in blocs[0].enfants]


HEAD = ("Consommable", "Exigence", "Preuve")


def test_a_cell_changes_alone():
    before = [
        tableau(
            HEAD,
            ("Savon", "Sans parfum", "Écolabel"),
            ("Sacs", "50 % recyclé", "Attestation"),
            id="aaaaaaaa",
        )
    ]
    after = [
        tableau(
            HEAD,
            ("Savon", "Sans parfum", "Écolabel"),
            ("Sacs", "80 % recyclé", "Attestation"),
            id="aaaaaaaa",
        )
    ]
    blocs = compare_blocks(before, after)
    assert cells(blocs) == [["egal"] * 3, ["egal"] * 3, ["egal", "modifie", "egal"]]
    cell = blocs[0].enfants[2].enfants[1]
    assert cell.lieu == "ligne Sacs, colonne Exigence"
    assert said(cell.enfants[0].segments)[:2] == [("retrait", "50"), ("ajout", "80")]


def test_rows_are_added_and_withdrawn():
    before = [tableau(HEAD, ("Savon", "a", "b"), ("Sacs", "c", "d"), id="aaaaaaaa")]
    after = [tableau(HEAD, ("Gants", "x", "y"), ("Sacs", "c", "d"), id="aaaaaaaa")]
    assert sorted(row.op.value for row in compare_blocks(before, after)[0].enfants) == [
        "ajout",
        "egal",
        "egal",
        "retrait",
    ]


def test_columns_are_added_and_withdrawn():
    before = [tableau(HEAD, ("Savon", "a", "b"), ("Sacs", "c", "d"), id="aaaaaaaa")]
    after = [
        tableau(
            ("Consommable", "Quantité", "Exigence"),
            ("Savon", "3", "a"),
            ("Sacs", "4", "c"),
            id="aaaaaaaa",
        )
    ]
    assert cells(compare_blocks(before, after)) == [["egal", "ajout", "egal", "retrait"]] * 3


def test_merged_cells_are_compared_by_place():
    before = [tableau(HEAD, (cellule("Savon", colspan=2), "b"), id="aaaaaaaa")]
    after = [tableau(HEAD, (cellule("Savon", colspan=2), "c"), id="aaaaaaaa")]
    assert cells(compare_blocks(before, after))[1] == ["egal", "modifie"]


def test_an_article_moved_and_edited_is_shown_once_with_both():
    old = piece(
        article(1, p("Un.", id="aaaaaaaa"), rang="m0"),
        article(2, p("Deux.", id="bbbbbbbb"), rang="m1"),
        article(3, p("Le relevé de chaque année.", id="cccccccc"), rang="m2"),
    )
    moved = article(3, p("Le relevé de chaque trimestre.", id="cccccccc"), rang="lz")
    result = compare(old, piece(*old.articles[:2], moved))
    [change] = result.changements
    assert change.genres == (Genre.DEPLACEMENT, Genre.TEXTE)
    assert change.genre is Genre.DEPLACEMENT
    assert (change.numero_avant, change.numero_apres) == ("3", "1")
    assert describe(change) == "Déplacé, et 1 mot"
    assert result.lecture == (
        Ligne(uid(3)),
        Ligne(uid(1)),
        Ligne(uid(2)),
        Ligne(uid(3), parti=True),
    )
    assert [(row.article, row.seule) for row in result.renumerotations] == [
        (uid(3), False),
        (uid(1), True),
        (uid(2), True),
    ]
    assert result.count() == {Genre.DEPLACEMENT: 1, Genre.TEXTE: 1}


def test_a_change_of_parent_is_a_move_and_children_follow_without_a_word():
    old = piece(
        article(1, p("a")),
        article(2, p("b"), rang="m1"),
        article(3, p("c"), parent=1),
        article(4, p("d"), parent=3),
    )
    new = piece(*old.articles[:2], replace(old.articles[2], parent=uid(2)), old.articles[3])
    result = compare(old, new)
    assert [change.article for change in result.changements] == [uid(3)]
    assert {row.article for row in result.renumerotations} == {uid(3), uid(4)}


@pytest.mark.parametrize(
    ("mover", "rang"),
    [(1, "m1a"), (2, "lz")],
)
def test_of_two_siblings_swapped_the_one_that_was_moved_is_told(mover, rang):
    """Either could be said to have moved: the rank tells which one was."""
    old = piece(
        article(1, p("a"), rang="m0"), article(2, p("b"), rang="m1"), article(3, p("c"), rang="m2")
    )
    new = piece(*(replace(a, rang=rang) if a.id == uid(mover) else a for a in old.articles))
    assert [change.article for change in compare(old, new).changements] == [uid(mover)]
    assert [change.article for change in compare(new, old).changements] == [uid(mover)]


def test_what_was_moved_and_put_back_did_not_move():
    old = piece(*(article(n, p("a"), rang=f"m{n}") for n in range(1, 5)))
    new = piece(*(replace(a, rang="m1b") if a.id == uid(2) else a for a in old.articles))
    assert compare(old, new).changements == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(0, 6)), min_size=1, max_size=4))
def test_who_was_not_moved_is_never_said_to_be(moves):
    ranks = {n: f"m{n}" for n in range(1, 8)}
    for number, to in moves:
        others = sorted(rang for n, rang in ranks.items() if n != number)
        low, high = others[to - 1] if to else None, others[to] if to < len(others) else None
        ranks[number] = rank_between(low, high)
    old = piece(*(article(n, p("a"), rang=f"m{n}") for n in range(1, 8)))
    new = piece(*(article(n, p("a"), rang=rang) for n, rang in ranks.items()))
    told = {change.article for change in compare(old, new).changements}
    assert told <= {uid(number) for number, _to in moves}
    stay = [n for n in range(1, 8) if uid(n) not in told]
    assert sorted(stay, key=ranks.get) == stay


def test_an_article_read_where_it_was_under_another_is_indented():
    old = piece(article(1, p("a")), article(2, p("b"), rang="m1"), article(3, p("c"), rang="m2"))
    new = piece(old.articles[0], replace(old.articles[1], parent=uid(1)), old.articles[2])
    [change] = compare(old, new).changements
    assert (change.genres, describe(change)) == ((Genre.DEPLACEMENT,), "Mis en retrait")
    assert tell_edit(change) == "met en retrait l’article"
    assert move_sentence(change) == "Mis en retrait\u202f: était 2, devient 1.1"
    [change] = compare(new, old).changements
    assert (describe(change), tell_edit(change)) == (
        "Remonté d’un niveau",
        "remonte d’un niveau l’article",
    )
    far = piece(replace(old.articles[0], parent=uid(3)), *old.articles[1:])
    [change] = compare(old, far).changements
    assert describe(change) == "Déplacé"


def test_renumbering_alone_is_never_a_change():
    old = piece(article(1, p("a")), article(2, p("b"), rang="m1"))
    result = compare(old, piece(article(9, p("z"), rang="lz"), *old.articles))
    assert [change.genre for change in result.changements] == [Genre.AJOUT]
    assert [row.avant for row in result.renumerotations] == ["1", "2"]


def test_retiring_and_restoring():
    old = piece(
        article(1, p("un deux")), article(2, p("b"), rang="m1"), article(3, p("c"), parent=1)
    )
    new = piece(replace(old.articles[0], statut="retire"), *old.articles[1:])
    gone = compare(old, new)
    assert [(c.article, c.genre) for c in gone.changements] == [
        (uid(1), Genre.RETRAIT),
        (uid(3), Genre.RETRAIT),
    ]
    assert gone.changements[0].mots == Mots(retires=3)
    assert [line.article for line in gone.lecture] == [uid(1), uid(3), uid(2)]
    back = compare(new, old)
    assert [describe(c) for c in back.changements] == ["Article rétabli"] * 2


def test_a_new_title_is_a_change_of_text():
    old = piece(article(1, p("a"), titre="Suivi"))
    [change] = compare(old, piece(article(1, p("a"), titre="Suivi annuel"))).changements
    assert change.genres == (Genre.TEXTE,)
    assert said(change.titre) == [("egal", "Suivi"), ("ajout", " annuel")]
    assert change.mots == Mots(ajoutes=1)


def test_typography_alone_says_so():
    old = piece(article(1, p("a", id="aaaaaaaa")))
    [change] = compare(old, piece(article(1, p(texte("a", "strong"), id="aaaaaaaa")))).changements
    assert change.forme_seule
    assert describe(change) == "Mise en forme"
    assert change.mots == Mots()


def test_tables_count_their_cells():
    old = piece(article(1, tableau(HEAD, ("Savon", "a", "b"), id="aaaaaaaa")))
    [change] = compare(
        old, piece(article(1, tableau(HEAD, ("Savon", "x", "y"), id="aaaaaaaa")))
    ).changements
    assert (change.genres, change.cellules, describe(change)) == ((Genre.TABLEAU,), 2, "2 cellules")


def test_an_import_without_identifiers_is_matched_by_likeness():
    old = generate_piece(chars=8000, seed=4)
    names = {a.id: uid(1000 + n) for n, a in enumerate(old.articles)}
    revised = revise_piece(old, moves=0)
    again = piece(
        *(replace(a, id=names[a.id], parent=names.get(a.parent)) for a in revised.articles)
    )
    assert Genre.AJOUT in compare(old, again).count()
    likely = compare(old, again, by_likeness=True)
    assert set(likely.count()) <= {Genre.TEXTE, Genre.TABLEAU}


def test_an_edit_is_told_with_its_words():
    def told(before, after, **state):
        old = piece(article(1, p(before, id="aaaaaaaa")), article(2, p("b"), rang="m1"))
        new = piece(article(1, p(after, id="aaaaaaaa"), **state), old.articles[1])
        return [tell_edit(change) for change in compare(old, new).changements]

    assert told("chaque année", "chaque trimestre") == [
        "remplace «\u202fannée\u202f» par «\u202ftrimestre\u202f»"
    ]
    assert told("a", "a b", statut="actif") == ["ajoute «\u202fb\u202f»"]
    assert told("a", "a", statut="retire") == ["retire l’article"]
    assert told("a b c d e f", "x b y d z f") == [
        "remplace «\u202fa\u202f» par «\u202fx\u202f» et «\u202fc\u202f» par «\u202fy\u202f», et 1 autre modification"
    ]


def test_an_edit_says_the_data_it_names_and_not_their_path():
    def body(*nodes):
        return article(1, {"type": "paragraph", "attrs": {"id": "aaaaaaaa"}, "content": [*nodes]})

    text = {"type": "text", "text": "Durée\u202f: "}
    datum = {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}
    [change] = compare(piece(body(text)), piece(body(text, datum))).changements
    values = {"marche.duree_mois": "48 mois"}
    assert "{{ marche.duree_mois }}" in tell_edit(change)
    assert tell_edit(change, say=lambda words: say_paths(words, values)).endswith("48 mois\u202f»")
    assert "Durée du marché" in tell_edit(change, say=lambda words: say_paths(words, {}))


def test_nothing_changed():
    old = generate_piece(chars=5000)
    result = compare(old, old)
    assert result.changements == ()
    assert result.renumerotations == ()
    assert len(result.lecture) == len(old.articles)


@given(st.lists(st.integers(0, 40), unique=True))
def test_what_stayed_is_a_longest_increasing_run(places):
    kept = sorted(stayed(places))
    run = [places[index] for index in kept]
    assert run == sorted(run)
    best = [1] * len(places)
    for i in range(len(places)):
        best[i] = 1 + max((best[j] for j in range(i) if places[j] < places[i]), default=0)
    assert len(kept) == max(best, default=0)


def rebuilt(segments, skipped):
    nodes = [node for s in segments if s.op is not skipped for node in s.noeuds]
    return "".join(node.get("text", "\ufffc") for node in nodes)


WORDS = st.lists(st.sampled_from(["prix", "délai", " ", " ", ",", "é😀", "12"]), max_size=14).map(
    "".join
)


@settings(max_examples=200)
@given(WORDS, WORDS)
def test_segments_give_back_both_texts(a, b):
    segments = compare_inline([texte(a)] if a else [], [texte(b)] if b else [])
    assert rebuilt(segments, Op.AJOUT) == a
    assert rebuilt(segments, Op.RETRAIT) == b
    assert all(isinstance(s, Segment) and s.noeuds for s in segments)


def test_a_large_comparison_is_exact():
    old = generate_piece(chars=400_000)
    new = revise_piece(old, words=0.03, moves=20)
    result = compare(old, new)
    assert result.count()[Genre.DEPLACEMENT] >= 18
    for change in result.changements:
        before = "\n".join(plain_text(doc(b.avant)) for b in change.blocs if b.avant is not None)
        if not any(b.deplace for b in change.blocs):
            assert before == plain_text(change.avant.corps)


@pytest.mark.parametrize("chars", [1000, 30_000])
def test_specimens_are_the_size_asked_and_always_the_same(chars):
    made = generate_piece(chars=chars)
    assert made == generate_piece(chars=chars)
    size = sum(len(plain_text(a.corps)) for a in made.articles)
    assert chars * 0.9 < size < chars * 1.5 + 3000

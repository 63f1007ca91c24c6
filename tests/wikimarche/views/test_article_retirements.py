"""Retiring articles and putting them back, undoing a merge, over HTTP."""

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from tests.support.equipe import state_of, text_of
from tests.support.fils import comment_on, passage
from tests.wikimarche.factories import ArticleFactory, type_words
from tests.wikimarche.views.plan import WHOLE
from wikimarche.selectors import last_version


def test_retire_takes_what_it_holds_along_and_says_why(plan):
    plan.do("retire", "B", motif="Repris au CCAP")
    assert plan.printed == "1 A, 2 C"
    assert {plan[name].motif_retrait for name in ("B", "B1", "B1a", "B2")} == {"Repris au CCAP"}
    entry = list_entries(plan.equipe.marche.pk, action="wikimarche:article:retired")[-1]
    assert entry.corps["details"]["motif"] == "Repris au CCAP"


@pytest.mark.parametrize("motif", ["", "   ", "\x00", "é" * 301])
def test_retire_without_a_fit_reason_is_refused(plan, motif):
    plan.do("retire", "B", status=400, motif=motif)


@pytest.mark.parametrize("motif", ["é" * 300, "a\x00b", "\u202eabc"])
def test_retire_with_an_odd_reason(plan, motif):
    plan.do("retire", "B", motif=motif)
    assert "\x00" not in plan["B"].motif_retrait
    assert len(plan["B"].motif_retrait) <= 300


def test_reinstate_puts_everything_back_where_it_was(plan):
    plan.do("retire", "B", motif="Doublon")
    plan.do("reinstate", "B")
    assert plan.printed == WHOLE
    assert plan["B"].motif_retrait == ""


def seen(plan, name):
    url = reverse("wikimarche:article_detail", args=[plan[name].pk])
    traces = reverse("wikimarche:piece_traces", args=[plan.piece.pk])
    pages = [plan.browser.get(at) for at in (url, plan.piece.get_absolute_url(), traces)]
    return [page.content.decode() for page in pages]


def test_a_merge_is_undone_and_both_are_as_before(plan):
    before = {name: text_of(plan[name]) for name in "AB"}
    plan.do("merge", "B")
    assert plan.printed == "1 A, 1.1 B1, 1.1.1 B1a, 1.2 B2, 2 C"
    assert all("Défaire la fusion" in page for page in seen(plan, "B"))
    plan.do("reinstate", "B", fusion="1")
    assert plan.printed == WHOLE
    assert {name: text_of(plan[name]) for name in "AB"} == before
    assert (
        last_version(plan.piece).resume
        == "Défait la fusion de «\u202fB\u202f» dans «\u202fA\u202f»"
    )
    entry = list_entries(plan.equipe.marche.pk, action="wikimarche:article:unmerged")[-1]
    assert entry.corps["details"]["article"] == "A"


def test_a_comment_on_the_text_of_a_merge_leaves_it_to_be_undone(plan):
    plan.do("merge", "B")
    comment_on(plan.browser, plan["A"], on=passage(plan["A"], 1, 2))
    assert all("Défaire la fusion" in page for page in seen(plan, "B"))
    plan.do("reinstate", "B", fusion="1")


def test_a_merge_is_not_undone_once_its_text_has_changed(plan):
    plan.do("merge", "B")
    type_words(plan.equipe.person(), plan["A"], "Depuis. ")
    plan.do("reinstate", "B", status=409, fusion="1")
    assert all("Défaire la fusion" not in page for page in seen(plan, "B"))


def test_what_was_not_merged_is_not_unmerged(plan):
    plan.do("retire", "B", motif="Doublon")
    plan.do("reinstate", "B", status=409, fusion="1")
    assert all("fusionné dans" not in page for page in seen(plan, "B"))
    plan.do("merge", "C")
    plan.do("reinstate", "C")
    plan.do("reinstate", "C", status=409, fusion="1")


def test_to_reinstate_what_was_merged_is_to_undo_the_merge(plan):
    before = {name: text_of(plan[name]) for name in "AB"}
    plan.do("merge", "B")
    pages = seen(plan, "B")
    assert not any("Rétablir seulement" in page or "il y restera" in page for page in pages)
    plan.do("reinstate", "B")
    assert plan.printed == WHOLE
    assert {name: text_of(plan[name]) for name in "AB"} == before
    assert (
        last_version(plan.piece).resume
        == "Défait la fusion de «\u202fB\u202f» dans «\u202fA\u202f»"
    )


def test_reinstated_after_its_text_has_changed_it_takes_its_children_back_and_says_what_stays(plan):
    plan.do("merge", "B")
    type_words(plan.equipe.person(), plan["A"], "Depuis. ")
    warning = "Le texte de cet article a été fusionné dans «\u202fA\u202f»\u202f: il y restera"
    assert all(warning in page for page in seen(plan, "B"))
    plan.do("reinstate", "B")
    assert plan.printed == WHOLE
    assert text_of(plan["A"]).startswith("Depuis. ")
    assert "Texte B." in text_of(plan["A"])
    assert "Texte B." in text_of(plan["B"])


def test_a_child_moved_since_the_merge_stays_where_it_was_put(plan):
    plan.do("merge", "B")
    plan.do("outdent", "B2")
    plan.do("reinstate", "B")
    assert plan.printed == "1 A, 2 B2, 3 B, 3.1 B1, 3.1.1 B1a, 4 C"


def test_a_merged_article_restored_by_its_text_takes_its_children_back(plan):
    before = last_version(plan.piece).numero
    plan.do("merge", "B")
    plan.do("restore", "B", version=before)
    assert plan.printed == WHOLE


def test_a_merge_left_behind_is_not_undone_by_a_later_retirement(plan):
    plan.do("merge", "C")
    type_words(plan.equipe.person(), plan["B"], "Depuis. ")
    plan.do("reinstate", "C")
    plan.do("retire", "C", motif="Doublon")
    plan.do("reinstate", "C", status=409, fusion="1")


def test_reinstate_leaves_out_what_was_retired_before(plan):
    plan.do("retire", "B2", motif="Sans objet")
    plan.do("retire", "B", motif="Doublon")
    plan.do("reinstate", "B")
    assert plan.printed == "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 3 C"


def test_reinstate_leaves_out_what_was_retired_before_for_the_same_reason(plan):
    plan.do("retire", "B2", motif="Doublon")
    plan.do("retire", "B", motif="Doublon")
    plan.do("reinstate", "B")
    assert plan.printed == "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 3 C"
    plan.do("reinstate", "B2")
    assert plan.printed == WHOLE


@pytest.mark.parametrize("way", ["undo", "reinstate", "restore"])
def test_a_merge_undone_never_puts_an_article_under_itself(plan, way):
    """The child a merge took, moved meanwhile above the place where its first parent stands."""
    before = last_version(plan.piece).numero
    plan.do("move", "C", parent=str(plan["B2"].pk))
    plan.do("merge", "B2")
    plan.do("outdent", "B1")
    plan.do("move", "B", parent=str(plan["C"].pk))
    assert plan.printed == "1 A, 2 B1, 2.1 B1a, 2.2 C, 2.2.1 B"
    if way == "reinstate":
        type_words(plan.equipe.person(), plan["B1"], "Depuis. ")
    if way == "restore":
        plan.do("restore", "B2", version=before)
    else:
        plan.do("reinstate", "B2")
    assert plan.printed == "1 A, 2 B1, 2.1 B1a, 2.2 C, 2.2.1 B, 2.2.1.1 B2"


def test_a_merge_undone_makes_no_level_beyond_the_last(plan):
    plan.do("move", "C", parent=str(plan["B2"].pk))
    plan.do("merge", "B2")
    plan.do("outdent", "B1")
    deepest = None
    for _ in range(4):
        deepest = ArticleFactory(piece=plan.piece, parent=deepest, titre="N")
    plan.do("move", "B", parent=str(deepest.pk))
    plan.do("reinstate", "B2")
    branch = "3 N, 3.1 N, 3.1.1 N, 3.1.1.1 N, 3.1.1.1.1 B, 3.1.1.1.1.1 B2"
    assert plan.printed == f"1 A, 2 B1, 2.1 B1a, 2.2 C, {branch}"


def test_after_a_restoration_there_is_room_beside_every_article(plan):
    """A restored article takes back the place that one born later had taken at the same end."""
    before = last_version(plan.piece).numero
    plan.do("indent", "C")
    plan.by_name["D"] = ArticleFactory(piece=plan.piece, titre="D")
    plan.browser.post(reverse("wikimarche:piece_restore", args=[plan.piece.pk, before]))
    assert plan.printed == WHOLE
    plan.do("reinstate", "D")
    assert plan.printed == f"{WHOLE}, 4 D"
    for name in "BCD":
        plan.do("add_after", name)
    assert plan.printed == "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.2 B2, 3, 4 C, 5, 6 D, 7"


def test_reinstate_under_a_retired_parent_comes_back_at_the_end(plan):
    plan.do("retire", "B", motif="Doublon")
    plan.do("reinstate", "B1")
    assert plan.printed == "1 A, 2 C, 3 B1, 3.1 B1a"


def test_reinstate_what_is_in_the_text_changes_nothing(plan):
    before = state_of(plan.piece)
    plan.do("reinstate", "A")
    assert state_of(plan.piece) == before


def test_a_retired_article_stays_readable_in_its_versions(plan):
    before = last_version(plan.piece).numero
    plan.do("retire", "A", motif="Doublon")
    url = reverse("wikimarche:version_detail", args=[plan.piece.pk, before])
    assert "Texte A." in plan.browser.get(url).content.decode()

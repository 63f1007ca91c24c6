"""Moving and nesting articles, over HTTP, and the numbers after."""

from uuid import uuid4

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN, verify_evidence
from tests.support.client import Browser
from tests.support.equipe import make_equipe
from tests.wikimarche.views.plan import WHOLE, Plan
from wikimarche.models import Article
from wikimarche.selectors import last_version
from wikimarche.services import withdraw_piece


@pytest.mark.parametrize(
    ("name", "sens", "expected"),
    [
        ("C", "haut", "1 A, 2 C, 3 B, 3.1 B1, 3.1.1 B1a, 3.2 B2"),
        ("B", "haut", "1 B, 1.1 B1, 1.1.1 B1a, 1.2 B2, 2 A, 3 C"),
        ("A", "bas", "1 B, 1.1 B1, 1.1.1 B1a, 1.2 B2, 2 A, 3 C"),
        ("B", "bas", "1 A, 2 C, 3 B, 3.1 B1, 3.1.1 B1a, 3.2 B2"),
        ("B1", "bas", "1 A, 2 B, 2.1 B2, 2.2 B1, 2.2.1 B1a, 3 C"),
    ],
)
def test_move_one_step(plan, name, sens, expected):
    plan.do("move", name, sens=sens)
    assert plan.printed == expected


@pytest.mark.parametrize(
    ("name", "sens"), [("A", "haut"), ("C", "bas"), ("B1a", "haut"), ("B1a", "bas")]
)
def test_the_first_does_not_rise_and_the_last_does_not_sink(plan, name, sens):
    plan.do("move", name, status=409, sens=sens)


@pytest.mark.parametrize(
    ("name", "parent", "apres", "expected"),
    [
        ("A", "B", "", "1 B, 1.1 A, 1.2 B1, 1.2.1 B1a, 1.3 B2, 2 C"),
        ("A", "B", "B2", "1 B, 1.1 B1, 1.1.1 B1a, 1.2 B2, 1.3 A, 2 C"),
        ("B1", "", "", "1 B1, 1.1 B1a, 2 A, 3 B, 3.1 B2, 4 C"),
        ("B1", "", "C", "1 A, 2 B, 2.1 B2, 3 C, 4 B1, 4.1 B1a"),
        ("B", "C", "", "1 A, 2 C, 2.1 B, 2.1.1 B1, 2.1.1.1 B1a, 2.1.2 B2"),
    ],
)
def test_move_to_a_place(plan, name, parent, apres, expected):
    data = {"parent": parent and plan[parent].pk, "apres": apres and plan[apres].pk}
    plan.do("move", name, **data)
    assert plan.printed == expected


def test_a_move_to_where_it_is_makes_no_version(plan):
    before = last_version(plan.piece).numero
    plan.do("move", "B", parent="", apres=plan["A"].pk)
    assert last_version(plan.piece).numero == before


def test_an_article_does_not_go_under_itself(plan):
    for parent in ("B", "B1", "B1a"):
        plan.do("move", "B", status=409, parent=plan[parent].pk)
    plan.do("move", "B", status=409, parent="", apres=plan["B"].pk)


def test_a_move_after_an_article_of_another_level_is_refused(plan):
    plan.do("move", "C", status=409, parent="", apres=plan["B1"].pk)


@pytest.mark.parametrize("data", [{"parent": "x"}, {"apres": "x"}, {"sens": "gauche"}])
def test_an_unreadable_move_is_refused(plan, data):
    plan.do("move", "C", status=400, **data)


def test_an_article_of_another_piece_is_unknown_here(plan):
    """Both ends of a move are in the pièce."""
    elsewhere = plan.equipe.article
    answer = plan.do("move", "C", status=404, parent=elsewhere.pk)
    random = plan.do("move", "C", status=404, parent=uuid4())
    assert answer.status_code == random.status_code
    plan.do("move", "C", status=404, parent="", apres=elsewhere.pk)


def test_an_article_of_another_organisation_is_as_unknown_as_a_random_one(plan):
    foreign = make_equipe().article
    plan.do("move", "C", status=404, parent=foreign.pk)


def test_six_levels_and_no_more(equipe):
    plan = Plan(equipe, "A", "A/B", "B/C", "C/D", "D/E", "E/F", "X")
    assert plan.printed.endswith("1.1.1.1.1.1 F, 2 X")
    plan.do("move", "X", status=409, parent=plan["F"].pk)
    plan.do("move", "X", parent=plan["E"].pk)
    plan.do("indent", "F", status=409)
    page = plan.browser.post(reverse("wikimarche:article_add_after", args=[plan["F"].pk]))
    assert page.status_code == 302


def test_a_branch_too_high_is_not_put_deep(equipe):
    plan = Plan(equipe, "A", "A/B", "B/C", "C/D", "X", "X/Y", "Y/Z")
    plan.do("move", "X", status=409, parent=plan["D"].pk)
    plan.do("move", "X", parent=plan["C"].pk)


def test_indent_puts_last_under_the_one_above(plan):
    plan.do("indent", "C")
    assert plan.printed == "1 A, 2 B, 2.1 B1, 2.1.1 B1a, 2.2 B2, 2.3 C"


def test_indent_takes_what_it_holds_along(plan):
    plan.do("indent", "B")
    assert plan.printed == "1 A, 1.1 B, 1.1.1 B1, 1.1.1.1 B1a, 1.1.2 B2, 2 C"


def test_the_first_of_a_level_has_nothing_to_go_under(plan):
    for name in ("A", "B1", "B1a"):
        plan.do("indent", name, status=409)


def test_outdent_puts_just_after_its_parent(plan):
    plan.do("outdent", "B1")
    assert plan.printed == "1 A, 2 B, 2.1 B2, 3 B1, 3.1 B1a, 4 C"


def test_the_top_level_has_nothing_above(plan):
    plan.do("outdent", "A", status=409)


def test_indent_then_outdent_comes_back(plan):
    plan.do("indent", "C")
    plan.do("outdent", "C")
    assert plan.printed == WHOLE


def moved_meanwhile(plan, verb, name, **data):
    """What one sees of the plan, then what another does to it. Returns the version one saw."""
    vue = last_version(plan.piece).numero
    plan.do(verb, name, browser=plan.equipe.browser("editeur", "autre"), **data)
    return vue


@pytest.mark.parametrize(
    ("verb", "name", "data"),
    [
        ("move", "C", {"sens": "haut"}),
        ("move", "B", {"sens": "haut"}),
        ("indent", "B", {}),
        ("move", "A", {"sens": "bas"}),
        ("merge", "B", {}),
    ],
)
def test_who_moves_in_a_plan_that_another_reordered_is_shown_it_first(plan, verb, name, data):
    vue = moved_meanwhile(plan, "move", "C", sens="haut")
    assert plan.printed == "1 A, 2 C, 3 B, 3.1 B1, 3.1.1 B1a, 3.2 B2"
    answer = plan.do(verb, name, status=409, version=vue, **data)
    page = answer.content.decode()
    assert "vient de changer l’ordre des articles ici\u202f: voici le nouveau." in page
    assert "1.\xa0A, 2.\xa0C, 3.\xa0B." in page
    plan.do(verb, name, version=last_version(plan.piece).numero, **data)


def test_an_article_moved_by_another_is_not_moved_back_unseen(plan):
    vue = moved_meanwhile(plan, "outdent", "B2")
    plan.do("outdent", "B2", status=409, version=vue)
    headers = {"HX-Request": "true"}
    url = reverse("wikimarche:article_move", args=[plan["B2"].pk])
    answer = plan.browser.post(url, {"sens": "haut", "version": vue}, headers=headers)
    assert answer.status_code == 409
    assert "vient de changer l’ordre" in answer.json()["erreur"]


def journaled_refusals():
    entries = list_entries(PLATFORM_CHAIN, action="access:action:refused")
    return [entry.corps["details"]["action"] for entry in entries]


def test_a_gesture_overtaken_or_without_object_is_no_refusal_of_the_journal(plan):
    vue = moved_meanwhile(plan, "move", "C", sens="haut")
    before = journaled_refusals()
    plan.do("move", "B", status=409, sens="haut", version=vue)
    plan.do("merge", "B", status=409, version=vue)
    plan.do("move", "A", status=409, sens="haut")
    plan.do("outdent", "A", status=409)
    assert journaled_refusals() == before


def test_the_same_gesture_without_the_right_or_on_a_frozen_piece_is_one(plan):
    before = journaled_refusals()
    reader = plan.equipe.browser("observateur", "lectrice")
    plan.do("move", "C", status=403, browser=reader, sens="haut")
    withdraw_piece(by=plan.equipe.gestionnaire, piece=plan.piece)
    plan.do("move", "C", status=409, sens="haut")
    assert journaled_refusals() == ["wikimarche:article:structure"] * 2 + before


def test_a_move_elsewhere_or_my_own_does_not_stop_me(plan):
    vue = moved_meanwhile(plan, "outdent", "B1a")
    plan.do("move", "C", sens="haut", version=vue)
    plan.do("move", "C", sens="haut", version=vue)
    assert plan.printed.startswith("1 C, 2 A, 3 B")


def test_an_article_added_meanwhile_does_not_stop_a_move(plan):
    vue = moved_meanwhile(plan, "add_after", "A")
    plan.do("move", "C", sens="haut", version=vue)


@pytest.mark.parametrize("vue", ["", "x", "-1", "999999999999999999999"])
def test_a_version_that_makes_no_sense_does_not_stop_a_move(plan, vue):
    plan.do("move", "C", sens="haut", version=vue)


@pytest.mark.parametrize(
    ("verb", "name", "data"),
    [
        ("move", "C", {"sens": "haut"}),
        ("move", "C", {"sens": "bas"}),
        ("move", "C", {"parent": "", "apres": ""}),
        ("indent", "C", {}),
        ("outdent", "B1", {}),
        ("merge", "C", {}),
    ],
)
def test_an_operation_on_a_plan_to_come_is_refused(plan, verb, name, data):
    vue = last_version(plan.piece).numero + 1
    answer = plan.do(verb, name, status=409, version=vue, **data)
    assert "Votre page part d’une version qui n’existe pas. Rechargez-la." in answer.text


def test_the_page_of_an_article_says_which_plan_it_shows(plan):
    page = plan.browser.get(reverse("wikimarche:article_detail", args=[plan["C"].pk]))
    shown = f'name="version" value="{last_version(plan.piece).numero}"'
    assert page.content.decode().count(shown) == 4


@pytest.mark.parametrize("verb", ["move", "indent", "outdent", "split", "merge", "retire"])
def test_a_retired_article_does_not_move(plan, verb):
    plan.do("retire", "B2", motif="Doublon")
    plan.do(verb, "B2", status=409, sens="haut", position=1, motif="Encore")


def test_an_article_is_not_put_under_a_retired_one(plan):
    plan.do("retire", "A", motif="Doublon")
    plan.do("move", "C", status=409, parent=plan["A"].pk)


def test_steps_pass_over_retired_neighbours(plan):
    plan.do("retire", "B", motif="Doublon")
    plan.do("move", "C", sens="haut")
    assert plan.printed == "1 C, 2 A"
    plan.do("move", "C", sens="bas")
    assert plan.printed == "1 A, 2 C"
    plan.do("indent", "C")
    assert plan.printed == "1 A, 1.1 C"


def test_nothing_moves_in_a_frozen_piece(plan):
    withdraw_piece(by=plan.equipe.gestionnaire, piece=plan.piece)
    for verb in ("add_after", "move", "indent", "outdent", "split", "merge", "retire", "restore"):
        plan.do(verb, "B1", status=409, sens="bas", position=1, motif="x", version="1")
    add = reverse("wikimarche:article_add", args=[plan.piece.pk])
    assert plan.browser.post(add, {"titre": "x"}).status_code == 409


def test_crossed_moves_never_make_a_loop(equipe_durable, at_once):
    """A under B while B goes under A: one is done, the other refused; the tree stays a tree."""
    plan = Plan(equipe_durable, "A", "B")
    browsers = [Browser(equipe_durable.person()) for _ in range(2)]

    def put(browser, name, parent):
        url = reverse("wikimarche:article_move", args=[plan.by_name[name].pk])
        return browser.post(url, {"parent": plan.by_name[parent].pk}).status_code

    statuses = at_once(lambda: put(browsers[0], "A", "B"), lambda: put(browsers[1], "B", "A"))
    assert sorted(statuses) == [302, 409]
    assert plan.printed in ("1 A, 1.1 B", "1 B, 1.1 A")


def test_operations_at_once_are_each_a_version_and_lose_nothing(equipe_durable, at_once):
    plan = Plan(equipe_durable, "A", "B", "C", "D")
    first = last_version(plan.piece).numero
    users = [equipe_durable.person("editeur", name) for name in "xyz"]

    def act(user, verb, name, **data):
        url = reverse(f"wikimarche:article_{verb}", args=[plan.by_name[name].pk])
        return Browser(user).post(url, data).status_code

    statuses = at_once(
        lambda: [act(users[0], "add_after", "A") for _ in range(5)],
        lambda: [act(users[1], "move", "D", sens="haut") for _ in range(3)],
        lambda: [act(users[2], "split", "C", position=3) for _ in range(3)],
    )
    assert statuses[0] == [302] * 5
    assert set(statuses[1]) <= {302, 409}
    assert statuses[2] == [302] * 3
    assert Article.objects.filter(piece=plan.piece).count() == 4 + 5 + 3
    made = sum(status == 302 for status in [*statuses[0], *statuses[1], *statuses[2]])
    assert last_version(plan.piece).numero == first + made
    report = verify_evidence(chain=equipe_durable.marche.pk)
    assert report.ok, report.breaks

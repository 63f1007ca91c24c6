"""Cutting an article in two, joining two into one, over HTTP."""

import sys
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.equipe import commit, commits_url, state_of, text_of, words
from tests.support.meanwhile import before_the_lock
from tests.wikimarche.domain.factories import doc, p, tableau
from tests.wikimarche.factories import ArticleFactory, type_words
from tests.wikimarche.views.plan import WHOLE, Plan
from wikimarche.domain.canonical import plain_text
from wikimarche.models import Article


def test_split_cuts_the_text_and_renumbers(plan):
    plan.do("split", "A", position=6, titre="A bis", numero=0)
    assert plan.printed == "1 A, 2 A bis, 3 B, 3.1 B1, 3.1.1 B1a, 3.2 B2, 4 C"
    new = Article.objects.get(piece=plan.piece, titre="A bis")
    assert (plain_text(plan["A"].corps).strip(), plain_text(new.corps).strip()) == ("Texte", "A.")
    assert new.provenance["scinde_de"] == str(plan["A"].pk)


# ── A cut undone ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def cut(plan) -> Plan:
    """« A » is cut in two; « new » is what was cut off."""
    plan.do("split", "A", position=6)
    plan.by_name["new"] = Article.objects.get(piece=plan.piece, provenance__has_key="scinde_de")
    return plan


def send(plan, name, sent):
    answer = plan.browser.send_json(commits_url(plan[name]), sent)
    assert answer.status_code == 200


def test_a_cut_undone_gives_the_whole_text_back(cut):
    cut.do("merge", "new", scission=1)
    assert cut.printed == WHOLE
    assert text_of(cut["A"]) == "Texte A."
    assert len(cut["A"].corps["content"]) == 1
    assert cut["new"].statut == "retire"


def test_a_cut_is_undone_though_what_was_cut_off_has_a_title_now(cut):
    send(cut, "new", commit(titre="Nommé"))
    cut.do("merge", "new", scission=1)
    assert (cut.printed, text_of(cut["A"])) == (WHOLE, "Texte A.")


@pytest.mark.parametrize("name", ["A", "new"])
def test_a_cut_written_on_is_not_undone(cut, name):
    send(cut, name, words("Puis ", base=cut[name].numero))
    answer = cut.do("merge", "new", status=409, scission=1)
    assert "a changé depuis la scission" in answer.content.decode()


def test_a_cut_is_not_undone_under_the_articles_it_came_to_hold(cut):
    cut.do("indent", "B")
    cut.do("merge", "new", status=409, scission=1)


def test_a_merge_undone_leaves_the_cut_to_be_undone(cut):
    cut.do("merge", "new")
    cut.do("reinstate", "new", fusion="1")
    cut.do("merge", "new", scission=1)
    assert (cut.printed, text_of(cut["A"])) == (WHOLE, "Texte A.")


def test_a_cut_is_undone_once(cut):
    cut.do("merge", "new", scission=1)
    cut.do("merge", "new", status=409, scission=1)


def test_what_no_cut_made_is_not_joined_by_undoing_one(plan):
    plan.do("merge", "B", status=409, scission=1)


@pytest.mark.parametrize(("position", "kept", "moved"), [(0, "", "Texte A."), (10, "Texte A.", "")])
def test_split_at_an_end_leaves_an_empty_article(plan, position, kept, moved):
    plan.do("split", "A", position=position, titre="N")
    new = Article.objects.get(piece=plan.piece, titre="N")
    assert (plain_text(plan["A"].corps), plain_text(new.corps)) == (kept, moved)


@pytest.mark.parametrize("position", ["-1", "99999", "9" * 40, "", "x", "1.5"])
def test_split_outside_the_text_is_refused(plan, position):
    plan.do("split", "A", status=400, position=position)


def test_split_of_a_text_that_changed_meanwhile_is_refused(plan):
    type_words(plan.equipe.gestionnaire, plan["A"], "Avant. ")
    plan.do("split", "A", status=409, position=6, numero=0)
    plan.do("split", "A", position=6, numero=1)


def test_a_cut_is_refused_where_the_text_changes_while_it_waits(plan):
    def type_first():
        send(plan, "A", words("Avant, "))

    url = reverse("wikimarche:article_split", args=[plan["A"].pk])
    with before_the_lock(type_first):
        answer = plan.browser.post(
            url, {"position": 6, "numero": 0}, headers={"HX-Request": "true"}
        )
    assert answer.status_code == 409
    assert "vient de changer" in answer.content.decode()
    assert not Article.objects.filter(piece=plan.piece, provenance__has_key="scinde_de").exists()


def test_split_inside_a_table_cuts_before_it(plan):
    table = ArticleFactory(
        piece=plan.piece,
        titre="T",
        corps=doc(p("Avant", id="aaaaaaaa"), tableau(["a", "b"], ["c", "d"], id="bbbbbbbb")),
    )
    plan.by_name["T"] = table
    plan.do("split", "T", position=14, titre="U")
    new = Article.objects.get(piece=plan.piece, titre="U")
    assert [block["type"] for block in plan["T"].corps["content"]] == ["paragraph"]
    assert [block["type"] for block in new.corps["content"]] == ["table"]


def test_split_gives_new_identifiers_to_the_blocks_that_leave(plan):
    two = doc(p("Un", id="aaaaaaaa"), p("Deux", id="bbbbbbbb"))
    plan.by_name["T"] = ArticleFactory(piece=plan.piece, titre="T", corps=two)
    plan.do("split", "T", position=4, titre="U")
    new = Article.objects.get(piece=plan.piece, titre="U")
    ids = [block["attrs"]["id"] for block in plan["T"].corps["content"] + new.corps["content"]]
    assert len(set(ids)) == len(ids)
    assert "bbbbbbbb" not in [block["attrs"]["id"] for block in new.corps["content"]]


def test_merge_joins_with_the_one_above_and_keeps_the_children(plan):
    plan.do("merge", "B")
    assert plan.printed == "1 A, 1.1 B1, 1.1.1 B1a, 1.2 B2, 2 C"
    assert plain_text(plan["A"].corps).split() == ["Texte", "A.", "B", "Texte", "B."]
    assert plan["B"].statut == "retire"
    assert plan["B"].motif_retrait == "Fusionné dans «\u202fA\u202f»"


def test_merge_then_split_loses_no_word(plan):
    plan.do("merge", "C")
    size = len("Texte B.") + 2
    plan.do("split", "B", position=size, titre="C")
    new = Article.objects.exclude(pk=plan["C"].pk).get(piece=plan.piece, titre="C")
    assert (plain_text(plan["B"].corps), plain_text(new.corps).split()) == (
        "Texte B.",
        ["C", "Texte", "C."],
    )


def test_the_first_of_a_level_has_nothing_to_join(plan):
    for name in ("A", "B1", "B1a"):
        plan.do("merge", name, status=409)


def test_merge_keeps_the_identifiers_of_blocks_apart(plan):
    one = ArticleFactory(piece=plan.piece, titre="T", corps=doc(p("Un", id="aaaaaaaa")))
    plan.by_name["U"] = ArticleFactory(
        piece=plan.piece, titre="U", corps=doc(p("Deux", id="aaaaaaaa"))
    )
    plan.do("merge", "U")
    one.refresh_from_db()
    ids = [block["attrs"]["id"] for block in one.corps["content"]]
    assert len(set(ids)) == len(ids)


def test_a_text_typed_while_its_article_is_joined_is_kept_or_given_back(equipe_durable, at_once):
    """Never acknowledged and lost."""
    plan = Plan(equipe_durable, "A", "B")
    typist = equipe_durable.person("editeur", "autre")

    def join():
        url = reverse("wikimarche:article_merge", args=[plan.by_name["B"].pk])
        return plan.browser.post(url).status_code

    def type_it():
        try:
            type_words(typist, Article.objects.get(pk=plan.by_name["B"].pk), "TAPÉ ")
        except Exception as refusal:  # noqa: BLE001 - judged below
            return refusal
        return "kept"

    joined, typed = at_once(join, type_it)
    assert joined == 302
    kept = "TAPÉ" in text_of(plan.by_name["A"])
    assert kept if typed == "kept" else getattr(typed, "code", "") == "retire"


def long_text(*, blocks, signs=1000):
    return doc(*(p("mot " * (signs // 4), id=f"long{uuid4().hex[:8]}") for _ in range(blocks)))


def test_two_texts_too_long_as_one_are_not_merged(equipe):
    """Either stands alone; merged they could not be edited any more. The sentence says the limit."""
    first, second, third = (
        ArticleFactory(piece=equipe.piece, corps=long_text(blocks=blocks))
        for blocks in (110, 110, 60)
    )
    before = state_of(equipe.piece)
    merge = "wikimarche:article_merge"
    answer = equipe.browser().post(reverse(merge, args=[second.pk]))
    assert answer.status_code == 409
    assert "200\u202f000 signes" in answer.content.decode()
    assert state_of(equipe.piece) == before
    assert equipe.browser().post(reverse(merge, args=[third.pk])).status_code == 302
    assert first.pk != second.pk


class Counted:
    """What a split asks: queries to the database, calls of Python functions."""

    def __init__(self, equipe, *, blocks):
        article = ArticleFactory(piece=equipe.piece, corps=long_text(blocks=blocks, signs=80))
        url = reverse("wikimarche:article_split", args=[article.pk])
        self.calls, browser = 0, equipe.browser()
        browser.get(equipe.piece.get_absolute_url())
        with CaptureQueriesContext(connection) as queries:
            sys.setprofile(self.count)
            try:
                self.answer = browser.post(url, {"position": 82 * (blocks // 3)})
            finally:
                sys.setprofile(None)
        self.queries = len(queries)
        halves = Article.objects.filter(piece=equipe.piece).order_by("rang")
        self.halves = [half.corps["content"] for half in halves][-2:]

    def count(self, _frame, event, _argument):
        self.calls += event == "call"


def test_an_article_beyond_the_limit_is_split_at_little_cost(equipe):
    """As many queries as a short one, and calls in proportion of its blocks; seconds are for the bench."""
    short, long = Counted(equipe, blocks=300), Counted(equipe, blocks=3000)
    assert short.answer.status_code == long.answer.status_code == 302
    assert [len(half) for half in long.halves] == [1000, 2000]
    names = [block["attrs"]["id"] for half in long.halves for block in half]
    assert len(names) == len(set(names))
    assert long.queries == short.queries
    assert long.calls < 12 * short.calls


def test_a_split_with_an_unreadable_title_says_that_it_is_the_title(plan):
    url = reverse("wikimarche:article_split", args=[plan["A"].pk])
    answer = plan.browser.post(url, {"position": 3, "titre": "a\x00b"})
    assert answer.status_code == 400
    assert "Le titre du nouvel article" in answer.content.decode()
    assert plan.printed == WHOLE

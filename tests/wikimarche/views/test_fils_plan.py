"""Comments follow their words through merges, cuts, and what undoes them."""

import pytest
from django.urls import reverse

from tests.support.equipe import commit, commits_url, text_of
from tests.support.fils import comment_on, passage
from tests.wikimarche.domain.factories import delete
from tests.wikimarche.factories import ArticleFactory
from wikimarche.models import Article, Fil
from wikimarche.selectors import Ancrage, read_fil
from wikimarche.services import merge_article, move_up, retire_article, unmerge_article


pytestmark = pytest.mark.django_db


def where(fil):
    return read_fil(Fil.objects.get(pk=fil.pk))


def anchored(equipe, article, words):
    """A thread on words of an article."""
    at = text_of(article).index(words)
    lines = text_of(article)[:at].split("\n")
    bloc, de = len(lines) - 1, len(lines[-1])
    on = passage(article, de, de + len(words), bloc=bloc)
    return comment_on(equipe.browser("commentateur"), article, on=on)


def anchored_words(article, fil):
    """The words of an article that a thread is tied to today."""
    found = []

    def look(node):
        fils = [mark["attrs"]["fil"] for mark in node.get("marks", ()) if mark["type"] == "comment"]
        if str(fil.pk) in fils:
            found.append(node["text"])
        for child in node.get("content", ()):
            look(child)

    look(Article.objects.get(pk=article.pk).corps)
    return "".join(found)


def test_words_of_a_merged_article_are_looked_for_where_they_went(equipe):
    on = passage(equipe.second, 4, 8)
    fil = comment_on(equipe.browser("commentateur"), equipe.second, on=on)
    whole = comment_on(equipe.browser("commentateur"), equipe.second)
    equipe.browser().post(reverse("wikimarche:article_merge", args=[equipe.second.pk]))
    assert (where(fil).ancrage, where(fil).article) == (Ancrage.PASSAGE, equipe.article.pk)
    assert (where(whole).ancrage, where(whole).article) == (Ancrage.ARTICLE, equipe.article.pk)
    host = Article.objects.get(pk=equipe.article.pk)
    size = sum(len(line) + 2 for line in text_of(host).split("\n"))
    gone = commit(host.numero, delete(len("Le délai est de trente jours.") + 3, size - 1))
    assert equipe.browser().send_json(commits_url(host), gone).status_code == 200
    assert where(fil).ancrage == Ancrage.ORPHELIN


def test_a_comment_does_not_stand_in_the_way_of_undoing_a_merge(equipe):
    gestion = equipe.browser("gestionnaire")
    gestion.post(reverse("wikimarche:article_merge", args=[equipe.second.pk]))
    fil = anchored(equipe, equipe.article, "trente jours")
    url = reverse("wikimarche:article_reinstate", args=[equipe.second.pk])
    assert gestion.post(url, {"fusion": "1"}).status_code == 302
    assert text_of(equipe.article) == "Le délai est de trente jours."
    assert where(fil).ancrage == Ancrage.PASSAGE


def test_words_commented_after_a_merge_go_back_with_their_article(equipe):
    gestion = equipe.browser("gestionnaire")
    before = anchored(equipe, equipe.second, "prix")
    gestion.post(reverse("wikimarche:article_merge", args=[equipe.second.pk]))
    since = anchored(equipe, equipe.article, "fermes")
    url = reverse("wikimarche:article_reinstate", args=[equipe.second.pk])
    assert gestion.post(url, {"fusion": "1"}).status_code == 302
    assert text_of(equipe.second) == "Les prix sont fermes."
    assert anchored_words(equipe.second, since) == "fermes"
    assert (where(since).ancrage, where(since).article) == (Ancrage.PASSAGE, equipe.second.pk)
    assert anchored_words(equipe.second, before) == "prix"


@pytest.mark.parametrize("place", [1, 10, 14, 30], ids=["start", "word", "between", "end"])
def test_words_commented_after_a_cut_are_in_the_whole_again(equipe, place):
    gestion = equipe.browser("gestionnaire")
    kept, moved = anchored(equipe, equipe.article, "délai"), None
    cut = {"position": place, "numero": Article.objects.get(pk=equipe.article.pk).numero}
    gestion.post(reverse("wikimarche:article_split", args=[equipe.article.pk]), cut)
    new = Article.objects.exclude(pk__in=[equipe.article.pk, equipe.second.pk]).get()
    if text_of(new):
        moved = anchored(equipe, new, "jours")
    url = reverse("wikimarche:article_merge", args=[new.pk])
    assert gestion.post(url, {"scission": "1"}).status_code == 302
    assert text_of(equipe.article) == "Le délai est de trente jours."
    assert anchored_words(equipe.article, kept) == "délai"
    if moved:
        assert anchored_words(equipe.article, moved) == "jours"
        assert (where(moved).ancrage, where(moved).article) == (
            Ancrage.PASSAGE,
            equipe.article.pk,
        )


def test_a_whole_article_commented_after_its_cut_is_commented_in_the_whole_again(equipe):
    gestion = equipe.browser("gestionnaire")
    numero = Article.objects.get(pk=equipe.article.pk).numero
    cut = {"position": 10, "numero": numero}
    gestion.post(reverse("wikimarche:article_split", args=[equipe.article.pk]), cut)
    new = Article.objects.exclude(pk__in=[equipe.article.pk, equipe.second.pk]).get()
    whole = comment_on(equipe.browser("commentateur"), new)
    gestion.post(reverse("wikimarche:article_merge", args=[new.pk]), {"scission": "1"})
    assert (where(whole).ancrage, where(whole).article) == (Ancrage.ARTICLE, equipe.article.pk)
    # Put back in the text, it is an article of its own again; retired for another reason, too.
    gestion.post(reverse("wikimarche:article_reinstate", args=[new.pk]))
    assert (where(whole).ancrage, where(whole).article) == (Ancrage.ARTICLE, new.pk)
    retire = reverse("wikimarche:article_retire", args=[new.pk])
    gestion.post(retire, {"motif": "Sans objet"})
    assert (where(whole).ancrage, where(whole).article) == (Ancrage.RETIRE, new.pk)


def test_a_thread_on_an_article_merged_twice_is_where_its_text_is(equipe):
    third = ArticleFactory(piece=equipe.piece, titre="Pénalités", texte="Elles sont dues.")
    whole = comment_on(equipe.browser("commentateur"), third)
    for merged in (third, equipe.second):
        equipe.browser().post(reverse("wikimarche:article_merge", args=[merged.pk]))
    stand = where(whole)
    assert (stand.ancrage, stand.article) == (Ancrage.ARTICLE, equipe.article.pk)


def test_a_thread_of_a_merged_article_put_back_then_retired_is_its_own_again(equipe):
    whole = comment_on(equipe.browser("commentateur"), equipe.second)
    gestion = equipe.browser("gestionnaire")
    gestion.post(reverse("wikimarche:article_merge", args=[equipe.second.pk]))
    gestion.post(reverse("wikimarche:article_reinstate", args=[equipe.second.pk]))
    retire = reverse("wikimarche:article_retire", args=[equipe.second.pk])
    gestion.post(retire, {"motif": "Sans objet"})
    stand = where(whole)
    assert (stand.ancrage, stand.article) == (Ancrage.RETIRE, equipe.second.pk)


@pytest.mark.timeout(30)
def test_motives_that_point_at_each_other_hold_no_reader(equipe):
    """Each of two articles was in the other once, and says so in a motive that anybody may type."""
    by, first, second = equipe.person(), equipe.article, equipe.second
    fil = comment_on(equipe.browser("commentateur"), first)
    merge_article(by=by, article=second)
    unmerge_article(by=by, article=second)
    move_up(by=by, article=Article.objects.get(pk=second.pk))
    merge_article(by=by, article=first)
    retire_article(by=by, article=Article.objects.get(pk=second.pk), motif="Fusionné dans rien")
    assert where(fil).article in {first.pk, second.pk}
    assert where(fil).ancrage == Ancrage.RETIRE


def test_a_motive_in_the_words_of_the_machine_moves_no_comment(equipe):
    browser = equipe.browser()
    cut = browser.post(
        reverse("wikimarche:article_split", args=[equipe.article.pk]),
        {"position": 5, "numero": equipe.article.numero},
    )
    assert cut.status_code == 302
    half = Article.objects.get(piece=equipe.piece, provenance__has_key="scinde_de")
    fil = comment_on(equipe.browser("commentateur"), half)
    retire_article(by=equipe.person(), article=half, motif="Scission de trop")
    assert (where(fil).ancrage, where(fil).article) == (Ancrage.RETIRE, half.pk)

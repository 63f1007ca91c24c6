"""What happens while a page is being read is in it, or comes with its next poll: never in neither."""

import json
import re
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.urls import reverse

from procurement.marches.services import set_criteres
from tests.support.equipe import commits_url, text_of, words
from tests.support.fils import comment_on, passage
from tests.support.meanwhile import after_query, count_queries
from tests.wikimarche.domain.factories import doc
from tests.wikimarche.factories import ArticleFactory, type_words
from wikimarche.models import Article


pytestmark = pytest.mark.django_db


def moments(browser, url):
    """Ranks of the queries of a page."""
    browser.get(url)
    return range(1, count_queries(lambda: browser.get(url)) + 1)


def read_while(browser, url, rank, act, **said):
    """The page, when something happens after its query of this rank."""
    with after_query(rank, act):
        return browser.get(url, **said).content.decode()


def poll(browser, equipe, page):
    """What the page asks next, with what it says it holds."""
    held = {name: re.search(rf'data-{name}="(\w*)"', page)[1] for name in ("version", "fiche")}
    return browser.get(reverse("wikimarche:piece_changes", args=[equipe.piece.pk]), held).json()


def test_words_saved_while_the_page_is_read(equipe):
    browser, url = equipe.browser("observateur"), equipe.piece.get_absolute_url()
    for rank in moments(browser, url):
        said = f"mot{rank:02d} "
        page = read_while(
            browser,
            url,
            rank,
            lambda said=said: type_words(equipe.person("editeur"), equipe.article, said),
        )
        news = poll(browser, equipe, page)
        told = "".join(one["html"] for one in news["articles"])
        assert said in page or said in told, f"saved after query {rank}: in neither"


def test_a_criterion_changed_while_the_page_is_read(equipe):
    criteres = doc({"type": "critere", "attrs": {"id": "aaaaaaaa"}})
    ArticleFactory(piece=equipe.piece, titre="Critères", corps=criteres)
    browser, url = equipe.browser(), equipe.piece.get_absolute_url()

    def name_criterion(name):
        row = {"intitule": name, "nature": "technique", "poids": Decimal(100)}
        set_criteres(by=equipe.gestionnaire, marche=equipe.marche, criteres=[row])

    name_criterion("Prix")
    for rank in moments(browser, url):
        name = f"Technique {rank:02d}"
        page = read_while(browser, url, rank, lambda name=name: name_criterion(name))
        text = page.partition('id="wm-critere"')[0]
        fiche = poll(browser, equipe, page)["fiche"]
        # What a page holds apart is put in the text when the fiche changed.
        assert name in text or (fiche and name in fiche["criteres"]), f"changed after query {rank}"


def test_a_thread_opened_while_the_panel_is_read(equipe):
    browser = equipe.browser("commentateur")
    url = reverse("wikimarche:fil_list", args=[equipe.piece.pk])
    colleague = equipe.browser("editeur")
    for rank in moments(browser, url):
        texte = f"Question {uuid4().hex}"
        page = read_while(
            browser,
            url,
            rank,
            lambda texte=texte: comment_on(colleague, equipe.article, texte),
            headers={"HX-Request": "true"},
        )
        held = int(re.search(r'data-rang="(\d+)"', page)[1])
        news = browser.get(
            reverse("wikimarche:piece_changes", args=[equipe.piece.pk]), {"version": 0}
        )
        assert texte in page or news.json()["fils"]["rang"] > held, f"opened after query {rank}"


def test_an_article_cut_while_the_panel_is_read(equipe):
    browser, gestion = equipe.browser("commentateur"), equipe.browser("gestionnaire")
    comment_on(browser, equipe.article, on=passage(equipe.article, 16, 28))
    url = reverse("wikimarche:fil_list", args=[equipe.piece.pk])

    def cut():
        """The words commented leave for an article that was not there."""
        holder = next(one for one in Article.objects.all() if "trente" in text_of(one))
        where = {"position": text_of(holder).index("trente") + 1}
        gestion.post(reverse("wikimarche:article_split", args=[holder.pk]), where)

    for rank in moments(browser, url):
        assert "trente jours" in read_while(browser, url, rank, cut)


def test_commits_made_while_those_of_an_article_are_read(equipe):
    """The number told is that of the text one has with them: one commit more, and it would be placed twice."""
    browser, editeur = equipe.browser("observateur"), equipe.person("editeur")
    url = f"{commits_url(equipe.article)}?depuis=0"
    type_words(editeur, equipe.article, "Avant. ")
    for rank in moments(browser, url):
        act = partial(type_words, editeur, equipe.article, f"mot{rank:02d} ")
        told = json.loads(read_while(browser, url, rank, act))
        assert told["numero"] == told["commits"][-1]["numero"], f"committed after query {rank}"


def test_words_typed_while_a_poll_is_answered(equipe):
    """A poll says the version up to which it told everything."""
    browser, editeur = equipe.browser("observateur"), equipe.person("editeur")
    url = reverse("wikimarche:piece_changes", args=[equipe.piece.pk])
    for rank in moments(browser, f"{url}?version=0"):
        sent = words(f"mot{rank:02d} ")
        assert equipe.browser().send_json(commits_url(equipe.second), sent).status_code == 200
        said = f"mat{rank:02d} "
        answer = read_while(
            browser,
            f"{url}?version=1",
            rank,
            lambda said=said: type_words(editeur, equipe.article, said),
        )
        version = re.search(r'"version": (\d+)', answer)[1]
        news = browser.get(url, {"version": version}).json()
        told = "".join(one["html"] for one in news["articles"])
        assert said in answer or said in told, f"saved after query {rank}: in neither"

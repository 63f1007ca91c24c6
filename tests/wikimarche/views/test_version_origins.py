"""Who wrote each passage of an article, over HTTP."""

import re

from django.urls import reverse

from procurement.ui.teintes import tone_of
from tests.wikimarche.domain.factories import doc, liste, p
from tests.wikimarche.factories import ArticleFactory, type_words
from wikimarche.domain.canonical import plain_text
from wikimarche.models import Article, Version
from wikimarche.selectors import histories, read_article_history
from wikimarche.services import (
    merge_article,
    restore_article,
    restore_piece,
    split_article,
)


def item(*blocks):
    return {"type": "list_item", "content": list(blocks)}


NUMBERED = {
    "type": "ordered_list",
    "attrs": {"id": None, "style": "a"},
    "content": [item(p("bureaux"), liste("étage")), item(p("couloirs"))],
}


def origins(equipe, article):
    """(text, author) of each passage of an article, as its page says them."""
    page = equipe.browser("observateur").get(
        reverse("wikimarche:article_detail", args=[article.pk])
    )
    return [
        (passage.texte, passage.trace.auteur)
        for bloc in page.context["histoire"].blame
        for passage in bloc.passages
    ]


def test_two_who_type_at_once_are_each_credited_with_their_own_words(equipe):
    one, two, text = (
        equipe.person(),
        equipe.person("editeur", "autre"),
        plain_text(equipe.article.corps),
    )
    for number in range(4):
        base, end = equipe.article.numero, len(plain_text(equipe.article.corps)) + 1
        type_words(one, equipe.article, f" claire{number}", at=end, base=base)
        type_words(two, equipe.article, f"yann{number} ", base=base)
    assert origins(equipe, equipe.article) == [
        ("yann3 yann2 yann1 yann0 ", str(two)),
        (text, str(equipe.gestionnaire)),
        (" claire0 claire1 claire2 claire3", str(one)),
    ]


def test_a_cut_and_a_merge_keep_the_authors(equipe):
    one, two, text = (
        equipe.person(),
        equipe.person("editeur", "autre"),
        plain_text(equipe.article.corps),
    )
    type_words(one, equipe.article, " Sauf accord.", at=len(text) + 1)
    new = split_article(by=two, article=equipe.article, position=len(text) - 6)
    wrote = [(text[-7:], str(equipe.gestionnaire)), (" Sauf accord.", str(one))]
    assert origins(equipe, new) == wrote
    type_words(two, new, "Vite. ")
    wrote = [("Vite. ", str(two)), *wrote]
    assert origins(equipe, new) == wrote
    merge_article(by=one, article=new)
    assert origins(equipe, equipe.article) == [
        (text[:-7], str(equipe.gestionnaire)),
        *wrote,
    ]


def test_a_restored_passage_is_of_who_wrote_it(equipe):
    """As it was said when the text was the same: one version for the same words, not two."""
    one, two, text = (
        equipe.person(),
        equipe.person("editeur", "autre"),
        plain_text(equipe.article.corps),
    )
    type_words(one, equipe.article, "Faux. ")
    type_words(one, equipe.article, "Avant. ", at=len(text) + 7)
    restore_article(by=two, article=equipe.article, numero=3)
    restore_article(by=two, article=equipe.article, numero=2)
    assert origins(equipe, equipe.article) == [(text, str(equipe.gestionnaire))]
    restore_article(by=two, article=equipe.article, numero=3)
    assert origins(equipe, equipe.article) == [
        ("Faux. ", str(one)),
        (text, str(equipe.gestionnaire)),
    ]
    [bloc] = read_article_history(Article.objects.get(pk=equipe.article.pk)).blame
    assert (bloc.dernier.auteur, bloc.dernier.version) == (str(one), 3)


def test_words_written_after_a_restoration_are_of_who_writes_them(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    text = plain_text(equipe.article.corps)
    type_words(one, equipe.article, "Faux. ")
    restore_article(by=two, article=equipe.article, numero=2)
    type_words(two, equipe.article, "Vrai. ")
    assert origins(equipe, equipe.article) == [
        ("Vrai. ", str(two)),
        (text, str(equipe.gestionnaire)),
    ]


def test_the_texts_of_before_say_what_changed_the_article_with_the_rest_of_the_piece(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    born = Version.objects.get(piece=equipe.piece, article=equipe.article).numero
    type_words(one, equipe.article, "Faux. ")
    type_words(one, equipe.second, "Ailleurs. ")
    restore_piece(by=two, piece=equipe.piece, numero=2)
    seances = read_article_history(equipe.article).seances
    assert [(seance.derniere, seance.auteur) for seance in seances] == [
        (5, str(two)),
        (3, str(one)),
        (born, str(equipe.gestionnaire)),
    ]
    url = reverse("wikimarche:article_detail", args=[equipe.article.pk])
    assert "restaure" in equipe.browser().get(url).content.decode().lower()


def test_what_is_older_than_the_commits_replayed_bears_no_name(equipe, monkeypatch):
    for number in range(4):
        type_words(equipe.person(), equipe.article, f"{number} ")
    monkeypatch.setattr(histories, "BLAME_COMMITS", 2)
    assert origins(equipe, equipe.article) == [
        ("3 2 ", str(equipe.person())),
        (f"1 0 {'Le délai est de trente jours.'}", "Avant la version 5"),
    ]


def test_a_list_keeps_its_bullets_and_its_numbers(equipe):
    article = ArticleFactory(
        piece=equipe.piece, corps=doc(p("Locaux"), liste("sols", "vitres"), NUMBERED)
    )
    assert [text for text, _who in origins(equipe, article)] == [
        "Locaux",
        "• sols\n• vitres",
        "a. bureaux\n\u2003• étage\nb. couloirs",
    ]


def test_the_history_of_an_empty_article_teaches_what_it_will_show(equipe):
    article = ArticleFactory(piece=equipe.piece, titre="", texte=" ")
    url = reverse("wikimarche:article_detail", args=[article.pk])
    page = equipe.browser().get(url).content.decode()
    assert "Chaque passage se montrera ici" in page
    assert "Écrire dans l’article" in page
    assert "wm-origine" not in page
    page = equipe.browser("observateur").get(url).content.decode()
    assert "Écrire dans l’article" not in page
    type_words(equipe.person(), article, "Texte.")
    assert "wm-origine" in equipe.browser().get(url).content.decode()


def test_a_person_has_one_colour_on_every_page(equipe):
    """The header, the presence, the history and what the others receive: derived from her identifier."""
    people = {"gestionnaire": equipe.gestionnaire, "editeur": equipe.person("editeur")}
    url = reverse("wikimarche:piece_changes", args=[equipe.piece.pk])
    for role, user in people.items():
        browser = equipe.browser(role)
        type_words(user, equipe.article, "Mot. ")
        circle = rf'<span class="wm-init[^"]* c(\d)" title="{re.escape(str(user))}"'
        for address in (
            equipe.piece.get_absolute_url(),
            reverse("wikimarche:article_detail", args=[equipe.article.pk]),
        ):
            found = re.findall(circle, browser.get(address).content.decode())
            assert len(found) >= 2
            assert set(found) == {str(tone_of(user.pk))}
        answer = browser.get(f"{url}?version=1").json()
    assert {one["id"]: one["rang"] for one in answer["presence"]} == {
        str(user.pk): tone_of(user.pk) for user in people.values()
    }

"""Looking for words in everything that one may see, and in nothing else."""

import pytest
from django.urls import reverse

from procurement.organisations.services import end_membership
from tests.procurement.accounts.factories import UserFactory
from tests.support.client import Browser
from tests.support.equipe import make_equipe
from tests.wikimarche.domain.factories import doc, p, texte
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.selectors import recherche
from wikimarche.services import retire_article, withdraw_piece


pytestmark = pytest.mark.django_db


def look(browser, words):
    return browser.get(reverse("wikimarche:search_read"), {"q": words})


def names(browser, words):
    found = look(browser, words).context["trouve"]
    return [article.sous_titre or article.nom for article in found.articles]


@pytest.fixture
def written(equipe):
    for titre, words in (
        ("Pénalités", "Le titulaire encourt, sans mise en demeure, une retenue."),
        ("Retards", "Chaque jour de retard donne lieu à des pénalités de 100 euros."),
        ("Œuvres", "L’hôtel de Région reste ouvert aux visiteurs."),
    ):
        ArticleFactory(piece=equipe.piece, titre=titre, corps=doc(p(words)))
    return equipe


@pytest.mark.parametrize(
    "words",
    ["pénalités", "PENALITES", "pénalité", "penal", "les pénalités", "pe\u0301nalite\u0301s"],
)
def test_case_accents_and_endings_count_for_nothing_and_titles_come_first(written, words):
    assert names(written.browser(), words) == ["Pénalités", "Retards"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("retard euros", ["Retards"]),
        ("retard visiteurs", []),
        ("oeuvre", ["Œuvres"]),
        ("hôtel", ["Œuvres"]),
        ("100", ["Retards"]),
        ("étoile", []),
    ],
)
def test_every_word_must_be_there(written, words, found):
    assert names(written.browser(), words) == found


def test_the_words_found_are_shown_in_their_sentence(written):
    page = look(written.browser(), "visiteur").text
    assert "L’hôtel de Région reste ouvert aux <mark>visiteurs</mark>." in page


def test_a_word_cut_by_marks_is_one_word_and_two_blocks_are_two(equipe):
    bold = [texte("auto"), texte("laveuse", {"type": "strong"})]
    ArticleFactory(piece=equipe.piece, titre="Matériel", corps=doc(p(*bold), p("fin"), p("ale")))
    assert names(equipe.browser(), "autolaveuse") == ["Matériel"]
    assert names(equipe.browser(), "finale") == []


def test_compound_words_are_found_by_each_of_theirs(equipe):
    ArticleFactory(
        piece=equipe.piece,
        titre="Critère",
        corps=doc(
            p(
                "Le rapport prix/qualité-coût au procès-verbal, des plates-formes de www.region.example à 12.5."
            )
        ),
    )
    for words in (
        "qualité",
        "prix",
        "coût",
        "prix/qualité",
        "qualité-coût",
        "procès-verbal",
        "plates-formes",
        "www.region.example",
        "12.5",
    ):
        assert "Critère" in names(equipe.browser(), words), words


def test_a_datum_of_the_fiche_is_shown_by_its_name(equipe):
    datum = {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}
    ArticleFactory(
        piece=equipe.piece, titre="Durée", corps=doc(p("Il est conclu pour ", datum, "."))
    )
    assert "conclu</mark> pour [Durée" in look(equipe.browser(), "conclu").text


def test_any_alphabet_is_kept_and_cut_where_the_index_would_refuse_it(equipe):
    words = " ".join(chr(0xAC00 + rank) * 20 for rank in range(9000))
    corps = doc(*(p(words[at : at + 2000]) for at in range(0, len(words), 2000)))
    ArticleFactory(piece=equipe.piece, titre="Hangul", corps=corps)
    assert names(equipe.browser(), "hangul") == ["Hangul"]


def test_what_is_written_is_found_at_once_and_what_is_taken_out_no_more(written):
    browser = written.browser()
    ArticleFactory(piece=written.piece, titre="Clauses sociales", corps=doc(p("Insertion.")))
    assert names(browser, "insertion") == ["Clauses sociales"]
    article = written.piece.articles.get(titre="Clauses sociales")
    retire_article(by=written.gestionnaire, article=article, motif="Doublon")
    assert names(browser, "insertion") == []
    withdraw_piece(by=written.gestionnaire, piece=written.piece)
    assert names(browser, "pénalités") == []


def test_marches_and_pieces_answer_by_their_names(equipe):
    browser = equipe.browser()
    PieceFactory(marche=equipe.marche, titre="Annexe économie d’énergie")
    found = look(browser, "energie econo").context["trouve"]
    assert [piece.titre for piece in found.pieces] == ["Annexe économie d’énergie"]
    assert look(browser, "les annexes d'économies").context["trouve"].nombre_pieces == 1
    assert equipe.piece in look(browser, equipe.piece.type.lower()).context["trouve"].pieces
    word = equipe.marche.objet.split()[0].upper()
    assert equipe.marche in look(browser, word).context["trouve"].marches


def test_nobody_finds_what_they_do_not_see(written):
    elsewhere, colleague = make_equipe(), written.person("observateur")
    for browser in (elsewhere.browser(), Browser(UserFactory(without_password=True))):
        page = look(browser, "pénalités")
        assert names(browser, "pénalités") == []
        assert "Rien ne contient tous ces mots" in page.text
    assert names(Browser(colleague), "pénalités")
    end_membership(by=None, membership=colleague.memberships.get())
    assert names(Browser(colleague), "pénalités") == []


@pytest.mark.parametrize(
    "words",
    ["'", "a' & !b", "\\", "pénalités':*", "!!", "<b>", "\x00", "€", "%_", "le la les", "&"],
)
def test_signs_of_the_language_of_searches_are_only_signs(written, words):
    answer = look(written.browser(), words)
    assert answer.status_code == 200
    assert "<b>" not in answer.text.replace("&lt;b&gt;", "")


def test_words_that_say_nothing_are_told_so_and_no_word_teaches(written):
    assert "trop courants" in look(written.browser(), "le la des").text
    assert "Cherchez une clause" in look(written.browser(), " ").text
    for signs in ('"', "!!", "« »"):
        page = look(written.browser(), signs).text
        assert "Il n’y a aucun mot à chercher" in page
        assert "trop courants" not in page


def test_a_word_whose_stem_is_not_how_it_begins_is_shown(equipe):
    ArticleFactory(piece=equipe.piece, titre="Seuils", corps=doc(p("Les seuils nationaux valent.")))
    assert "<mark>nationaux</mark>" in look(equipe.browser(), "national").text


def test_thirty_are_shown_and_the_page_says_that_there_are_others(equipe):
    for rank in range(31):
        ArticleFactory(piece=equipe.piece, titre=f"Site {rank}", corps=doc(p("Balayage manuel.")))
    answer = look(equipe.browser(), "balayage")
    assert len(answer.context["trouve"].articles) == 30
    assert "plus de 30 articles" in " ".join(answer.text.split())


def test_an_old_title_comes_before_many_newer_articles_that_hold_the_word(written, monkeypatch):
    monkeypatch.setattr(recherche, "WEIGHED", 3)
    for rank in range(5):
        ArticleFactory(piece=written.piece, titre=f"Site {rank}", corps=doc(p("Pénalités.")))
    assert names(written.browser(), "pénalités")[0] == "Pénalités"


def test_the_longest_article_is_kept_and_found(equipe):
    words = [f"mot{rank}x{'y' * 40}" for rank in range(4000)]
    long = doc(*(p(" ".join(words[rank : rank + 100])) for rank in range(0, 4000, 100)))
    ArticleFactory(piece=equipe.piece, titre="Long", corps=long)
    assert names(equipe.browser(), f"mot3999x{'y' * 40}") == ["Long"]


def test_queries_do_not_grow_with_what_is_found(written, django_assert_max_num_queries):
    browser = written.browser()
    look(browser, "pénalités")
    for rank in range(20):
        piece = PieceFactory(marche=written.marche, titre=f"Annexe {rank}")
        ArticleFactory(piece=piece, titre="Pénalités", corps=doc(p("Pénalités.")))
    with django_assert_max_num_queries(14):
        assert len(names(browser, "pénalités")) == 22

"""Two versions of a pièce compared: what changed, and by whom, over HTTP and by the command."""

import json
import re

import lxml.html
import pytest
from django.core.management import call_command
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.marches.services import update_marche
from tests.procurement.documents.builders import png
from tests.support.client import plain
from tests.support.equipe import commit, commits_url, make_equipe, text_of
from tests.wikimarche.domain.factories import delete, doc, insert, p
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.domain.events import EVENT_WORDS
from wikimarche.selectors import (
    last_version,
    list_seances,
)
from wikimarche.services import (
    add_image,
    indent_article,
    merge_article,
    move_down,
    move_up,
    name_version,
    outdent_article,
    restore_piece,
    retire_article,
)


ELSEWHERE = "motdailleurs9c1e"


def compare(browser, piece, **asked):
    return browser.get(reverse("wikimarche:piece_compare", args=[piece.pk]), asked)


def test_two_versions_compare_both_ways(equipe):
    type_words(equipe.person(), equipe.article, "NOUVEAU ")
    browser = equipe.browser("observateur")
    for de, a in ((2, 3), (3, 2), (3, 3), (1, 3)):
        page = compare(browser, equipe.piece, de=de, a=a)
        assert page.status_code == 200
    forth = compare(browser, equipe.piece, de=2, a=3).context["vue"]
    back = compare(browser, equipe.piece, de=3, a=2).context["vue"]
    assert forth.comparison.count() == back.comparison.count()
    assert forth.auteurs == back.auteurs


def test_the_panel_and_the_margin_say_what_was_done_and_by_whom(equipe):
    type_words(equipe.person(), equipe.article, "quatre-vingts ", at=len("Le délai est de ") + 1)
    page = compare(equipe.browser("observateur"), equipe.piece, de=2, a=3)
    done = "ajoute «\u202fquatre-vingts\u202f»"
    text = re.sub(r"[ \n]+", " ", page.content.decode())
    assert f"<strong>{equipe.person()}</strong> {done}<small>" in text
    assert f'<span class="visually-hidden"> : {equipe.person()} {done}</span>' in text
    type_words(equipe.person("editeur", "autre"), equipe.article, "Vite. ")
    view = compare(equipe.browser("observateur"), equipe.piece, de=2, a=4).context["vue"]
    assert view.changes[0].dit.startswith("Ajoute «\u202fVite")
    assert len(view.changes[0].touches) == 2


def test_an_image_keeps_its_place_before_it_comes(equipe):
    """Its size is known, so what follows does not move when it loads late."""
    content = png(640, 480)
    image = add_image(by=equipe.person(), piece=equipe.piece, content=content, nom="plan.png")
    node = {"type": "image", "attrs": {"fichier": str(image.pk), "alt": "Plan"}}
    article = ArticleFactory(piece=equipe.piece, corps=doc(p("Plan", id="aaaaaaaa"), node))
    numero = last_version(equipe.piece).numero
    browser = equipe.browser("observateur")
    for page in (
        compare(browser, equipe.piece, de=1, a=numero),
        browser.get(equipe.piece.get_absolute_url()),
        browser.get(reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero])),
    ):
        shown = re.search(rf'<img [^>]*data-fichier="{image.pk}"[^>]*>', page.content.decode())
        assert 'width="640" height="480"' in shown[0]
    assert article.corps["content"][1]["attrs"]["fichier"] == str(image.pk)


def test_the_timeline_says_how_much_each_version_changed(equipe):
    by, other = equipe.person(), equipe.person("editeur", "autre")
    for _ in range(3):
        type_words(by, equipe.article, "quatre mots de plus. ")
    type_words(other, equipe.second, "mot ")
    name_version(by=by, piece=equipe.piece, nom="Relue")
    size = len("Le délai est de trente jours.")
    type_words(by, equipe.article, "", at=1, steps=[delete(64, 64 + size)])
    page = compare(equipe.browser("observateur"), equipe.piece, de=1, a=8)
    words = {mark.numero: mark.mots for mark in page.context["frises"]}
    assert words == {1: 0, 2: 0, 5: 11, 6: 1, 7: 0, 8: 5}
    assert page.content.decode().count('<span class="s ') == 3


def told(equipe, de, a, capsys):
    call_command(
        "compare_versions", par=equipe.gestionnaire.email, piece=str(equipe.piece.pk), de=de, a=a
    )
    return json.loads(capsys.readouterr().out)


def test_the_words_changed_in_a_footnote_are_told_by_the_command_and_shown(equipe, capsys):
    def call(words):
        return {"type": "note_bas_de_page", "attrs": {"texte": words}}

    def put(words, end):
        content = {"content": [call(words)]}
        return [{"stepType": "replace", "from": 4, "to": end, "slice": content}]

    by = equipe.person()
    type_words(by, equipe.article, "", steps=put("Cinq jours ouvrés, samedis exclus.", 4))
    type_words(by, equipe.article, "", steps=put("Huit jours ouvrés, samedis exclus.", 5))
    de, a = 3, 4
    [row] = told(equipe, de, a, capsys)
    assert row["words"] == [
        {"op": "retrait", "texte": "Cinq", "lieu": "note"},
        {"op": "ajout", "texte": "Huit", "lieu": "note"},
    ]
    assert (row["kind"], row["edit"]) == (
        "texte",
        "remplace «\u202fCinq\u202f» par «\u202fHuit\u202f»",
    )
    page = compare(equipe.browser("observateur"), equipe.piece, de=de, a=a).content.decode()
    assert page.count("<del>Cinq</del>") == page.count("<ins>Huit</ins>") == 2


def test_a_datum_of_the_fiche_is_told_by_the_command_as_the_page_shows_it(equipe, capsys):
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, duree_mois=36)
    datum = {"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}
    put = {"stepType": "replace", "from": 4, "to": 4, "slice": {"content": [datum]}}
    type_words(equipe.person(), equipe.article, "", steps=[put])
    [row] = told(equipe, 2, 3, capsys)
    words = "".join(word["texte"] for word in row["words"])
    assert "36" in words
    assert "{{" not in words


@pytest.mark.parametrize("move", [move_down, move_up])
def test_who_crosses_an_article_is_named_as_the_one_who_moved_it(equipe, capsys, move):
    """Two articles swapped: whichever the comparison calls moved, its mover is known."""
    third = ArticleFactory(piece=equipe.piece, titre="Lieux")
    mover = equipe.person("editeur", "autre")
    move(by=mover, article=equipe.article if move is move_down else equipe.second)
    type_words(equipe.person(), equipe.article, "x ")
    type_words(equipe.person(), equipe.second, "y ")
    rows = told(equipe, 3, 6, capsys)
    moved = next(row for row in rows if row["kind"] == "deplacement")
    assert str(mover) in moved["authors"]
    assert {row["author"] for row in rows if row["kind"] == "renumerotation"} == {str(mover)}
    view = compare(equipe.browser(), equipe.piece, de=3, a=6).context["vue"]
    shown = next(view for view in view.changes if view.genre == "deplacement")
    touch = next(touch for touch in shown.touches if touch.nom == str(mover))
    assert touch.version == 4
    assert str(third.pk) not in {row["article"] for row in rows}


@pytest.mark.parametrize("move", [move_down, move_up])
def test_of_two_articles_swapped_the_one_moved_is_told_with_its_mover(equipe, capsys, move):
    mover = equipe.person("editeur", "autre")
    moved = equipe.article if move is move_down else equipe.second
    move(by=mover, article=moved)
    type_words(equipe.person(), moved, "x ")
    [row] = [row for row in told(equipe, 2, 4, capsys) if row["kind"] == "deplacement"]
    assert (row["article"], row["author"]) == (str(moved.pk), str(mover))


def test_an_indented_article_is_said_to_be(equipe, capsys):
    indent_article(by=equipe.person(), article=equipe.second)
    outdent_article(by=equipe.person(), article=equipe.second)
    last = [seance.geste for seance in list_seances(equipe.piece)[:2]]
    assert last == [
        "remonte d’un niveau «\u202fPrix\u202f»",
        "met en retrait «\u202fPrix\u202f»",
    ]
    for de, a, verb in ((2, 3, "met en retrait"), (3, 4, "remonte d’un niveau")):
        row = told(equipe, de, a, capsys)[0]
        assert (row["kind"], row["edit"]) == ("deplacement", f"{verb} l’article")
    [entry] = list_entries(equipe.marche.pk, action="wikimarche:article:indented")
    assert EVENT_WORDS[entry.action] == "a mis en retrait l’article «\u202f{article}\u202f»{sens}"


def test_who_makes_a_number_change_is_named(equipe, capsys):
    """The first article goes: the second is renumbered, and nobody else touched it."""
    retire_article(by=equipe.person(), article=equipe.article, motif="Inutile")
    rows = told(equipe, 2, 3, capsys)
    assert [(row["kind"], row["author"]) for row in rows] == [
        ("retrait", str(equipe.person())),
        ("renumerotation", str(equipe.person())),
    ]
    assert {"kind", "article", "number", "title", "author", "words"} <= set(rows[0])
    assert rows[0]["edit"] == "retire l’article"


@pytest.mark.attaque("A02")
def test_both_ends_of_a_comparison_are_versions_of_the_piece(equipe):
    """A version is named by its number in its own pièce: what another holds is a number of nowhere."""
    sister, foreign = PieceFactory(marche=equipe.marche), make_equipe().piece
    for other in (sister, foreign):
        for _ in range(6):
            ArticleFactory(piece=other, titre=ELSEWHERE)
    browser = equipe.browser()
    nowhere = compare(browser, equipe.piece, de=1, a=10**8)
    assert nowhere.status_code == 404
    for other in (sister, foreign):
        numero = last_version(other).numero
        assert numero > last_version(equipe.piece).numero
        for asked in ({"de": 1, "a": numero}, {"de": numero, "a": 1}, {"de": numero, "a": numero}):
            answer = compare(browser, equipe.piece, **asked)
            assert (answer.status_code, ELSEWHERE in answer.text) == (404, False)
            assert plain(answer) == plain(nowhere)
    for asked in ({"de": 0, "a": 1}, {"de": 10**8, "a": 1}):
        assert compare(browser, equipe.piece, **asked).status_code == 404
    for asked in (
        {"de": "x", "a": 1},
        {"de": "1", "a": "-1"},
        {"de": "\x00", "a": "1"},
        {"de": "9" * 5000},
        {"de": 1, "a": str(last_version(sister).operation)},
        {"de": str(last_version(foreign).operation), "a": 1},
    ):
        assert compare(browser, equipe.piece, **asked).status_code == 400
    assert compare(browser, foreign, de=1, a=2).status_code == 404


@pytest.mark.attaque("A02")
def test_the_same_number_in_two_pieces_is_two_versions(equipe):
    """Positive control: in its own pièce that number is read, with the words of that pièce alone."""
    sister = PieceFactory(marche=equipe.marche)
    for _ in range(6):
        ArticleFactory(piece=sister, titre=ELSEWHERE)
    browser = equipe.browser()
    assert ELSEWHERE in compare(browser, sister, de=1, a=last_version(sister).numero).text
    assert ELSEWHERE not in compare(browser, equipe.piece, de=1, a=2).text


def test_a_comparison_asked_backwards_is_read_forwards_and_says_so(equipe):
    """Yann wrote the second article: read backwards, it would be said that he retired it."""
    page = compare(equipe.browser("observateur"), equipe.piece, de=2, a=1)
    straight = compare(equipe.browser("observateur"), equipe.piece, de=1, a=2)
    assert (page.context["de"].numero, page.context["a"].numero) == (1, 2)
    assert "écrit l’article" in page.content.decode()
    assert "retire l’article" not in page.content.decode()
    assert "de la plus ancienne à la plus récente" in page.content.decode()
    assert "de la plus ancienne à la plus récente" not in straight.content.decode()


def test_the_command_names_nobody_when_it_compares_backwards(equipe, capsys):
    forwards, backwards = told(equipe, 1, 2, capsys), told(equipe, 2, 1, capsys)
    assert [(row["kind"], row["author"] != "") for row in forwards] == [("ajout", True)]
    assert [(row["kind"], row["author"]) for row in backwards] == [("retrait", "")]
    assert backwards[0]["authors"] == []


def test_the_words_of_a_moved_article_are_told_once(equipe, capsys):
    ArticleFactory(piece=equipe.piece, titre="Lieux")
    for _ in range(2):
        move_down(by=equipe.gestionnaire, article=equipe.article)
    type_words(equipe.person(), equipe.article, "Ici, ")
    rows = {row["kind"]: row for row in told(equipe, 3, 6, capsys) if row["title"] == "Délais"}
    assert (rows["deplacement"]["words"], rows["deplacement"]["words_added"]) == ([], 0)
    assert rows["deplacement"]["edit"] == "déplace l’article"
    assert [word["texte"].strip() for word in rows["texte"]["words"]] == ["Ici,"]
    assert rows["texte"]["edit"] == "ajoute «\u202fIci,\u202f»"
    assert rows["texte"]["words_added"] == 1


def test_a_word_put_in_place_of_another_is_counted_as_replaced(equipe, capsys):
    before = last_version(equipe.piece).numero
    first = text_of(equipe.article).split()[0]
    sent = commit(equipe.article.numero, delete(1, 1 + len(first)), insert(1, "Autre"))
    assert equipe.browser().send_json(commits_url(equipe.article), sent).status_code == 200
    (row,) = told(equipe, before, before + 1, capsys)
    counts = {name: row[f"words_{name}"] for name in ("added", "removed", "replaced")}
    assert counts == {"added": 0, "removed": 0, "replaced": 1}


def test_an_article_merged_is_not_told_as_withdrawn(equipe):
    before = last_version(equipe.piece).numero
    merge_article(by=equipe.gestionnaire, article=equipe.second)
    asked = {"de": before, "a": before + 1}
    page = compare(equipe.browser("editeur"), equipe.piece, **asked)
    (merged,) = [one for one in page.context["vue"].changes if one.change.fusion]
    assert (merged.genre_mot, merged.resume) == (
        "Fusionné",
        "Article fusionné dans «\u202fDélais\u202f»",
    )
    assert merged.dit == f"{equipe.gestionnaire} fusionne l’article dans «\u202fDélais\u202f»"
    assert merged.mots == "5 mots retirés, le texte est passé dans «\u202fDélais\u202f»"
    text = re.sub(r"\s+", " ", page.content.decode().replace("\u202f", " "))
    assert "fusionné dans « Délais » : il y restera, et sera donc deux fois dans la pièce." in text
    said = "Fusionné dans l’annexe, à la main"
    retire_article(by=equipe.gestionnaire, article=equipe.article, motif=said)
    page = compare(equipe.browser("editeur"), equipe.piece, de=before + 1, a=before + 2)
    assert [one.genre_mot for one in page.context["vue"].changes] == ["Retiré"]
    assert "deux fois" not in page.content.decode()


def test_the_page_says_which_version_it_restores_over(equipe):
    """So that of two who restore from the same page, the second reads what the first has made."""
    type_words(equipe.person(), equipe.article, "Depuis. ")
    browser = equipe.browser("gestionnaire")
    page = lxml.html.fromstring(compare(browser, equipe.piece, de=1).content)
    (form,) = page.xpath('//form[contains(@action, "restaurer")][.//input[@name="version"]]')
    sent = {field.get("name"): field.get("value") for field in form.xpath(".//input[@name]")}
    assert sent["vu"] == str(last_version(equipe.piece).numero)
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=1)
    answer = browser.post(form.get("action"), sent)
    assert answer.status_code == 409
    assert "vient de restaurer un autre texte" in plain(answer)


def chosen_article(page):
    (select,) = lxml.html.fromstring(page.content).xpath('//select[@name="article"]')
    return select.value, [option.get("value") for option in select.xpath("option[@value!='']")]


def test_a_comparison_opens_on_the_article_one_comes_from(equipe):
    for article in (equipe.article, equipe.second):
        type_words(equipe.person(), article, "Depuis. ")
    browser = equipe.browser("observateur")
    page = compare(browser, equipe.piece, de=1, article=equipe.second.pk)
    chosen, offered = chosen_article(page)
    assert chosen == str(equipe.second.pk)
    assert set(offered) == {str(equipe.article.pk), str(equipe.second.pk)}
    assert "n’a pas changé entre ces deux" not in page.content.decode()
    address = reverse("wikimarche:article_detail", args=[equipe.second.pk])
    assert f"&amp;article={equipe.second.pk}" in browser.get(address).content.decode()


def test_an_article_that_did_not_change_is_said(equipe):
    before = last_version(equipe.piece).numero
    type_words(equipe.person(), equipe.article, "Depuis. ")
    page = compare(equipe.browser(), equipe.piece, de=before, article=equipe.second.pk)
    assert f"«\u202f{equipe.second}\u202f» n’a pas changé" in page.content.decode()


def test_the_article_of_another_piece_is_not_found(equipe):
    type_words(equipe.person(), equipe.article, "Depuis. ")
    elsewhere = ArticleFactory(piece=PieceFactory(marche=equipe.marche))
    for asked in (elsewhere.pk, "x"):
        assert compare(equipe.browser(), equipe.piece, de=1, article=asked).status_code == 404

"""Sessions, named versions, reading the past, coming back to it, over HTTP."""

import json
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from procurement.ui.teintes import tone_of
from tests.procurement.documents.builders import png
from tests.support.equipe import make_equipe, state_of, text_of
from tests.wikimarche.domain.factories import delete, doc, p
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.domain.canonical import plain_text
from wikimarche.domain.events import EVENT_WORDS
from wikimarche.models import Article, Version
from wikimarche.permissions import Action
from wikimarche.selectors import (
    find_version,
    histories,
    last_version,
    list_seances,
    read_piece,
    read_state,
)
from wikimarche.services import (
    add_image,
    ask_export,
    indent_article,
    merge_article,
    move_article,
    move_down,
    move_up,
    name_version,
    outdent_article,
    reopen_piece,
    restore_article,
    restore_piece,
    retire_article,
    split_article,
    submit_piece,
    versions,
    withdraw_piece,
)


def seances(piece):
    """(first, last, author) of each session, oldest first."""
    return [(s.premiere, s.derniere, s.auteur) for s in reversed(list_seances(piece))]


# ── Work sessions ───────────────────────────────────────────────────────────────────────────────


def test_what_one_author_types_in_one_article_is_one_session(equipe):
    by = equipe.person()
    for text in ("un ", "deux ", "trois "):
        type_words(by, equipe.article, text)
    assert seances(equipe.piece)[2:] == [(3, 5, str(by))]


def test_another_article_or_another_author_is_another_session(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    type_words(one, equipe.article, "a")
    type_words(one, equipe.second, "b")
    type_words(two, equipe.second, "c")
    type_words(one, equipe.article, "d")
    assert seances(equipe.piece)[2:] == [(4, 4, str(one)), (5, 5, str(two)), (3, 6, str(one))]


def test_five_minutes_of_silence_end_a_session(equipe, monkeypatch):
    type_words(equipe.person(), equipe.article, "a")
    monkeypatch.setattr(versions, "SESSION_GAP", timedelta(microseconds=1))
    type_words(equipe.person(), equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4)]


def test_the_silence_is_five_minutes():
    assert timedelta(minutes=5) == versions.SESSION_GAP


def test_a_named_version_closes_the_session(equipe):
    by = equipe.person()
    type_words(by, equipe.article, "a")
    name_version(by=by, piece=equipe.piece, nom="Envoyée au service")
    type_words(by, equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (5, 5)]


def export(equipe):
    ask_export(by=equipe.person("observateur"), piece=equipe.piece, format="md")


def review(equipe):
    submit_piece(by=equipe.gestionnaire, piece=equipe.piece)
    reopen_piece(by=equipe.gestionnaire, piece=equipe.piece)


@pytest.mark.parametrize("act", [export, review])
def test_what_is_done_to_the_piece_closes_the_sessions(equipe, act):
    """An export, a review: what is written after is another session, whoever writes."""
    one, two = equipe.person(), equipe.person("editeur", "autre")
    for by, article in ((one, equipe.article), (two, equipe.second)):
        type_words(by, article, "a")
    act(equipe)
    for by, article in ((one, equipe.article), (two, equipe.second), (one, equipe.article)):
        type_words(by, article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (6, 6), (5, 7)]


def test_the_export_of_another_piece_closes_nothing(equipe):
    sister = ArticleFactory(piece=PieceFactory(marche=equipe.marche)).piece
    type_words(equipe.person(), equipe.article, "a")
    ask_export(by=equipe.person(), piece=sister, format="md")
    type_words(equipe.person(), equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 4)]


def test_restoring_an_article_closes_the_session(equipe):
    by = equipe.person()
    type_words(by, equipe.article, "a")
    restore_article(by=by, article=equipe.second, numero=2)
    type_words(by, equipe.article, "b")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (5, 5)]


def test_structure_is_never_hidden_in_a_session(equipe):
    by = equipe.person()
    type_words(by, equipe.article, "a")
    move_article(by=by, article=equipe.article, parent=None, after=equipe.second.pk)
    type_words(by, equipe.article, "b")
    assert (4, 4, str(by)) in seances(equipe.piece)


def split(equipe):
    split_article(by=equipe.person("editeur", "autre"), article=equipe.article, position=4)


def merge(equipe):
    merge_article(by=equipe.person("editeur", "autre"), article=equipe.second)


def move(equipe):
    move_down(by=equipe.person("editeur", "autre"), article=equipe.article)


@pytest.mark.parametrize("act", [split, merge, move])
def test_what_is_done_to_the_structure_of_its_article_closes_a_session(equipe, act):
    by = equipe.person()
    type_words(by, equipe.article, "a ")
    act(equipe)
    type_words(by, equipe.article, "b ")
    assert [s[:2] for s in seances(equipe.piece)[2:]] == [(3, 3), (4, 4), (5, 5)]


def test_the_structure_of_another_article_closes_nothing(equipe):
    by, third = equipe.person(), ArticleFactory(piece=equipe.piece)
    type_words(by, equipe.article, "a ")
    retire_article(by=equipe.gestionnaire, article=third, motif="Doublon")
    type_words(by, equipe.article, "b ")
    assert [s[:2] for s in seances(equipe.piece)[3:]] == [(5, 5), (4, 6)]


def test_the_newest_work_comes_first_whenever_it_began(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    type_words(one, equipe.article, "a ")
    for _ in range(3):
        ArticleFactory(piece=equipe.piece, by=two)
    type_words(one, equipe.article, "b ")
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    shown = equipe.browser().get(url).context["seances"]
    assert (shown[0].auteur, shown[0].derniere) == (str(one), 7)
    assert [seance.derniere for seance in shown] == [7, 6, 5, 4, 2, 1]


def test_a_session_names_who_wrote_meanwhile(equipe):
    one, two = equipe.person(), equipe.person("editeur", "autre")
    type_words(one, equipe.article, "a ")
    type_words(two, equipe.second, "b ")
    type_words(one, equipe.article, "c ")
    type_words(two, equipe.second, "d ")
    browser = equipe.browser("observateur")
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    page = browser.get(url)
    assert [(s.derniere, s.autres) for s in page.context["seances"][:3]] == [
        (6, (str(one),)), (5, (str(two),)), (2, ()),
    ]  # fmt: skip
    assert f"(avec {two})" in page.content.decode()
    page = browser.get(reverse("wikimarche:article_detail", args=[equipe.article.pk]))
    assert f"(avec {two})" in page.content.decode()


# ── Who wrote what ──────────────────────────────────────────────────────────────────────────────


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


def test_a_restored_passage_is_of_who_restored_it(equipe):
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
        ("Faux. ", str(two)),
        (text, str(equipe.gestionnaire)),
    ]


def test_what_is_older_than_the_commits_replayed_bears_no_name(equipe, monkeypatch):
    for number in range(4):
        type_words(equipe.person(), equipe.article, f"{number} ")
    monkeypatch.setattr(histories, "BLAME_COMMITS", 2)
    assert origins(equipe, equipe.article) == [
        ("3 2 ", str(equipe.person())),
        (f"1 0 {'Le délai est de trente jours.'}", "Avant la version 5"),
    ]


def test_the_list_is_read_page_after_page(equipe, monkeypatch):
    monkeypatch.setattr(versions, "SESSION_GAP", timedelta(microseconds=1))
    for number in range(45):
        type_words(equipe.person(), equipe.article, f"{number} ")
    first = list_seances(equipe.piece)
    rest = list_seances(equipe.piece, before=first[-1].derniere)
    assert len(first) == 40
    assert [s.premiere for s in (*first, *rest)] == list(range(47, 0, -1))
    browser = equipe.browser("observateur")
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    assert browser.get(url, {"avant": first[-1].premiere}).status_code == 200


@pytest.mark.parametrize("avant", ["9" * 30, "0", "-1", "x", "٣", "", "\x00"])
def test_an_odd_page_of_the_list_is_the_first_one(equipe, avant):
    url = reverse("wikimarche:version_list", args=[equipe.piece.pk])
    assert equipe.browser().get(url, {"avant": avant}).status_code == 200


def test_the_fine_grain_is_one_click_deeper(equipe):
    for text in ("un ", "deux "):
        type_words(equipe.person(), equipe.article, text)
    browser = equipe.browser("observateur")
    url = reverse("wikimarche:seance_detail", args=[equipe.piece.pk, 3])
    assert browser.get(url).status_code == 200
    for odd in (0, 4, 10**30):
        url = reverse("wikimarche:seance_detail", args=[equipe.piece.pk, odd])
        assert browser.get(url).status_code in (200, 404)


# ── Named versions ──────────────────────────────────────────────────────────────────────────────


def name_url(piece):
    return reverse("wikimarche:version_name", args=[piece.pk])


def test_a_version_is_named(equipe):
    equipe.browser().post(name_url(equipe.piece), {"nom": " Relue  par le service "})
    version = last_version(equipe.piece)
    assert (version.nom, version.genre, version.numero) == ("Relue par le service", "nommee", 3)
    assert version.auteur == equipe.person()


@pytest.mark.parametrize("nom", ["", "  ", "x" * 121, "a\x00b"])
def test_a_bad_name_makes_no_version(equipe, nom):
    answer = equipe.browser().post(name_url(equipe.piece), {"nom": nom})
    assert answer.status_code == 302
    assert last_version(equipe.piece).numero == 2


@pytest.mark.attaque("A15")
def test_a_name_cannot_bring_an_author_or_a_date(equipe):
    other = equipe.person("editeur", "autre")
    equipe.browser().post(
        name_url(equipe.piece),
        {"nom": "X", "auteur": other.pk, "genre": "publiee", "instant": "2000-01-01", "numero": 99},
    )
    version = last_version(equipe.piece)
    assert (version.auteur, version.genre, version.numero) == (equipe.person(), "nommee", 3)
    assert version.instant.year > 2000


def test_a_frozen_piece_may_still_be_named(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    equipe.browser().post(name_url(equipe.piece), {"nom": "Dernière"})
    assert last_version(equipe.piece).nom == "Dernière"


# ── Reading the past ────────────────────────────────────────────────────────────────────────────


def write_a_history(equipe):
    """Ten versions of every kind. Returns {numero: state at that moment}."""
    by, kept = equipe.person(), {}

    def keep():
        kept[last_version(equipe.piece).numero] = present(equipe.piece)

    keep()
    acts = [
        lambda: type_words(by, equipe.article, "Un. "),
        lambda: type_words(equipe.gestionnaire, equipe.second, "Deux. "),
        lambda: ArticleFactory(piece=equipe.piece, titre="Troisième"),
        lambda: type_words(by, equipe.article, "Trois. ", titre="Nouveaux délais"),
        lambda: move_article(by=by, article=equipe.article, parent=equipe.second.pk, after=None),
        lambda: name_version(by=by, piece=equipe.piece, nom="Nommée"),
        lambda: retire_article(by=by, article=equipe.second, motif="Doublon"),
        lambda: restore_article(by=by, article=equipe.article, numero=3),
    ]
    for act in acts:
        act()
        keep()
    return kept


def present(piece):
    rows = Article.objects.filter(piece=piece)
    return {
        row.pk: (
            row.parent_id,
            row.rang,
            row.titre,
            json.dumps(row.corps, sort_keys=True),
            row.statut,
        )
        for row in rows
    }


def test_each_version_reads_as_it_was_stored(equipe):
    kept = write_a_history(equipe)
    assert list(kept) == list(range(2, 11))
    for numero, wanted in kept.items():
        state = read_state(equipe.piece, find_version(equipe.piece, numero))
        read = {
            row.id: (
                row.parent, row.rang, row.titre, json.dumps(row.corps, sort_keys=True),
                "actif" if row.actif else "retire",
            )
            for row in state
        }  # fmt: skip
        assert read == wanted, numero
        url = reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero])
        assert equipe.browser("observateur").get(url).status_code == 200


def test_the_hash_of_a_version_tells_the_text_and_only_the_text(equipe):
    start = last_version(equipe.piece).empreinte
    type_words(equipe.person(), equipe.article, "x")
    changed = last_version(equipe.piece).empreinte
    name_version(by=equipe.person(), piece=equipe.piece, nom="N")
    assert last_version(equipe.piece).empreinte == changed != start
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=2)
    assert last_version(equipe.piece).empreinte == start


# ── Restoring ───────────────────────────────────────────────────────────────────────────────────


def restore_url(piece, numero):
    return reverse("wikimarche:piece_restore", args=[piece.pk, numero])


def article_restore_url(article):
    return reverse("wikimarche:article_restore", args=[article.pk])


def test_an_article_comes_back_as_a_new_version_of_its_restorer(equipe):
    author, restorer = equipe.person(), equipe.person("editeur", "autre")
    type_words(author, equipe.article, "Faux. ")
    answer = equipe.browser("editeur", "autre").post(
        article_restore_url(equipe.article), {"version": "2"}
    )
    assert answer.status_code == 302
    assert text_of(equipe.article) == "Le délai est de trente jours."
    made = last_version(equipe.piece)
    assert (made.numero, made.genre, made.auteur) == (4, "restauration", restorer)
    assert "version 2" in made.resume
    entry = list_entries(equipe.marche.pk, action="wikimarche:article:restored")[-1]
    assert entry.acteur == f"acheteur:{restorer.pk}"
    assert entry.corps["details"]["version"] == 2
    past = read_state(equipe.piece, find_version(equipe.piece, 3))
    assert any("Faux" in json.dumps(row.corps) for row in past)


def test_an_open_editor_receives_a_restoration_as_steps(equipe):
    type_words(equipe.person(), equipe.article, "Faux. ")
    restore_article(by=equipe.person(), article=equipe.article, numero=2)
    url = reverse("wikimarche:article_commits", args=[equipe.article.pk])
    commits = equipe.browser().get(url, {"depuis": 1}).json()["commits"]
    assert len(commits) == 1
    assert commits[0]["steps"]


def test_a_piece_comes_back_whole(equipe):
    kept = write_a_history(equipe)
    for numero in (2, 5, 7, 9):
        equipe.browser().post(restore_url(equipe.piece, numero))
        now = present(equipe.piece)
        for pk, wanted in kept[numero].items():
            assert now[pk] == wanted, numero
        for pk in set(now) - set(kept[numero]):
            assert now[pk][4] == "retire"
    made = last_version(equipe.piece)
    assert (made.genre, made.auteur) == ("restauration", equipe.person())


def test_a_piece_restored_twice_is_the_same(equipe):
    write_a_history(equipe)
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=4)
    first = present(equipe.piece)
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=4)
    assert present(equipe.piece) == first


def test_an_article_restored_under_a_retired_parent_is_in_the_text_again(equipe):
    child = ArticleFactory(piece=equipe.piece, parent=equipe.second, titre="Sous-article")
    numero = last_version(equipe.piece).numero
    retire_article(by=equipe.gestionnaire, article=equipe.second, motif="Doublon")
    equipe.browser().post(article_restore_url(child), {"version": str(numero)})
    assert "Sous-article" in [view.titre for view in read_piece(equipe.piece).articles]


def test_an_article_born_later_leaves_its_place_to_the_one_that_takes_it_back(equipe):
    """It had gone where the other was: with one place for both, nothing fitted between them."""
    piece, browser = equipe.piece, equipe.browser()
    numero = last_version(piece).numero
    move_down(by=equipe.gestionnaire, article=equipe.article)
    later = ArticleFactory(piece=piece, titre="Plus tard")
    for _ in range(2):
        move_up(by=equipe.gestionnaire, article=later)
    restore_piece(by=equipe.person(), piece=piece, numero=numero)
    assert len(set(Article.objects.filter(piece=piece).values_list("rang", flat=True))) == 3
    browser.post(reverse("wikimarche:article_reinstate", args=[later.pk]))
    assert (
        browser.post(reverse("wikimarche:article_add_after", args=[equipe.article.pk])).status_code
        == 302
    )
    titles = [view.titre for view in read_piece(piece).articles]
    assert titles == ["Délais", "", "Plus tard", "Prix"]


def test_evidence_is_sound_after_restorations(equipe_durable):
    write_a_history(equipe_durable)
    restore_piece(by=equipe_durable.person(), piece=equipe_durable.piece, numero=3)
    report = verify_evidence(chain=equipe_durable.marche.pk)
    assert report.ok, report.breaks


@pytest.mark.attaque("A04")
@pytest.mark.parametrize("role", ["observateur", "commentateur", "moderateur", "juriste"])
def test_who_may_not_write_does_not_restore(equipe, role):
    from procurement.marches.services import share_marche  # noqa: PLC0415

    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    browser, before = equipe.browser(role), state_of(equipe.piece)
    assert browser.post(restore_url(equipe.piece, 1)).status_code == 403
    assert browser.post(article_restore_url(equipe.article), {"version": "1"}).status_code == 403
    assert state_of(equipe.piece) == before


def test_an_article_is_restored_with_or_without_its_number(equipe):
    def number(numerote):
        with versions.writing(
            by=equipe.gestionnaire, piece=equipe.piece, action=Action.ARTICLE_EDIT,
            on=equipe.second, tag="wikimarche:article:numbered", article=equipe.second, structure=True,
        ):  # fmt: skip
            equipe.second.numerote = numerote
            equipe.second.save(update_fields=["numerote"])

    number(False)
    number(True)
    restore_article(by=equipe.person(), article=equipe.second, numero=3)
    equipe.second.refresh_from_db()
    assert equipe.second.numerote is False
    restore_piece(by=equipe.person(), piece=equipe.piece, numero=4)
    equipe.second.refresh_from_db()
    assert equipe.second.numerote is True


def test_restoring_what_has_not_changed_is_a_version_too(equipe):
    url = article_restore_url(equipe.article)
    assert equipe.browser().post(url, {"version": "2"}).status_code == 302
    assert Version.objects.get(piece=equipe.piece, numero=3).genre == "restauration"


@pytest.mark.attaque("A04")
def test_a_frozen_piece_is_not_restored(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    before, browser = state_of(equipe.piece), equipe.browser()
    assert browser.post(restore_url(equipe.piece, 1)).status_code == 409
    assert browser.post(article_restore_url(equipe.article), {"version": "1"}).status_code == 409
    assert state_of(equipe.piece) == before


@pytest.mark.parametrize("numero", [0, 3, 10**8])
def test_a_version_that_is_not_there_is_not_restored(equipe, numero):
    before, browser = state_of(equipe.piece), equipe.browser()
    assert browser.post(restore_url(equipe.piece, numero)).status_code == 404
    assert (
        browser.post(article_restore_url(equipe.article), {"version": str(numero)}).status_code
        == 404
    )
    assert state_of(equipe.piece) == before


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "\x00", "9" * 30])
def test_an_unreadable_version_is_refused(equipe, version):
    answer = equipe.browser().post(article_restore_url(equipe.article), {"version": version})
    assert answer.status_code == 400


def test_an_article_not_yet_born_is_not_restored(equipe):
    answer = equipe.browser().post(article_restore_url(equipe.second), {"version": "1"})
    assert answer.status_code == 404


# ── Comparing; versions of others ───────────────────────────────────────────────────────────────


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
    assert EVENT_WORDS[entry.action] == "a mis en retrait l’article « {article} »{sens}"


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
    sister = PieceFactory(marche=equipe.marche)
    for _ in range(4):
        ArticleFactory(piece=sister)
    browser = equipe.browser()
    for asked in ({"de": 1, "a": 3}, {"de": 3, "a": 1}, {"de": 10**8, "a": 1}, {"de": 0, "a": 1}):
        assert compare(browser, equipe.piece, **asked).status_code == 404
    for asked in (
        {"de": "x", "a": 1},
        {"de": "1", "a": "-1"},
        {"de": "\x00", "a": "1"},
        {"de": "9" * 5000},
    ):
        assert compare(browser, equipe.piece, **asked).status_code == 400
    foreign = make_equipe().piece
    assert compare(browser, foreign, de=1, a=2).status_code == 404


@pytest.mark.attaque("A03")
@pytest.mark.attaque("A05")
@pytest.mark.parametrize("role", ["etranger"])
def test_the_past_is_as_closed_as_the_present(equipe, role):
    browser, piece = equipe.browser(role), equipe.piece
    for name, *args in (
        ("piece_detail",), ("version_list",), ("version_detail", 1), ("seance_detail", 1),
        ("piece_compare",), ("piece_changes",), ("piece_outline",), ("piece_traces",),
    ):  # fmt: skip
        url = reverse(f"wikimarche:{name}", args=[piece.pk, *args])
        assert browser.get(url).status_code == 404, name


def test_the_version_of_another_piece_is_not_found(equipe):
    sister = PieceFactory(marche=equipe.marche)
    url = reverse("wikimarche:version_detail", args=[sister.pk, 1])
    assert equipe.browser().get(url).status_code == 404


# ── Cost ────────────────────────────────────────────────────────────────────────────────────────


def count_queries(act):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def test_history_costs_the_same_with_500_versions(equipe):
    """L6: the number of queries does not grow with the history."""
    piece, browser = equipe.piece, equipe.browser()

    def pages():
        last = last_version(piece)
        found = {
            "sessions": count_queries(lambda: list_seances(piece)),
            "page": count_queries(lambda: read_piece(piece)),
            "state": count_queries(lambda: read_state(piece, last)),
        }
        for name, *args in (
            ("piece_detail",), ("version_list",), ("version_detail", 5), ("piece_compare",),
        ):  # fmt: skip
            url = reverse(f"wikimarche:{name}", args=[piece.pk, *args])
            browser.get(url)
            found[name] = count_queries(lambda url=url: browser.get(url))
        url = reverse("wikimarche:article_detail", args=[equipe.article.pk])
        found["article_detail"] = count_queries(lambda: browser.get(url))
        return found

    people = [equipe.person(), equipe.person("editeur", "autre")]
    for number in range(8):
        type_words(people[number % 2], equipe.article, f"{number} ")
    few = pages()
    for number in range(490):
        type_words(people[number % 2], equipe.article, f"{number} ")
    assert Version.objects.filter(piece=piece).count() == 500
    assert pages() == few
    assert (few["sessions"], few["page"], few["state"]) == (1, 3, 2)


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


def test_the_detail_of_a_session_that_never_was_is_not_found(equipe):
    page = "/pieces/{}/versions/{}/detail/"
    browser = equipe.browser("observateur")
    assert browser.get(page.format(equipe.piece.pk, 1)).status_code == 200
    assert browser.get(page.format(equipe.piece.pk, 99999)).status_code == 404


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

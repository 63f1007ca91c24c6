"""The step authority over HTTP: what a browser sends, what it is answered, what is kept."""

import json
import time
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.access.services import AccessRefused, can
from procurement.access.services.decide import remembering_roles
from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from procurement.marches.domain.variables import BY_PATH
from procurement.marches.enums import RoleParticipation
from procurement.marches.services import change_role, end_participation
from tests.procurement.documents.builders import png
from tests.support.client import Browser
from tests.support.equipe import commit, commits_url, refused, state_of, text_of, words
from tests.support.fils import comment_on
from tests.wikimarche.domain.factories import add_mark, comment, delete, doc, insert, link, p, put
from tests.wikimarche.factories import ArticleFactory, PieceFactory, type_words
from wikimarche.domain.canonical import plain_text
from wikimarche.models import Article, Commit, Version
from wikimarche.permissions import Action
from wikimarche.services import add_image, edits, merge_article, retire_article, withdraw_piece


# ── Applied and answered ────────────────────────────────────────────────────────────────────────


def test_a_commit_is_applied_and_answered(equipe):
    sent = words("Ici, ")
    answer = equipe.browser().send_json(commits_url(equipe.article), sent)
    assert answer.status_code == 200
    data = answer.json()
    equipe.article.refresh_from_db()
    assert (data["numero"], data["version"]) == (1, 3)
    assert data["missing"] == data["dropped"] == []
    assert data["empreinte"] == equipe.article.empreinte
    assert plain_text(equipe.article.corps) == "Ici, Le délai est de trente jours."
    kept = Commit.objects.get(pk=sent["id"])
    assert (kept.numero, kept.base, kept.auteur) == (1, 0, equipe.person())
    assert kept.pas == data["steps"]


def test_the_title_goes_by_its_own_commit(equipe):
    answer = equipe.browser().send_json(
        commits_url(equipe.article), commit(titre="  Délais \n d’exécution ")
    )
    assert answer.json()["titre"] == "Délais d’exécution"
    assert Article.objects.get(pk=equipe.article.pk).titre == "Délais d’exécution"


def test_a_commit_sent_twice_is_applied_once(equipe):
    browser, sent = equipe.browser(), words("Ici, ")
    first, second = (browser.send_json(commits_url(equipe.article), sent) for _ in range(2))
    assert first.json() == second.json()
    assert text_of(equipe.article).count("Ici") == 1
    assert Commit.objects.filter(article=equipe.article).count() == 1


def test_a_commit_sent_again_after_others_is_answered_with_what_it_missed_then(equipe):
    other, browser = equipe.browser("editeur", "autre"), equipe.browser()
    other.send_json(commits_url(equipe.article), words("Un "))
    sent = words("Deux ")
    first = browser.send_json(commits_url(equipe.article), sent).json()
    other.send_json(commits_url(equipe.article), words("Trois ", base=2))
    again = browser.send_json(commits_url(equipe.article), sent).json()
    assert [missed["numero"] for missed in again["missing"]] == [1]
    assert (again["numero"], again["steps"]) == (first["numero"], first["steps"])
    assert text_of(equipe.article).count("Deux") == 1


def test_a_stale_base_is_rebased_and_says_what_it_missed(equipe):
    equipe.browser("editeur", "autre").send_json(commits_url(equipe.article), words("AVANT "))
    answer = equipe.browser().send_json(commits_url(equipe.article), words("fin", at=10)).json()
    assert answer["numero"] == 2
    assert [(m["numero"], m["auteur"]["nom"]) for m in answer["missing"]] == [
        (1, str(equipe.person("editeur", "autre")))
    ]
    assert answer["steps"][0]["from"] == 10 + len("AVANT ")
    assert text_of(equipe.article).startswith("AVANT Le délai")


def test_a_step_without_place_any_more_is_given_back(equipe):
    size = len("Le délai est de trente jours.") + 1
    equipe.browser("editeur", "autre").send_json(
        commits_url(equipe.article), commit(0, delete(1, size))
    )
    mark = add_mark(4, 9, {"type": "strong"})
    sent = commit(0, mark, insert(1, "Ici, "))
    answer = equipe.browser().send_json(commits_url(equipe.article), sent).json()
    assert answer["dropped"] == [0]
    kept = Commit.objects.get(article=equipe.article, numero=2)
    assert kept.ecartes == [{"place": 0, "pas": mark}]


def test_what_was_missed_is_read_by_number(equipe):
    for text in ("Un ", "Deux "):
        type_words(equipe.person(), equipe.article, text)
    browser = equipe.browser("observateur")
    answer = browser.get(commits_url(equipe.article), {"depuis": 1}).json()
    assert [said["numero"] for said in answer["commits"]] == [2]
    whole = browser.get(commits_url(equipe.article), {"depuis": -1}).json()
    assert (whole["numero"], whole["commits"]) == (2, [])
    assert whole["corps"] == Article.objects.get(pk=equipe.article.pk).corps


@pytest.mark.parametrize("depuis", ["9" * 30, "-5", "abc", "", "٣", "1.5", "\x00"])
def test_an_odd_number_gives_the_whole_text(equipe, depuis):
    answer = equipe.browser().get(commits_url(equipe.article), {"depuis": depuis})
    assert answer.status_code == 200
    assert answer.json()["corps"] == equipe.article.corps


# ── Refused: nothing changes ────────────────────────────────────────────────────────────────────


def test_a_base_from_another_article_is_refused(equipe):
    """What a commit follows is nothing, or a commit of its own article."""
    elsewhere = type_words(equipe.person(), equipe.second, "Deux ")
    other = Commit.objects.get(article=equipe.second, numero=elsewhere.numero)
    for prev in (str(other.pk), str(uuid4())):
        refused(equipe, words("x", prev=prev), 409, "precedent")
    first = words("Un ")
    browser = equipe.browser()
    assert browser.send_json(commits_url(equipe.article), first).status_code == 200
    following = words("Deux ", base=1, prev=first["id"])
    answer = browser.send_json(commits_url(equipe.article), following)
    assert answer.status_code == 200, answer.content
    assert str(Commit.objects.get(pk=following["id"]).precedent) == first["id"]


def test_a_base_from_the_future_is_refused(equipe):
    refused(equipe, words("x", base=1), 409, "base_future")


@pytest.mark.parametrize("numero", [-1, 10**9, 10**30])
def test_a_base_that_never_was_is_refused(equipe, numero):
    refused(equipe, words("x", base=numero), 409, "base_future")


def test_a_page_too_far_behind_is_asked_to_reload(equipe, monkeypatch):
    monkeypatch.setattr(edits, "MAX_BEHIND", 2)
    for _ in range(3):
        type_words(equipe.person(), equipe.article, "x")
    refused(equipe, words("x", base=0), 409, "trop_ancien")


def test_the_identifier_of_another_article_is_refused(equipe):
    sent = words("x")
    equipe.browser().send_json(commits_url(equipe.second), sent)
    refused(equipe, sent, 409, "identifiant")


def test_the_identifier_of_another_person_is_refused(equipe):
    sent = words("x")
    equipe.browser("editeur", "autre").send_json(commits_url(equipe.article), sent)
    refused(equipe, sent, 409, "identifiant")


@pytest.mark.attaque("A15")
def test_a_commit_has_the_author_of_its_session_and_no_other_field(equipe):
    other = equipe.person("editeur", "autre")
    for name in ("auteur", "article", "piece", "numero", "instant", "empreinte", "statut"):
        refused(equipe, words("x", **{name: str(other.pk)}), 400)
    equipe.browser().send_json(commits_url(equipe.article), words("x"))
    assert Commit.objects.get(article=equipe.article).auteur == equipe.person()
    assert Version.objects.get(piece=equipe.piece, numero=3).auteur == equipe.person()


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("é" * 300, "é" * 300),
        ("prix \u202e00 5 €", "prix 00 5 €"),
        ("a\x00b", "ab"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", ""),
        (" \t\n ", ""),
    ],
)
def test_odd_titles_are_kept_on_one_line_and_shown_inert(equipe, sent, stored):
    browser = equipe.browser()
    answer = browser.send_json(commits_url(equipe.article), commit(titre=sent))
    assert answer.status_code == 200
    assert Article.objects.get(pk=equipe.article.pk).titre == stored
    for name in ("piece_detail", "version_list", "piece_compare"):
        page = browser.get(reverse(f"wikimarche:{name}", args=[equipe.piece.pk]))
        assert page.status_code == 200
        assert b"<script>alert" not in page.content
    page = browser.get(reverse("wikimarche:article_detail", args=[equipe.article.pk]))
    assert page.status_code == 200
    assert b"<script>alert" not in page.content


def test_two_titles_at_once_are_a_conflict_that_shows_the_other_one(equipe):
    equipe.browser("editeur", "autre").send_json(
        commits_url(equipe.article), commit(titre="Celui de l’autre")
    )
    data = refused(equipe, commit(titre="Le mien"), 409, "titre")
    assert "Celui de l’autre" in data["erreur"]
    same = equipe.browser().send_json(commits_url(equipe.article), commit(titre="Celui de l’autre"))
    assert same.status_code == 200


# ── Rights, step by step ────────────────────────────────────────────────────────────────────────


@pytest.mark.attaque("E04")
@pytest.mark.parametrize("role", ["commentateur", "moderateur"])
def test_who_may_only_comment_cannot_write(equipe, role):
    for sent in (
        words("x"),
        commit(0, delete(1, 5)),
        commit(0, add_mark(1, 5, {"type": "strong"})),
        commit(titre="Autre"),
        commit(0, add_mark(1, 5, comment()), insert(1, "x")),
        commit(0, insert(1, "x", comment())),
    ):
        data = refused(equipe, sent, 403, role=role)
        assert data["erreur"]


def test_a_comment_changes_the_text_of_nobody(equipe):
    before, browser = equipe.article.empreinte, equipe.browser("commentateur")
    own = comment(str(comment_on(browser, equipe.article).pk))
    answer = browser.send_json(commits_url(equipe.article), commit(0, add_mark(1, 9, own)))
    assert answer.status_code == 200
    assert answer.json()["empreinte"] == before
    assert text_of(equipe.article) == "Le délai est de trente jours."


def test_demoted_between_two_commits(equipe):
    browser = equipe.browser()
    assert browser.send_json(commits_url(equipe.article), words("Un ")).status_code == 200
    change_role(
        by=equipe.gestionnaire,
        participation=equipe.participation(equipe.person()),
        role=RoleParticipation.OBSERVATEUR,
    )
    before = state_of(equipe.piece)
    answer = browser.send_json(commits_url(equipe.article), words("Deux ", base=1))
    assert answer.status_code == 403
    assert state_of(equipe.piece) == before


@pytest.mark.attaque("A05")
def test_taken_off_between_two_commits(equipe):
    browser = equipe.browser()
    end_participation(by=equipe.gestionnaire, participation=equipe.participation(equipe.person()))
    before = state_of(equipe.piece)
    answer = browser.send_json(commits_url(equipe.article), words("Deux "))
    assert answer.status_code == 404
    assert browser.get(commits_url(equipe.article)).status_code == 404
    assert state_of(equipe.piece) == before


def test_a_session_that_ended_says_so_in_json(equipe):
    answer = Browser().send_json(commits_url(equipe.article), words("x"))
    assert (answer.status_code, answer.json()["code"]) == (401, "session")


def test_a_retired_article_takes_no_step(equipe):
    retire_article(by=equipe.gestionnaire, article=equipe.article, motif="Doublon")
    refused(equipe, words("x"), 409, "retire")


def test_an_article_merged_says_by_whom_and_into_which(equipe):
    merge_article(by=equipe.gestionnaire, article=equipe.second)
    browser, url = equipe.browser(), commits_url(equipe.second)
    said = f"{equipe.gestionnaire} a fusionné cet article dans «\u202fDélais\u202f»\u202f: son texte y est."
    refusal = browser.send_json(url, words("x"))
    assert (refusal.status_code, refusal.json()["erreur"]) == (409, said)
    retrait = browser.get(f"{url}?depuis=-1").json()["retrait"]
    assert retrait == {"raison": said, "dans": str(equipe.article.pk)}


def test_retired_while_the_commit_was_on_its_way(equipe):
    """The gate saw an active article; the service looks again under the lock."""
    retire_article(by=equipe.gestionnaire, article=equipe.article, motif="Doublon")
    with pytest.raises(edits.EditRefused) as refusal:
        type_words(equipe.person(), equipe.article, "x")
    assert (refusal.value.status, refusal.value.code) == (409, "retire")


def test_frozen_while_the_commit_was_on_its_way(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    with pytest.raises(AccessRefused) as refusal:
        type_words(equipe.person(), equipe.article, "x")
    assert (refusal.value.status, refusal.value.code) == (409, "fige")


def test_a_role_taken_away_while_the_commit_was_on_its_way(equipe):
    """What the gate of the request has read does not count any more under the lock."""
    by = equipe.person()
    with remembering_roles():
        assert can(by, Action.ARTICLE_EDIT, equipe.article)
        end_participation(by=equipe.gestionnaire, participation=equipe.participation(by))
        with pytest.raises(edits.EditRefused) as refusal:
            type_words(by, equipe.article, "x")
        assert not can(by, Action.ARTICLE_EDIT, equipe.article)
    assert (refusal.value.status, refusal.value.code) == (403, "droit")


def test_a_frozen_piece_takes_no_step(equipe):
    withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)
    data = refused(equipe, words("x"), 409, "fige")
    assert "figé" in data["erreur"]


# ── Really committed, at the same instant ───────────────────────────────────────────────────────


def test_the_same_commit_sent_twice_at_once_is_applied_once(equipe_durable, at_once):
    equipe, sent = equipe_durable, words("Ici, ")
    browsers = [equipe.browser(), Browser(equipe.person())]
    first, second = at_once(
        *(lambda b=b: b.send_json(commits_url(equipe.article), sent).json() for b in browsers)
    )
    assert first == second
    assert first["numero"] == 1
    assert text_of(equipe.article).count("Ici") == 1
    assert Commit.objects.filter(article=equipe.article).count() == 1


def test_two_people_who_type_at_once_lose_nothing(equipe_durable, at_once):
    """50 commits each on one article: dense numbers, one journal row a commit, evidence sound."""
    equipe, rounds = equipe_durable, 50
    people = {"a": equipe.person("editeur", "a"), "b": equipe.person("editeur", "b")}
    before = journal_rows(equipe)

    def type_fifty(sign):
        browser, base, prev, wrong = Browser(people[sign]), 0, None, []
        for number in range(rounds):
            sent = words(f"{sign}{number:02d} ", base=base, prev=prev)
            answer = browser.send_json(commits_url(equipe.article), sent)
            data = answer.json()
            if answer.status_code != 200 or data["dropped"]:
                wrong.append(data)
            base, prev = data.get("numero", base), sent["id"]
        return wrong

    wrong = at_once(lambda: type_fifty("a"), lambda: type_fifty("b"))
    assert wrong == [[], []]
    text = text_of(equipe.article)
    for sign in "ab":
        for number in range(rounds):
            assert text.count(f"{sign}{number:02d} ") == 1
    numbers = list(Commit.objects.filter(article=equipe.article).values_list("numero", flat=True))
    assert numbers == list(range(1, 2 * rounds + 1))
    versions = Version.objects.filter(piece=equipe.piece).order_by("numero")
    assert list(versions.values_list("numero", flat=True)) == list(range(1, 2 * rounds + 3))
    assert journal_rows(equipe) - before == 2 * rounds
    report = verify_evidence(chain=equipe.marche.pk)
    assert report.ok, report.breaks


def journal_rows(equipe):
    return len(list_entries(equipe.marche.pk, action="wikimarche:article:edited", limit=10_000))


def test_people_on_two_articles_do_not_hinder_each_other(equipe_durable, at_once):
    equipe = equipe_durable
    one, two = equipe.browser("editeur", "a"), equipe.browser("editeur", "b")

    def type_ten(browser, article):
        return [
            browser.send_json(commits_url(article), words(f"{n} ", base=n)).status_code
            for n in range(10)
        ]

    results = at_once(lambda: type_ten(one, equipe.article), lambda: type_ten(two, equipe.second))
    assert results == [[200] * 10] * 2


def test_long_text_is_saved_as_fast_as_a_short_one(equipe):
    """A clause of 40 000 signs: still an edit of one second at most for the person."""
    long = ArticleFactory(
        piece=equipe.piece, corps=doc(*(p("mot " * 250, id=f"bbbbbb{n:03d}") for n in range(40)))
    )
    browser = equipe.browser()
    start = time.process_time()
    for base in range(5):
        answer = browser.send_json(commits_url(long), words("x ", base=base))
        assert answer.status_code == 200
    assert time.process_time() - start < 5 * 0.5
    assert json.loads(json.dumps(answer.json()))["numero"] == 5


# ── Values sent by hand ─────────────────────────────────────────────────────────────────────────


def put_image(fichier):
    """A step that puts an image after the first paragraph."""
    attrs = {"id": "imageaaa", "fichier": str(fichier), "alt": "Plan"}
    content = [{"type": "image", "attrs": attrs}]
    return {"stepType": "replace", "from": 0, "to": 0, "slice": {"content": content}}


@pytest.mark.parametrize("owner", ["nobody", "another pièce"])
def test_an_image_that_is_not_of_the_piece_is_refused(equipe, owner):
    fichier = uuid4()
    if owner != "nobody":
        other = PieceFactory(marche=equipe.marche)
        fichier = add_image(by=equipe.person(), piece=other, content=png(4, 4), nom="a.png").pk
    state = state_of(equipe.piece)
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(0, put_image(fichier)))
    assert answer.status_code == 400
    assert "image" in answer.json()["erreur"]
    assert state_of(equipe.piece) == state


def test_an_image_of_the_piece_is_taken_at_the_price_of_one_query(equipe):
    made = add_image(by=equipe.person(), piece=equipe.piece, content=png(4, 4), nom="a.png")
    browser = equipe.browser()
    with CaptureQueriesContext(connection) as without:
        assert browser.send_json(commits_url(equipe.article), words("Ici, ")).status_code == 200
    with CaptureQueriesContext(connection) as held:
        sent = commit(1, put_image(made.pk))
        assert browser.send_json(commits_url(equipe.article), sent).status_code == 200
    asked = [row for row in held.captured_queries if "wikimarche_image" in row["sql"]]
    assert len(asked) == 1
    assert not [row for row in without.captured_queries if "wikimarche_image" in row["sql"]]


def test_a_title_too_long_is_refused_and_nothing_is_cut(equipe):
    state = state_of(equipe.piece)
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(titre="x" * 5000))
    assert answer.status_code == 400
    assert "300 au plus" in answer.json()["erreur"]
    assert state_of(equipe.piece) == state
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(titre="x" * 300))
    assert answer.json()["titre"] == "x" * 300


def test_a_title_never_reads_backwards(equipe):
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(titre="Prix\u202e 5"))
    assert answer.json()["titre"] == "Prix 5"


def test_typed_text_that_reads_backwards_is_kept_and_shown(equipe):
    sent = words("prix \u202e00 5 € ")
    assert equipe.browser().send_json(commits_url(equipe.article), sent).status_code == 200
    assert "\u202e" in text_of(equipe.article)
    page = equipe.browser().get(equipe.piece.get_absolute_url()).content.decode()
    assert "prix ␦00 5 €" in page


def test_a_datum_of_the_fiche_is_taken(equipe):
    chemin = next(iter(BY_PATH))
    node = {"type": "variable", "attrs": {"chemin": chemin}}
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(0, put(node, at=1)))
    assert answer.status_code == 200


def test_a_text_beyond_the_limit_shrinks_and_never_grows(equipe):
    """However it came to be so long, it must be possible to cut it."""
    long = ArticleFactory(
        piece=equipe.piece,
        corps=doc(*(p("mot " * 250, id=f"cccccc{n:04d}") for n in range(220))),
    )
    refused(equipe, commit(0, insert(1, "x")), 400, "invalide", article=long)
    answer = equipe.browser().send_json(commits_url(long), commit(0, delete(1, 5)))
    assert answer.status_code == 200
    assert Article.objects.get(pk=long.pk).corps["content"][0]["content"][0]["text"][:4] == "mot "


def test_the_history_of_an_article_shows_signs_that_turn_a_text(equipe):
    sent = words("prix \u202e00 5 € ")
    assert equipe.browser().send_json(commits_url(equipe.article), sent).status_code == 200
    page = (
        equipe.browser()
        .get(reverse("wikimarche:article_detail", args=[equipe.article.pk]))
        .content.decode()
    )
    assert "prix ␦00 5 €" in page
    assert "\u202e" not in page


def test_a_title_that_nobody_would_see_is_no_title(equipe):
    """An article without a title is shown as such; a pièce must have one."""
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(titre="\u200b\u2060"))
    assert answer.json()["titre"] == ""


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\u2060", "\u061c", "\ufeff", "\u2066"])
def test_an_address_with_an_invisible_sign_is_refused(equipe, sign):
    before = state_of(equipe.piece)
    step = add_mark(1, 3, link(f"https://exemple.example/{sign}fdp.exe"))
    answer = equipe.browser().send_json(commits_url(equipe.article), commit(0, step))
    assert answer.status_code == 400
    assert "Un lien" in answer.json()["erreur"]
    assert state_of(equipe.piece) == before

"""A09: an identifier of somebody else's, inside a request on something of one's own.

What an address names is held by the gate (test_rights.py); here, what a form, a query or a body names.
"""

from uuid import uuid4

import pytest
from django.urls import reverse

from procurement.jobs.services import run_job
from procurement.marches.models import Critere, Lot
from procurement.marches.services import set_criteres, set_lots
from tests.procurement.documents.builders import png
from tests.procurement.marches.factories import CRITERES
from tests.support.equipe import commit, commits_url, make_equipe, state_of
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.models import Importation, Presence
from wikimarche.services import add_image, receive_document


pytestmark = pytest.mark.attaque("A09")
SECRET = "Titre secret d’ailleurs"


@pytest.fixture
def ours(equipe):
    return equipe


@pytest.fixture
def theirs(base):
    equipe = make_equipe()
    equipe.secret = ArticleFactory(piece=equipe.piece, titre=SECRET, texte=SECRET)
    return equipe


def images_of(article, fichier):
    image = {"type": "image", "attrs": {"id": "aaaaaaaaa", "fichier": str(fichier), "alt": "Plan"}}
    return commit(0, {"stepType": "replace", "from": 0, "to": 0, "slice": {"content": [image]}})


def test_the_image_of_another_marche_does_not_enter_a_text(ours, theirs):
    foreign = add_image(
        by=theirs.gestionnaire, piece=theirs.piece, content=png(40, 20), nom="plan.png"
    )
    own = add_image(by=ours.gestionnaire, piece=ours.piece, content=png(30, 20), nom="plan.png")
    before, browser = state_of(ours.piece), ours.browser()
    answers = [
        browser.send_json(commits_url(ours.article), images_of(ours.article, pk))
        for pk in (foreign.pk, uuid4())
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()
    assert state_of(ours.piece) == before
    answer = browser.send_json(commits_url(ours.article), images_of(ours.article, own.pk))
    assert answer.status_code == 200


def test_a_reference_to_an_article_elsewhere_says_nothing_of_it(ours, theirs):
    shown = []
    for pk in (theirs.secret.pk, uuid4()):
        node = {"type": "renvoi", "attrs": {"article": str(pk)}}
        step = {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": [node]}}
        base = ours.article.numero
        answer = ours.browser().send_json(commits_url(ours.article), commit(base, step))
        ours.article.refresh_from_db()
        for url in (
            ours.piece.get_absolute_url(),
            reverse("wikimarche:article_detail", args=[ours.article.pk]),
        ):
            page = ours.browser().get(url).content.decode()
            assert SECRET not in page
            assert str(theirs.secret.pk) not in page or answer.status_code == 200
        shown.append(answer.status_code)
    assert shown[0] == shown[1]


def test_nobody_is_shown_writing_in_an_article_of_another_piece(ours, theirs):
    url = reverse("wikimarche:piece_changes", args=[ours.piece.pk])
    answer = ours.browser().get(url, {"version": 0, "article": str(theirs.article.pk)})
    assert answer.status_code == 200
    assert Presence.objects.get(user=ours.person()).article_id is None
    assert not Presence.objects.filter(piece=theirs.piece).exists()


def rows_of(kind, theirs):
    by, marche = theirs.gestionnaire, theirs.marche
    if kind is Lot:
        (row,) = set_lots(by=by, marche=marche, lots=[{"intitule": SECRET}])
    else:
        row = set_criteres(by=by, marche=marche, criteres=CRITERES)[0]
    return row


@pytest.mark.parametrize("kind", [Lot, Critere])
def test_a_row_of_another_marche_is_neither_shown_nor_changed(ours, theirs, kind):
    row = rows_of(kind, theirs)
    route = {Lot: "marches:lots_set", Critere: "marches:criteres_set"}[kind]
    url = reverse(route, args=[ours.marche.pk])
    told = []
    for pk in (row.pk, uuid4()):
        data = {
            "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": str(pk), "ordre": "0",
            "form-0-intitule": "À nous", "form-0-nature": "prix", "form-0-poids": "50",
            "marche": str(theirs.marche.pk), "lot": str(row.pk),
        }  # fmt: skip
        answer = ours.browser("gestionnaire").post(url, data)
        told.append(answer.status_code)
        assert SECRET not in answer.content.decode()
    assert told[0] == told[1]
    before = row.intitule
    row.refresh_from_db()
    assert (row.intitule, row.marche_id, row.retire) == (before, theirs.marche.pk, False)


def draft_of(equipe, words):
    importation, job = receive_document(
        by=equipe.gestionnaire,
        piece=equipe.piece,
        content=f"# {words}\n\n{words}.\n".encode(),
        nom="texte.md",
    )
    run_job(job.pk)
    importation.refresh_from_db()
    return importation, importation.decoupage["articles"][0]["id"]


def test_the_draft_of_another_is_not_corrected_through_ones_own(ours, theirs):
    own, _ = draft_of(ours, "Le nôtre")
    foreign, article = draft_of(theirs, SECRET)
    browser = ours.browser("gestionnaire")
    url = reverse("wikimarche:importation_detail", args=[own.pk])
    assert SECRET not in browser.get(url, {"article": article}).content.decode()
    url = reverse("wikimarche:importation_correct", args=[own.pk])
    told = []
    for one in (article, str(uuid4())):
        data = {"numero": own.numero, "op": "renommer", "article": one, "titre": "À nous"}
        told.append(browser.post(url, data).status_code)
    assert told[0] == told[1] >= 400
    assert Importation.objects.get(pk=foreign.pk).decoupage == foreign.decoupage
    assert Importation.objects.get(pk=own.pk).decoupage == own.decoupage


def test_a_version_that_only_another_piece_has_is_not_found(ours, theirs):
    """Versions are named by their number in the pièce: a longer pièce lends none to a shorter one."""
    other = PieceFactory(marche=ours.marche)
    for _ in range(6):
        ArticleFactory(piece=other)
    browser = ours.browser()
    for route, method in (("version_detail", "get"), ("piece_restore", "post")):
        url = reverse(f"wikimarche:{route}", args=[ours.piece.pk, 6])
        assert getattr(browser, method)(url).status_code == 404
    url = reverse("wikimarche:piece_compare", args=[ours.piece.pk])
    assert browser.get(url, {"de": 1, "a": 6}).status_code in (400, 404)
    url = reverse("wikimarche:article_restore", args=[ours.article.pk])
    assert browser.post(url, {"version": 6}).status_code == 404


def test_a_form_does_not_move_its_object_elsewhere(ours, theirs):
    """Identifiers of the parent added to a form are not read."""
    browser = ours.browser("gestionnaire")
    data = {
        "titre": "Renommée", "type": "CCAP", "piece": str(theirs.piece.pk),
        "marche": str(theirs.marche.pk), "organisation": str(theirs.marche.organisation_id),
    }  # fmt: skip
    before = theirs.marche.pieces.count()
    assert (
        browser.post(reverse("wikimarche:piece_rename", args=[ours.piece.pk]), data).status_code
        == 302
    )
    assert (
        browser.post(reverse("wikimarche:piece_create", args=[ours.marche.pk]), data).status_code
        == 302
    )
    assert (
        browser.post(reverse("wikimarche:article_add", args=[ours.piece.pk]), data).status_code
        == 302
    )
    assert theirs.marche.pieces.count() == before
    assert theirs.piece.articles.count() == 3
    assert ours.marche.pieces.count() == 2


def test_the_same_requests_on_ones_own_pass(ours):
    """Positive control: what is refused above is refused for its identifier."""
    row = rows_of(Lot, ours)
    data = {
        "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0, "form-0-id": str(row.pk),
        "form-0-intitule": "Changé", "ordre": "0",
    }  # fmt: skip
    url = reverse("marches:lots_set", args=[ours.marche.pk])
    assert ours.browser("gestionnaire").post(url, data).status_code == 302
    own, article = draft_of(ours, "Le nôtre")
    url = reverse("wikimarche:importation_correct", args=[own.pk])
    data = {"numero": own.numero, "op": "renommer", "article": article, "titre": "Changé"}
    assert ours.browser("gestionnaire").post(url, data).status_code == 302
    url = reverse("wikimarche:piece_changes", args=[ours.piece.pk])
    ours.browser().get(url, {"version": 0, "article": str(ours.article.pk)})
    assert Presence.objects.get(user=ours.person()).article_id == ours.article.pk

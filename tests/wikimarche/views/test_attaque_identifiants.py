"""Tried beyond the list, on the served site: what the identifiers of somebody else open, what hides a word once written.

What is somebody else's carries a word that nobody else may see; every answer is searched for it.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.urls import reverse

from procurement.accounts.services import edit_profile
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.models import Participation
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.documents.builders import png
from tests.procurement.marches.factories import InvitationFactory
from tests.support.canary import Oracle
from tests.support.client import plain
from tests.support.equipe import commit, commits_url, make_equipe, state_of, text_of, words
from tests.wikimarche.domain.factories import add_mark, insert, link
from tests.wikimarche.factories import ArticleFactory, type_words
from wikimarche.enums import FormatExport
from wikimarche.models import Commit, Version
from wikimarche.selectors import last_version
from wikimarche.services import add_image, ask_export, name_version


SECRET = "motdailleurs5d20"
EDITED = "wikimarche:article:edited"


@pytest.fixture
def theirs(base, browse):
    """Somebody else's: an article just written in, its commit, an image, an export."""
    equipe = make_equipe(browse)
    by = equipe.gestionnaire
    equipe.secret = ArticleFactory(piece=equipe.piece, titre=SECRET, texte=SECRET)
    type_words(by, equipe.secret, f"{SECRET} ")
    equipe.commit = Commit.objects.get(article=equipe.secret)
    equipe.image = add_image(by=by, piece=equipe.piece, content=png(43, 29), nom=f"{SECRET}.png")
    equipe.job = ask_export(by=by, piece=equipe.piece, format=FormatExport.MD)
    run_job(equipe.job.pk)
    return equipe


def states(*equipes):
    return [state_of(equipe.piece) for equipe in equipes]


# ── To read the draft of somebody else ──────────────────────────────────────────────────────────


@pytest.mark.attaque("A09")
@pytest.mark.parametrize("place", ["id", "prev", "before"])
def test_the_identifier_of_a_save_made_elsewhere_says_nothing_of_it(equipe, theirs, place):
    """As a save already received, as the one before, as the one typed on top of it."""
    before, told = states(equipe, theirs), str(theirs.commit.pk)
    sent = words("Nos mots. ")
    if place == "before":
        sent["before"] = {**words("Nos mots. "), "id": told}
    else:
        sent[place] = told
    for article in (equipe.article, equipe.second):
        answer = equipe.browser().send_json(commits_url(article), sent)
        assert answer.status_code in (400, 409)
        assert SECRET not in answer.text
    assert states(equipe, theirs) == before


@pytest.mark.attaque("A01")
def test_to_say_that_one_reads_an_article_of_somebody_else_does_not_show_it(equipe, theirs):
    """« Who is here » bears an article: neither its title nor its place reaches anybody."""
    changes = reverse("wikimarche:piece_changes", args=[equipe.piece.pk])
    for browser in (equipe.browser(), equipe.browser("observateur")):
        answer = browser.get(changes, {"article": str(theirs.secret.pk), "version": "0"})
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert str(theirs.secret.pk) not in answer.text
    elsewhere = reverse("wikimarche:piece_changes", args=[theirs.piece.pk])
    seen = theirs.browser("observateur").get(elsewhere).json()["presence"]
    assert str(equipe.person().pk) not in {row["id"] for row in seen}


@pytest.mark.attaque("A15")
@pytest.mark.parametrize("format", FormatExport.values)
def test_an_export_of_ones_own_names_no_object_of_somebody_else(equipe, theirs, format):
    """Fields that the form does not have: another pièce, another job, another asker."""
    extra = {
        "piece": theirs.piece.pk, "marche": theirs.marche.pk, "article": theirs.secret.pk,
        "objet": theirs.piece.pk, "travail": theirs.job.pk, "demandeur": theirs.gestionnaire.pk,
        "requested_by": theirs.gestionnaire.pk, "fichier": theirs.job.pk, "params": "{}",
    }  # fmt: skip
    browser, url = equipe.browser(), reverse("wikimarche:piece_export", args=[equipe.piece.pk])
    assert browser.post(url, {"format": format, **extra}).status_code == 302
    job = Job.objects.filter(requested_by=equipe.person()).latest("created_at")
    assert (job.objet, str(job.requested_by_id)) == (equipe.piece.pk, str(equipe.person().pk))
    run_job(job.pk)
    content = b"".join(browser.get(reverse("documents:job_download", args=[job.pk])))
    layers = [content, *Oracle().texts_of(content)]
    assert not any(SECRET.encode() in layer for layer in layers)
    assert any(b"trente jours" in layer for layer in layers), "its own words are there"


@pytest.mark.attaque("A08")
def test_an_invitation_gives_the_role_it_offers_whatever_is_sent_with_it(base, browse, theirs):
    """Accepted with another role, another marché, in the name of another person."""
    guest, marche = UserFactory(without_password=True), make_equipe().marche
    invitation = InvitationFactory(marche=marche, email=guest.email, role="observateur")
    sent = {
        "role": "gestionnaire", "marche": theirs.marche.pk, "user": theirs.gestionnaire.pk,
        "email": theirs.gestionnaire.email, "invitation": uuid4(), "is_active": "on",
    }  # fmt: skip
    browser = browse(guest)
    accept = reverse("marches:invitation_accept", args=[invitation.pk])
    assert browser.post(accept, sent).status_code == 302
    (taken,) = Participation.objects.filter(user=guest)
    assert (taken.marche_id, taken.role) == (marche.pk, "observateur")
    assert browser.get(theirs.marche.get_absolute_url()).status_code == 404


@pytest.mark.attaque("A01")
def test_who_already_holds_the_bytes_of_an_image_is_not_told_that_it_is_kept(equipe, theirs):
    """« Has it changed? », asked with the right answer in hand: a 304 would say that it is there."""
    own = theirs.browser("gestionnaire")
    foreign = equipe.browser("etranger")
    export = reverse("documents:job_download", args=[theirs.job.pk])
    for url in (reverse("wikimarche:image", args=[theirs.image.pk]), export):
        held = own.get(url)
        assert held.status_code == 200
        known = {
            "HTTP_IF_NONE_MATCH": held.get("ETag", '"x"') + ", *",
            "HTTP_IF_MODIFIED_SINCE": held.get("Last-Modified", "Mon, 23 Nov 2099 12:00:00 GMT"),
        }
        nowhere = foreign.get(url.replace(url.split("/")[2], str(uuid4())), **known)
        for asked in (known, {**known, "HTTP_RANGE": "bytes=0-"}, {"HTTP_IF_MATCH": "*"}):
            answer = foreign.get(url, **asked)
            assert answer.status_code == 404
            assert plain(answer) == plain(nowhere)


@pytest.mark.attaque("A09")
def test_the_history_of_a_marche_lists_no_act_of_another(equipe, theirs):
    """Filtered by the acts, the people, the objects and the chain of somebody else."""
    browser = equipe.browser("gestionnaire")
    url = reverse("marches:history_read", args=[equipe.marche.pk])
    for asked in (
        {"acteur": f"acheteur:{theirs.gestionnaire.pk}"},
        {"chaine": theirs.marche.pk, "marche": theirs.marche.pk},
        {"objet": f"wikimarche_article:{theirs.secret.pk}", "article": theirs.secret.pk},
        {"famille": "wikimarche:", "avant": 10**6},
        {"acteur": "' OR '1'='1", "famille": "%"},
    ):
        answer = browser.get(url, asked)
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert str(theirs.gestionnaire) not in answer.text
        assert str(theirs.marche.pk) not in answer.text


# ── To rewrite one word of the past ─────────────────────────────────────────────────────────────


def past_of(equipe, numero: int) -> str:
    url = reverse("wikimarche:version_detail", args=[equipe.piece.pk, numero])
    return equipe.browser("observateur").get(url).text


def comparison(equipe, de: int, a: int) -> str:
    url = reverse("wikimarche:piece_compare", args=[equipe.piece.pk])
    return equipe.browser("observateur").get(url, {"de": de, "a": a}).text


@pytest.mark.attaque("A04")
def test_a_version_named_again_keeps_the_name_it_had(equipe):
    """« Relue par les juristes » is not made « Jamais relue » after the fact."""
    by = equipe.gestionnaire
    first = name_version(by=by, piece=equipe.piece, nom="Relue par les juristes")
    url = reverse("wikimarche:version_name", args=[equipe.piece.pk])
    sent = {"nom": "Jamais relue", "version": first, "numero": first, "instant": "2020-01-01"}
    assert equipe.browser("gestionnaire").post(url, sent).status_code == 302
    kept = Version.objects.get(piece=equipe.piece, numero=first)
    made = last_version(equipe.piece)
    assert (kept.nom, made.nom) == ("Relue par les juristes", "Jamais relue")
    assert made.numero == first + 1
    assert made.instant > kept.instant
    assert "Relue par les juristes" in past_of(equipe, first)


@pytest.mark.attaque("A04")
def test_a_piece_taken_out_of_the_marche_takes_no_word_with_it(equipe):
    """Withdrawn by its gestionnaire to bury what it said: every version is still read."""
    browser = equipe.browser("gestionnaire")
    equipe.browser().send_json(commits_url(equipe.article), words("Quinze. "))
    last = last_version(equipe.piece).numero
    past = {numero: "Quinze." in past_of(equipe, numero) for numero in range(1, last + 1)}
    gone = browser.post(reverse("wikimarche:piece_withdraw", args=[equipe.piece.pk]))
    assert gone.status_code == 302
    assert {numero: "Quinze." in past_of(equipe, numero) for numero in past} == past
    assert past[last]
    history = browser.get(reverse("marches:history_read", args=[equipe.marche.pk])).text
    assert "retiré" in history
    answer = equipe.browser().send_json(commits_url(equipe.article), words("Après. ", 1))
    assert answer.status_code == 409


@pytest.mark.attaque("A04")
def test_the_target_of_a_link_is_not_changed_without_the_comparison_saying_so(equipe):
    """The words stay the same; where they lead does not."""
    target, other = "https://droit.example/trente", "https://droit.example/quinze"
    linked = insert(1, "Voir le texte. ", link(target))
    assert (
        equipe.browser().send_json(commits_url(equipe.article), commit(0, linked)).status_code
        == 200
    )
    de = last_version(equipe.piece).numero
    end = 1 + len("Voir le texte. ")
    removed = {**add_mark(1, end, link(target)), "stepType": "removeMark"}
    changed = commit(1, removed, add_mark(1, end, link(other)))
    assert equipe.browser().send_json(commits_url(equipe.article), changed).status_code == 200
    a = last_version(equipe.piece).numero
    assert a == de + 1
    assert target in past_of(equipe, de)
    assert other not in past_of(equipe, de)
    page = comparison(equipe, de, a)
    assert "Changement 1 sur 1" in page
    assert target in page
    assert other in page


@pytest.mark.attaque("A04")
def test_one_identifier_sent_twice_at_once_with_other_words_writes_once(equipe):
    """Two requests in the same instant, under one identifier: one text stands, the other is told nothing new."""
    url = commits_url(equipe.article)
    for turn in range(4):
        identifier = str(uuid4())
        sent = [
            {**words(f"{text}{turn}. ", turn), "id": identifier} for text in ("Trente", "Quinze")
        ]
        browsers = [equipe.browser() for _ in sent]
        with ThreadPoolExecutor(2) as both:
            asked = [
                both.submit(browser.send_json, url, each)
                for browser, each in zip(browsers, sent, strict=True)
            ]
            answers = [each.result() for each in asked]
        assert {answer.status_code for answer in answers} <= {200, 409}
        text = text_of(equipe.article)
        assert (f"Trente{turn}." in text) + (f"Quinze{turn}." in text) == 1
        assert Commit.objects.filter(pk=identifier).count() == 1


@pytest.mark.attaque("A04")
def test_who_takes_the_name_of_a_colleague_does_not_give_her_what_he_wrote(equipe):
    """Screens call people by their name of today; the history keeps that of the day, and the change its line."""
    author, victim = equipe.person(), equipe.gestionnaire
    before = str(author)
    equipe.browser().send_json(commits_url(equipe.article), words("Quinze. "))
    edit_profile(by=author, prenom=victim.prenom, nom=victim.nom)
    author.refresh_from_db()
    assert str(author) == str(victim)
    history = reverse("marches:history_read", args=[equipe.marche.pk])
    acting = f"acheteur:{author.pk}"
    told = equipe.browser("gestionnaire").get(history, {"acteur": acting, "famille": EDITED})
    assert before in told.text
    (line,) = list_entries(equipe.marche.pk, action=EDITED)
    assert line.acteur == acting
    (change,) = list_entries(PLATFORM_CHAIN, acteur=acting, action="accounts:")
    assert before in json.dumps(change.corps, ensure_ascii=False)

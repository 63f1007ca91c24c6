"""A role limited to one pièce: who gives it, what it shows, and how it is said."""

import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from procurement.access.services import AccessRefused
from procurement.audit.services import recording, verify_evidence
from procurement.jobs.models import Job
from procurement.jobs.selectors import list_jobs
from procurement.jobs.services import run_job
from procurement.marches.enums import PORTEE_HELP, RoleParticipation
from procurement.marches.models import Invitation, Participation
from procurement.marches.services import (
    accept_invitation,
    change_role,
    invite_participant,
    share_marche,
)
from procurement.organisations.enums import Fonction
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import InvitationFactory, ParticipationFactory
from tests.procurement.organisations.factories import MembershipFactory
from tests.support.client import Browser
from tests.support.equipe import commit, commits_url, state_of
from tests.wikimarche.domain.factories import insert
from tests.wikimarche.factories import ArticleFactory, PieceFactory
from wikimarche.enums import FormatExport
from wikimarche.selectors import importations_open_to, pieces_visible_to, waiting_readings
from wikimarche.services import (
    ask_export,
    commit_edit,
    create_piece,
    receive_document,
    submit_piece,
    withdraw_piece,
)


HERS, OTHER = "Cahier qui est le sien", "Cahier qui ne se voit pas"


@pytest.fixture
def hers(equipe):
    """The pièce of the person who is limited, with one article."""
    piece = PieceFactory(marche=equipe.marche, titre=HERS)
    ArticleFactory(piece=piece, titre="Nacelles", texte="Les nacelles sont fournies.")
    return piece


@pytest.fixture
def other(equipe):
    piece = PieceFactory(marche=equipe.marche, titre=OTHER)
    ArticleFactory(piece=piece, titre="Nacelles cachées", texte="Des nacelles, encore.")
    return piece


@pytest.fixture
def limited(equipe, hers):
    """An éditrice whose role holds for her pièce only."""
    return ParticipationFactory(marche=equipe.marche, portee=hers.pk).user


def change(equipe, user, role="editeur", **data):
    url = reverse("marches:participation_change", args=[equipe.participation(user).pk])
    answer = equipe.browser("gestionnaire").post(url, {"role": role, **data}, follow=True)
    return answer.content.decode()


def on_one_line(text):
    return re.sub(r"[ \n]+", " ", text)


def invite(equipe, **data):
    url = reverse("marches:invitation_create", args=[equipe.marche.pk])
    sent = {"email": "bureau@etudes.example", "role": "editeur", **data}
    return equipe.browser("gestionnaire").post(url, sent).content.decode()


# ── What she sees ───────────────────────────────────────────────────────────────────────────────


def test_the_page_of_the_marche_shows_the_fiche_and_her_piece_alone(equipe, limited, other):
    answer = Browser(limited).get(equipe.marche.get_absolute_url())
    page = answer.content.decode()
    assert not {"personnes", "points", "manques", "invitations"} & answer.context.keys()
    assert HERS in page
    assert "La fiche" in page
    assert f"sur «\u202f{HERS}\u202f» seulement" in page
    for hidden in (OTHER, str(equipe.piece), "Prochaine étape", "Qui y"):
        assert hidden not in page, hidden
    # Positive control: all of it is there for a colleague.
    page = equipe.browser().get(equipe.marche.get_absolute_url()).content.decode()
    for shown in (HERS, OTHER, str(equipe.piece), "Qui y travaille"):
        assert shown in page, shown


def test_what_is_refused_to_her_on_the_marche_says_why(equipe, limited):
    answer = Browser(limited).get(reverse("wikimarche:piece_create", args=[equipe.marche.pk]))
    assert answer.status_code == 403
    assert "Votre rôle ne vaut que sur une pièce de ce marché." in answer.content.decode()


def test_a_search_finds_what_is_in_her_piece_only(equipe, limited, other):
    url = reverse("wikimarche:search_read")
    page = Browser(limited).get(url, {"q": "nacelles"}).content.decode()
    assert HERS in page
    assert OTHER not in page
    assert "cachées" not in page
    assert HERS in Browser(limited).get(url, {"q": "cahier"}).content.decode()
    assert OTHER not in Browser(limited).get(url, {"q": "cahier"}).content.decode()
    assert OTHER in equipe.browser().get(url, {"q": "nacelles"}).content.decode()


def test_only_her_piece_waits_for_her_reading(equipe, limited, hers, other):
    for piece in (hers, other):
        submit_piece(by=equipe.gestionnaire, piece=piece)
    assert [waiting.titre for waiting in waiting_readings(limited)] == [HERS]
    assert len(list(waiting_readings(equipe.person()))) == 2
    assert OTHER not in Browser(limited).get("/").content.decode()


def test_a_document_to_check_elsewhere_is_hers_no_more(equipe, hers, other):
    user = equipe.person()
    for piece in (hers, other):
        _, job = receive_document(by=user, piece=piece, content=b"# Un titre\n", nom="a.md")
        run_job(job.pk)
    assert importations_open_to(user).count() == 2
    change_role(
        by=equipe.gestionnaire,
        participation=equipe.participation(user),
        role=RoleParticipation.EDITEUR,
        portee=hers.pk,
    )
    assert [one.piece for one in importations_open_to(user)] == [hers]


def test_an_export_asked_before_leads_nowhere_any_more(equipe, hers, other):
    user = equipe.person()
    jobs = [ask_export(by=user, piece=piece, format=FormatExport.MD) for piece in (hers, other)]
    for job in jobs:
        run_job(job.pk)
    change(equipe, user, portee=str(hers.pk))
    pages = {job.pk: job.page.retour for job in list_jobs(user)}
    assert [pages[job.pk] for job in jobs] == [HERS, ""]
    for job, status in zip(jobs, (200, 403), strict=True):
        answer = equipe.browser().get(reverse("documents:job_download", args=[job.pk]))
        assert answer.status_code == status
        assert (status == 403) or b"nacelles" in b"".join(answer.streaming_content)


def test_an_export_of_another_piece_is_not_run_for_her(equipe, hers, other):
    """Asked, then limited, then run: the job asks again."""
    user = equipe.person()
    job = ask_export(by=user, piece=other, format=FormatExport.MD)
    change(equipe, user, portee=str(hers.pk))
    run_job(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert job.statut != "fait"
    assert "fichier" not in (job.resultat or {})


def test_a_piece_withdrawn_stays_readable_to_her_and_the_others_stay_unknown(
    equipe, limited, hers, other
):
    for piece in (hers, other):
        withdraw_piece(by=equipe.gestionnaire, piece=piece)
    browser = Browser(limited)
    assert browser.get(hers.get_absolute_url()).status_code == 200
    assert browser.get(other.get_absolute_url()).status_code == 404
    assert HERS in browser.get(equipe.marche.get_absolute_url()).content.decode()


def test_a_juriste_keeps_what_the_sharing_gives_her(equipe, hers, other):
    """Her participation is limited; that the marché is shared with her department is not."""
    user = UserFactory(without_password=True)
    MembershipFactory(organisation=equipe.marche.organisation, user=user, fonction=Fonction.JURISTE)
    ParticipationFactory(marche=equipe.marche, user=user, portee=hers.pk)
    browser = Browser(user)
    assert browser.get(other.get_absolute_url()).status_code == 404
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    assert browser.get(other.get_absolute_url()).status_code == 200
    assert OTHER in browser.get(equipe.marche.get_absolute_url()).content.decode()
    rename = reverse("wikimarche:piece_rename", args=[other.pk])
    assert browser.post(rename, {"titre": "Autre"}).status_code == 403


# ── What she writes ─────────────────────────────────────────────────────────────────────────────


def test_she_writes_in_her_piece_and_in_no_other(equipe, limited, hers, other):
    for piece, status in ((hers, 200), (other, 404)):
        article = piece.articles.get()
        before = state_of(piece)
        answer = Browser(limited).post(
            commits_url(article),
            commit(article.numero, insert(1, "Mot ")),
            content_type="application/json",
        )
        assert answer.status_code == status
        assert (state_of(piece) == before) is (status == 404)


def test_the_authority_of_steps_refuses_another_piece_under_the_lock(equipe, limited, hers, other):
    """The service itself, as if the gate had let the request through."""
    for piece in (hers, other):
        article = piece.articles.select_related("piece__marche").get()
        before = state_of(piece)
        asked = commit(article.numero, insert(1, "Mot "))

        def act(article=article, asked=asked):
            return commit_edit(
                by=limited,
                article=article,
                commit_id=asked["id"],
                precedent=None,
                base=article.numero,
                steps=asked["steps"],
            )

        if piece == hers:
            act()
            assert state_of(piece) != before
        else:
            with pytest.raises(AccessRefused):
                act()
            assert state_of(piece) == before


def test_she_adds_no_piece_under_the_lock_either(equipe, limited):
    with pytest.raises(AccessRefused):
        create_piece(by=limited, marche=equipe.marche, type="CCAP")


def test_an_open_page_is_told_nothing_more_once_she_is_limited_elsewhere(equipe, hers):
    browser = equipe.browser()
    news = reverse("wikimarche:piece_changes", args=[equipe.piece.pk])
    assert browser.get(news, {"version": 1}).status_code == 200
    change(equipe, equipe.person(), portee=str(hers.pk))
    assert browser.get(news, {"version": 1}).status_code == 404


# ── Who gives it ────────────────────────────────────────────────────────────────────────────────


def test_an_invitation_carries_the_limit_and_says_it(equipe, hers):
    invite(equipe, portee=str(hers.pk))
    for job in Job.objects.filter(kind="marches:mail_invitation", statut="en_file"):
        run_job(job.pk)
    invitation = Invitation.objects.get(email="bureau@etudes.example")
    said = f"éditeur sur «\u202f{HERS}\u202f» seulement"
    message = mail.outbox[-1]
    assert said in message.body
    html = on_one_line(str(message.alternatives[0][0]))
    assert said in html
    link = next(word for word in message.body.split() if "/invitation/" in word)
    page = on_one_line(Browser().get(link[link.index("/invitation/") :]).content.decode())
    assert said in page
    assert "écrire une pièce de marché" in page
    assert PORTEE_HELP[RoleParticipation.EDITEUR][1:] in page
    waiting = equipe.browser("gestionnaire").get(equipe.marche.get_absolute_url())
    assert said in on_one_line(waiting.content.decode())
    guest = UserFactory(without_password=True, email="bureau@etudes.example")
    assert said in on_one_line(Browser(guest).get("/").content.decode())
    answer = Browser(guest).post(
        reverse("marches:invitation_accept", args=[invitation.pk]), follow=True
    )
    assert f"Vous êtes {said}." in answer.content.decode()
    assert Participation.objects.get(user=guest).portee == hers.pk
    assert list(pieces_visible_to(guest)) == [hers]


def test_an_invitation_is_for_the_whole_marche_unless_it_says_so(equipe, hers):
    form = reverse("marches:invitation_create", args=[equipe.marche.pk])
    page = equipe.browser("gestionnaire").get(form).content.decode()
    assert "Sur tout le marché" in page
    assert f"{HERS} seulement" in page
    invite(equipe, portee="")
    assert Invitation.objects.get(email="bureau@etudes.example").portee is None


@pytest.mark.attaque("A08")
def test_a_gestionnaire_manages_the_whole_marche(equipe, limited, hers):
    said = "Un gestionnaire l’est de tout le marché"
    assert said in invite(equipe, role="gestionnaire", portee=str(hers.pk))
    assert not Invitation.objects.filter(email="bureau@etudes.example").exists()
    assert said in change(equipe, limited, role="gestionnaire", portee=str(hers.pk))
    # As she is limited, and a page that does not say where her role holds.
    assert said in change(equipe, limited, role="gestionnaire")
    assert equipe.participation(limited).role == "editeur"
    with pytest.raises(ValidationError, match=said):
        change_role(
            by=equipe.gestionnaire,
            participation=equipe.participation(limited),
            role=RoleParticipation.GESTIONNAIRE,
        )
    assert "est maintenant gestionnaire" in change(equipe, limited, "gestionnaire", portee="")


@pytest.mark.attaque("A08")
@pytest.mark.parametrize("model", [Participation, Invitation])
def test_the_base_itself_limits_no_gestionnaire(equipe, hers, model):
    row = (
        equipe.participation(equipe.gestionnaire)
        if model is Participation
        else InvitationFactory(marche=equipe.marche, role=RoleParticipation.GESTIONNAIRE)
    )
    row.portee = hers.pk
    told = recording(by=equipe.gestionnaire, tag="marches:participation:changed", obj=row)
    with pytest.raises(IntegrityError, match="gestionnaire_de_tout"), transaction.atomic(), told:
        row.save(update_fields=["portee"])


def test_a_role_is_limited_to_a_piece_of_its_marche(equipe, limited, hers):
    """Neither one of another marché nor one withdrawn; the one that is hers stays hers."""
    elsewhere = PieceFactory()
    gone = PieceFactory(marche=equipe.marche, frozen=True)
    for piece in (elsewhere, gone):
        said = "Cette pièce n’est pas, ou n’est plus, dans le marché."
        assert said in invite(equipe, portee=str(piece.pk))
        assert said in change(equipe, limited, portee=str(piece.pk))
        with pytest.raises(ValidationError, match="dans le marché"):
            invite_participant(
                by=equipe.gestionnaire,
                marche=equipe.marche,
                email="x@etudes.example",
                role=RoleParticipation.EDITEUR,
                portee=piece.pk,
            )
    assert equipe.participation(limited).portee == hers.pk
    withdraw_piece(by=equipe.gestionnaire, piece=hers)
    change(equipe, limited, role="commentateur", portee=str(hers.pk))
    held = equipe.participation(limited)
    assert (held.role, held.portee) == ("commentateur", hers.pk)


def test_a_limit_on_a_piece_of_another_marche_opens_nothing(equipe, hers):
    """Whatever wrote it: the function of the base and the lists ask for the marché too."""
    elsewhere = PieceFactory()
    user = ParticipationFactory(marche=equipe.marche, portee=hers.pk).user
    held = equipe.participation(user)
    with recording(by=equipe.gestionnaire, tag="marches:participation:limited", obj=held):
        held.portee = elsewhere.pk
        held.save(update_fields=["portee"])
    assert list(pieces_visible_to(user)) == []
    for piece in (elsewhere, hers):
        assert Browser(user).get(piece.get_absolute_url()).status_code == 404


def test_the_page_of_the_marche_widens_limits_and_says_it_before_and_after(
    equipe, limited, hers, other
):
    page = equipe.browser("gestionnaire").get(equipe.marche.get_absolute_url()).content.decode()
    assert f"éditeur · sur «\u202f{HERS}\u202f» seulement" in page
    seen = {"vu": "editeur", "portee_vue": str(hers.pk)}
    page = change(equipe, limited, portee=str(other.pk), **seen)
    assert f"est maintenant éditeur sur «\u202f{OTHER}\u202f» seulement." in page
    # Another gestionnaire decided from the page as it was.
    assert "Entre-temps" in change(equipe, limited, portee="", **seen)
    assert equipe.participation(limited).portee == other.pk
    change(equipe, limited, role="commentateur", portee="")
    assert equipe.participation(limited).portee is None
    history = reverse("marches:history_read", args=[equipe.marche.pk])
    said = equipe.browser("gestionnaire").get(history).content.decode()
    assert f"a changé ce sur quoi porte le rôle de {limited}" in said
    assert f"de «\u202f{HERS}\u202f» à «\u202f{OTHER}\u202f»" in said
    assert f"de «\u202f{OTHER}\u202f» à «\u202ftout le marché\u202f»" in said


def test_a_page_that_does_not_say_where_a_role_holds_widens_nothing(equipe, limited, hers):
    change(equipe, limited, role="commentateur")
    held = equipe.participation(limited)
    assert (held.role, held.portee) == ("commentateur", hers.pk)
    change_role(by=equipe.gestionnaire, participation=held, role=RoleParticipation.EDITEUR)
    assert equipe.participation(limited).portee == hers.pk


@pytest.mark.attaque("A08")
def test_she_widens_nothing_herself(equipe, limited, hers):
    url = reverse("marches:participation_change", args=[equipe.participation(limited).pk])
    assert Browser(limited).post(url, {"role": "editeur", "portee": ""}).status_code == 404
    invitation = InvitationFactory(
        marche=equipe.marche, email="x@etudes.example", portee=hers.pk, role="observateur"
    )
    guest = UserFactory(without_password=True, email=invitation.email)
    accept = reverse("marches:invitation_accept", args=[invitation.pk])
    Browser(guest).post(accept, {"portee": "", "role": "editeur"})
    held = Participation.objects.get(user=guest)
    assert (held.role, held.portee) == ("observateur", hers.pk)


def test_the_evidence_holds_what_a_role_is_limited_to(equipe_durable):
    equipe = equipe_durable
    invitation = InvitationFactory(marche=equipe.marche, portee=equipe.piece.pk)
    guest = UserFactory(without_password=True, email=invitation.email)
    held = accept_invitation(by=guest, invitation=invitation)
    change_role(
        by=equipe.gestionnaire, participation=held, role=RoleParticipation.EDITEUR, portee=None
    )
    assert verify_evidence(chain=equipe.marche.pk).breaks == []

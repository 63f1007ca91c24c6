"""Inviting by e-mail: the link serves once, for its addressee, for seven days. D08."""

import re
from datetime import timedelta
from hashlib import sha256
from html import unescape

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from procurement.access.enums import Role
from procurement.access.registry import rule_of
from procurement.access.services import Conflict
from procurement.accounts.services import deactivate_user
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.enums import ROLE_HELP, RoleParticipation
from procurement.marches.models import Invitation, Marche, Participation
from procurement.marches.services import (
    end_participation,
    invitations,
    invite_participant,
    revoke_invitation,
)
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Membership
from procurement.organisations.services import end_membership
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import (
    InvitationFactory,
    MarcheFactory,
    ParticipationFactory,
)
from tests.procurement.organisations.factories import MembershipFactory
from tests.support.client import Browser
from tests.support.equipe import state_of


pytestmark = pytest.mark.attaque("D08")


def invite(equipe, email, role="editeur", *, browser=None, follow=False, **data):
    url = reverse("marches:invitation_create", args=[equipe.marche.pk])
    browser = browser or equipe.browser("gestionnaire")
    return browser.post(url, {"email": email, "role": role, **data}, follow=follow)


def accept(user, invitation):
    return Browser(user).post(reverse("marches:invitation_accept", args=[invitation.pk]))


def send_mails():
    for job in Job.objects.filter(kind="marches:mail_invitation", statut="en_file"):
        run_job(job.pk)


def link_of(message):
    return re.search(r"http://127\.0\.0\.1(/invitation/\S+/)", message.body)[1]


@pytest.fixture
def invited(equipe):
    """Somebody with an account and an invitation that waits, whose mail has left."""
    user = UserFactory(without_password=True)
    invite(equipe, user.email, mot="Venez voir <b>vite</b>")
    send_mails()
    return user


@pytest.fixture
def invitation(invited):
    return Invitation.objects.get(email=invited.email)


def test_the_mail_is_a_job_and_holds_the_only_copy_of_the_link(equipe, invited, invitation):
    message = mail.outbox[-1]
    assert message.to == [invited.email]
    jeton = link_of(message).split("/")[-2]
    assert len(jeton) >= 43
    assert invitation.jeton_sha256 == sha256(jeton.encode()).hexdigest()
    job = Job.objects.get(kind="marches:mail_invitation")
    assert job.statut == "fait"
    entries = list_entries(equipe.marche.pk)
    for kept in (job.params, job.resultat, *(entry.corps for entry in entries)):
        assert jeton not in str(kept)
    html = message.alternatives[0].content
    assert "<b>vite" not in html


def test_seven_days(equipe, invitation):
    assert timedelta(days=6, hours=23) < invitation.expire_le - timezone.now() <= timedelta(days=7)


def test_opening_the_link_consumes_nothing(equipe, invited, invitation):
    link = link_of(mail.outbox[-1])
    for browser in (Browser(), Browser(invited), Browser(equipe.person()), Browser(invited)):
        assert browser.get(link).status_code == 200
        assert browser.head(link).status_code == 200
    invitation.refresh_from_db()
    assert invitation.acceptee_le is None


def test_accepting_gives_the_role_and_serves_once(equipe, invited, invitation):
    assert accept(invited, invitation).status_code == 302
    participation = Participation.objects.get(marche=equipe.marche, user=invited)
    assert (participation.role, participation.is_active) == ("editeur", True)
    membership = invited.memberships.get()
    assert (membership.organisation, membership.fonction) == (equipe.marche.organisation, "agent")
    assert accept(invited, invitation).status_code == 409
    assert Browser().get(link_of(mail.outbox[-1])).status_code == 404
    assert Participation.objects.filter(marche=equipe.marche, user=invited).count() == 1


def test_a_person_from_outside_works_on_the_marche_and_opens_none(equipe):
    guest = UserFactory(without_password=True)
    invite(equipe, guest.email, exterieure="on")
    send_mails()
    message = mail.outbox[-1]
    assert "Vous y serez une personne extérieure" in message.body
    assert "Vous y serez une personne extérieure" in Browser(guest).get(link_of(message)).text
    assert accept(guest, Invitation.objects.get(email=guest.email)).status_code == 302
    browser = Browser(guest)
    assert browser.get(equipe.marche.get_absolute_url()).status_code == 200
    assert browser.get(reverse("marches:marche_create")).status_code == 403
    assert "Ouvrir un marché" not in browser.get("/").text
    page = equipe.browser("gestionnaire").get(equipe.marche.get_absolute_url()).text
    assert "éditeur · personne extérieure" in page


@pytest.fixture
def outsider(equipe):
    """A gestionnaire who is no agent of the organisation, and works for another one."""
    guest = UserFactory(without_password=True)
    invite(equipe, guest.email, "gestionnaire", exterieure="on")
    accept(guest, Invitation.objects.get(email=guest.email))
    MembershipFactory(user=guest)
    return guest


def test_an_agent_elsewhere_opens_no_marche_where_she_is_from_outside(equipe, outsider):
    browser, url = Browser(outsider), reverse("marches:marche_create")
    page = browser.get(url).text
    assert str(equipe.marche.organisation) not in page
    sent = {"objet": "Le sien", "organisation": str(equipe.marche.organisation_id)}
    browser.post(url, sent)
    assert not Marche.objects.filter(objet="Le sien", organisation=equipe.marche.organisation)


def test_who_is_from_outside_brings_in_nobody_as_an_agent(equipe, outsider):
    browser = Browser(outsider)
    url = reverse("marches:invitation_create", args=[equipe.marche.pk])
    page = browser.get(url).text
    assert "la personne que vous invitez le sera aussi" in page
    assert 'name="exterieure"' not in page
    invite(equipe, "autre@region.example", browser=browser, exterieure="")
    assert Invitation.objects.get(email="autre@region.example").fonction == "invite"
    with pytest.raises(ValidationError, match="personne extérieure"):
        invite_participant(
            by=outsider, marche=equipe.marche, email="y@region.example", role="editeur"
        )


def test_who_has_left_since_brings_in_nobody_as_an_agent(equipe, invited, invitation):
    membership = Membership.objects.get(user=invitation.invited_by)
    end_membership(by=None, membership=membership)
    assert accept(invited, invitation).status_code == 302
    assert invited.memberships.get().fonction == "invite"


STAYS = "Cette personne est ici une personne extérieure\u202f: elle le reste."


@pytest.fixture
def guest(equipe):
    """Somebody from outside in the organisation, who works on none of its marchés yet."""
    user = UserFactory(without_password=True)
    MembershipFactory(organisation=equipe.marche.organisation, user=user, fonction="invite")
    return user


def test_who_is_from_outside_stays_so_and_everybody_is_told(equipe, guest):
    assert STAYS in invite(equipe, guest.email, follow=True).text
    invitation = Invitation.objects.get(email=guest.email)
    assert invitation.fonction == "invite"
    send_mails()
    sentence = "Vous y restez une personne extérieure"
    for page in (Browser(guest).get("/"), Browser(guest).get(link_of(mail.outbox[-1]))):
        assert sentence in page.text
    page = equipe.browser("gestionnaire").get(equipe.marche.get_absolute_url()).text
    assert "éditeur, personne extérieure, jusqu’au" in page
    accept(guest, invitation)
    assert guest.memberships.get().fonction == "invite"
    assert not [e for e in list_entries(PLATFORM_CHAIN) if e.action.endswith("fonction_changed")]
    assert Browser(guest).get(reverse("marches:marche_create")).status_code == 403


def test_who_is_invited_elsewhere_as_from_outside_is_invited_so(equipe):
    other = MarcheFactory(organisation=equipe.marche.organisation)
    InvitationFactory(marche=other, email="bureau@test.example", fonction=Fonction.INVITE)
    assert STAYS in invite(equipe, "bureau@test.example", follow=True).text
    assert set(Invitation.objects.values_list("fonction", flat=True)) == {"invite"}


def test_an_invitation_elsewhere_that_no_longer_stands_decides_nothing(equipe):
    other = MarcheFactory(organisation=equipe.marche.organisation)
    InvitationFactory(
        marche=other, email="bureau@test.example", fonction=Fonction.INVITE, taken_back=True
    )
    InvitationFactory(email="bureau@test.example", fonction=Fonction.INVITE)
    assert STAYS not in invite(equipe, "bureau@test.example", follow=True).text
    assert Invitation.objects.get(marche=equipe.marche).fonction == "agent"


def test_who_became_a_person_from_outside_meanwhile_stays_so(equipe, invited, invitation):
    MembershipFactory(
        organisation=equipe.marche.organisation, user=invited, fonction=Fonction.INVITE
    )
    page = Browser(invited).get(link_of(mail.outbox[-1])).text
    assert "Vous y restez une personne extérieure" in page
    accept(invited, invitation)
    assert invited.memberships.get().fonction == "invite"


def test_who_is_an_agent_already_is_told_nothing_of_it(equipe, invited, invitation):
    MembershipFactory(organisation=equipe.marche.organisation, user=invited)
    for page in (Browser(invited).get("/"), Browser(invited).get(link_of(mail.outbox[-1]))):
        assert str(equipe.marche) in page.text
        assert "vous devenez agent" not in page.text
        assert "personne extérieure" not in page.text


def test_the_same_person_accepts_two_roles_at_once(equipe_durable, at_once):
    """One makes her come in as somebody from outside, the other finds her in: she has both roles."""
    equipe, user = equipe_durable, UserFactory(without_password=True)
    other = MarcheFactory(organisation=equipe.marche.organisation)
    offered = [
        InvitationFactory(marche=equipe.marche, email=user.email),
        InvitationFactory(marche=other, email=user.email, fonction=Fonction.INVITE),
    ]
    assert [one.fonction for one in offered] == ["agent", "invite"]
    assert at_once(*(lambda one=one: accept(user, one).status_code for one in offered)) == [
        302,
        302,
    ]
    assert Participation.objects.filter(user=user, is_active=True).count() == 2
    assert user.memberships.count() == 1


def test_a_colleague_is_told_that_she_becomes_an_agent(equipe, invited):
    message = mail.outbox[-1]
    sentence = f"vous devenez agent de {equipe.marche.organisation}"
    assert sentence in message.body
    assert sentence in Browser(invited).get(link_of(message)).text
    assert sentence in Browser(invited).get("/").text
    page = equipe.browser("gestionnaire").get(equipe.marche.get_absolute_url()).text
    assert f"agent\nde {equipe.marche.organisation}, jusqu’au" in page


@pytest.mark.parametrize(
    ("held", "offered", "then"),
    [
        ("invite", "", "invite"),
        ("invite", "on", "invite"),
        ("agent", "on", "agent"),
        ("juriste", "", "juriste"),
        ("juriste", "on", "juriste"),
    ],
)
def test_an_invitation_takes_no_function_away(equipe, held, offered, then):
    guest = UserFactory(without_password=True)
    MembershipFactory(organisation=equipe.marche.organisation, user=guest, fonction=held)
    invite(equipe, guest.email, exterieure=offered)
    assert accept(guest, Invitation.objects.get(email=guest.email)).status_code == 302
    assert guest.memberships.get().fonction == then


def test_signing_up_from_an_invitation_starts_with_its_address(equipe):
    email = "nouvelle+achats@region.example"
    invite(equipe, email)
    send_mails()
    page = Browser().get(link_of(mail.outbox[-1])).content.decode()
    href = unescape(re.search(r'href="([^"]*inscription[^"]*)"', page)[1])
    assert f'value="{email}"' in Browser().get(href).content.decode()


def test_the_link_of_the_mail_leads_its_member_back_and_nobody_else(equipe, invited, invitation):
    link = link_of(mail.outbox[-1])
    accept(invited, invitation)
    assert Browser(invited).get(link).url == equipe.marche.get_absolute_url()
    for stranger in (equipe.person("gestionnaire"), UserFactory(without_password=True)):
        assert Browser(stranger).get(link).status_code == 404
    page = Browser().get(link)
    assert page.status_code == 404
    assert f"{reverse('account_login')}?next={link}" in page.content.decode()
    end_participation(
        by=equipe.person("gestionnaire"),
        participation=Participation.objects.get(marche=equipe.marche, user=invited),
    )
    assert Browser(invited).get(link).status_code == 404


def test_two_clicks_at_once_give_one_participation(equipe_durable, at_once):
    equipe, user = equipe_durable, UserFactory(without_password=True)
    invitation = InvitationFactory(marche=equipe.marche, email=user.email)
    statuses = at_once(*(lambda: accept(user, invitation).status_code for _ in range(3)))
    assert sorted(statuses) == [302, 409, 409]
    assert Participation.objects.filter(marche=equipe.marche, user=user).count() == 1


def test_somebody_else_cannot_take_it(equipe, invited, invitation):
    colleague, stranger = equipe.person("commentateur"), UserFactory(without_password=True)
    answer = accept(colleague, invitation)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "adressée à une autre adresse que la vôtre" in page
    assert "demandez à la personne qui gère le marché de vous inviter" in page
    assert "toute personne connectée" not in page.lower()
    assert invitation.email not in page
    assert accept(stranger, invitation).status_code == 404
    assert (
        Browser()
        .post(reverse("marches:invitation_accept", args=[invitation.pk]))
        .url.startswith("/compte/connexion/")
    )
    page = Browser(stranger).get(link_of(mail.outbox[-1])).content.decode()
    assert f"cette invitation est adressée à <strong>{invitation.email}</strong>" in page
    assert "demandez à" in page
    assert reverse("marches:invitation_accept", args=[invitation.pk]) not in page
    assert reverse("account_logout") in page.partition("<main")[2]


def test_a_link_nobody_drew_opens_nothing(equipe, invitation):
    for jeton in ("x", invitation.jeton_sha256, "a" * 5000, "%00", "..%2f"):
        assert Browser().get(f"/invitation/{jeton}/").status_code == 404


def test_an_expired_invitation_does_not_serve(equipe, monkeypatch):
    monkeypatch.setattr(invitations, "VALIDITY", timedelta(seconds=-1))
    user = UserFactory(without_password=True)
    invite(equipe, user.email)
    send_mails()
    answer = accept(user, Invitation.objects.get(email=user.email))
    assert answer.status_code == 409
    assert "expiré" in answer.content.decode()
    assert Browser().get(link_of(mail.outbox[-1])).status_code == 404
    monkeypatch.undo()
    assert invite(equipe, user.email).status_code == 302
    assert (
        accept(user, Invitation.objects.get(email=user.email, revoquee_le=None)).status_code == 302
    )


def test_a_revoked_invitation_does_not_serve(equipe, invited, invitation):
    url = reverse("marches:invitation_revoke", args=[invitation.pk])
    assert equipe.browser("gestionnaire").post(url).status_code == 302
    assert accept(invited, invitation).status_code == 409
    assert Browser().get(link_of(mail.outbox[-1])).status_code == 404
    assert equipe.browser("gestionnaire").post(url).status_code == 409


def test_an_invitation_accepted_meanwhile_is_not_said_to_be_revoked(equipe, invited, invitation):
    """Read before the acceptance, revoked after it: the person is in, and whoever revokes is told."""
    assert accept(invited, invitation).status_code == 302
    with pytest.raises(Conflict, match="vient d’être acceptée"):
        revoke_invitation(by=equipe.gestionnaire, invitation=invitation)
    assert Invitation.objects.get(pk=invitation.pk).revoquee_le is None


def test_revoked_before_its_mail_left_nothing_leaves(equipe):
    invitation = InvitationFactory(marche=equipe.marche)
    revoke_invitation(by=equipe.gestionnaire, invitation=invitation)
    send_mails()
    assert not mail.outbox


def test_a_mail_sent_again_closes_the_first_link(equipe, invited, invitation):
    first = link_of(mail.outbox[-1])
    job = Job.objects.get(kind="marches:mail_invitation")
    Job.objects.filter(pk=job.pk).update(statut="en_file")
    send_mails()
    assert Browser().get(first).status_code == 404
    assert Browser().get(link_of(mail.outbox[-1])).status_code == 200


def test_a_second_invitation_to_the_same_person_is_refused(equipe, invited):
    answer = invite(equipe, invited.email.upper(), role="observateur")
    assert answer.status_code == 200
    assert "Une invitation attend déjà cette personne." in answer.content.decode()
    answer = invite(equipe, equipe.person().email)
    assert "Cette personne participe déjà au marché." in answer.content.decode()


def test_a_button_pressed_twice_is_one_invitation(equipe):
    sent = [invite(equipe, "inconnue@test.example", mot="Venez", follow=True) for _ in range(2)]
    for answer in sent:
        assert "L’invitation part à inconnue@test.example." in answer.content.decode()
    assert Invitation.objects.filter(email="inconnue@test.example").count() == 1
    assert Job.objects.filter(kind="marches:mail_invitation").count() == 1


@pytest.mark.parametrize("change", [{"role": "observateur"}, {"mot": "Autre mot"}])
def test_another_invitation_to_the_same_person_is_not_a_second_press(equipe, change):
    invite(equipe, "inconnue@test.example")
    answer = invite(equipe, "inconnue@test.example", **change)
    assert "Une invitation attend déjà cette personne." in answer.content.decode()
    assert "L’invitation n’est pas partie" in answer.content.decode()


def test_the_same_invitation_later_is_not_a_second_press(equipe, monkeypatch):
    invite(equipe, "inconnue@test.example")
    monkeypatch.setattr(invitations, "TWICE", timedelta(seconds=-1))
    assert "Une invitation attend déjà" in invite(equipe, "inconnue@test.example").content.decode()


VERBS = {
    "lit": "wikimarche:piece:read",
    "compare": "wikimarche:piece:compare",
    "exporte": "wikimarche:piece:export",
    "écrit la fiche": "marches:marche:update",
    "et les pièces,": "wikimarche:article:edit",
    "importe": "wikimarche:piece:import",
    "restaure une version": "wikimarche:piece:restore",
    "envoie en relecture": "wikimarche:piece:submit",
    "commente": "wikimarche:fil:open",
    "répond": "wikimarche:fil:reply",
    "résout": "wikimarche:fil:resolve",
    "masque": "wikimarche:commentaire:mask",
    "invite": "marches:invitation:create",
    "donne les rôles": "marches:participation:change",
    "lit l’histoire entière": "marches:history:read",
    "d’une étape à l’autre": "marches:marche:move",
}


@pytest.mark.parametrize("role", RoleParticipation)
def test_a_role_promises_what_the_matrices_give_and_nothing_else(equipe, role):
    said = ROLE_HELP[role].lower()
    promised = [action for verb, action in VERBS.items() if verb in said]
    assert promised
    for action in promised:
        assert Role(role.value) in rule_of(action).roles, action
    assert not any(word in said for word in ("propose", "publie", "pas encore"))
    page = equipe.browser("gestionnaire").get(
        reverse("marches:invitation_create", args=[equipe.marche.pk])
    )
    assert ROLE_HELP[role] in page.content.decode()


@pytest.mark.parametrize("role", RoleParticipation)
def test_who_may_comment_is_told_so_and_nobody_else(role):
    may = Role(role.value) in rule_of("wikimarche:fil:open").roles
    said = ROLE_HELP[role].lower()
    assert ("commente" in said or "tout ce que fait l’éditeur" in said) is may


@pytest.mark.parametrize(
    ("role", "offer"),
    [
        ("observateur", "à lire un marché<"),
        ("commentateur", "à commenter un marché<"),
        ("moderateur", "à commenter un marché<"),
        ("editeur", "à écrire un marché à plusieurs<"),
    ],
)
def test_the_page_of_an_invitation_proposes_what_the_role_does(equipe, role, offer):
    invite(equipe, "inconnue@test.example", role=role)
    send_mails()
    assert offer in Browser().get(link_of(mail.outbox[-1])).content.decode()


def test_known_and_unknown_addresses_are_answered_alike(equipe):
    known = UserFactory(without_password=True)
    answers = [invite(equipe, email) for email in (known.email, "inconnue@test.example")]
    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0].url == answers[1].url


@pytest.mark.attaque("A15")
def test_an_invitation_takes_no_field_but_its_own(equipe):
    other = equipe.person("editeur", "autre")
    invite(
        equipe, "x@test.example", invited_by=other.pk, acceptee_par=other.pk, marche="x",
        expire_le="2099-01-01", jeton_sha256="a" * 64, acceptee_le="2020-01-01",
    )  # fmt: skip
    kept = Invitation.objects.get(email="x@test.example")
    assert (kept.invited_by, kept.acceptee_le, kept.jeton_sha256) == (
        equipe.gestionnaire,
        None,
        None,
    )
    assert kept.expire_le.year < 2099


@pytest.mark.parametrize(
    "data",
    [
        {"email": "x"},
        {"email": "a\x00@test.example"},
        {"role": "juriste"},
        {"mot": "x" * 501},
        {"mot": "\x00"},
    ],
)
def test_a_bad_invitation_is_refused(equipe, data):
    sent = {"email": "x@test.example", "role": "editeur", **data}
    url = reverse("marches:invitation_create", args=[equipe.marche.pk])
    assert equipe.browser("gestionnaire").post(url, sent).status_code == 200
    assert not Invitation.objects.exists()


def test_coming_back_makes_an_agent_and_nothing_more(equipe):
    """Whoever was juriste before leaving does not come back as one by an invitation."""
    user = UserFactory(without_password=True)
    for holder in (user, equipe.person("juriste")):
        membership = holder.memberships.first() or MembershipFactory(
            organisation=equipe.marche.organisation, user=holder, fonction=Fonction.JURISTE
        )
    membership = user.memberships.get()
    end_membership(by=None, membership=membership)
    invite(equipe, user.email)
    assert accept(user, Invitation.objects.get(email=user.email)).status_code == 302
    membership.refresh_from_db()
    assert (membership.is_active, membership.fonction, membership.ended_at) == (True, "agent", None)


def test_whoever_left_the_marche_may_be_invited_again(equipe):
    left = ParticipationFactory(marche=equipe.marche)
    end_participation(by=equipe.gestionnaire, participation=left)
    invite(equipe, left.user.email, role="observateur")
    waiting = Invitation.objects.get(email=left.user.email, acceptee_le=None)
    assert accept(left.user, waiting).status_code == 302
    assert equipe.participation(left.user).role == "observateur"


def test_a_closed_account_accepts_nothing(equipe, invited, invitation):
    browser = Browser(invited)
    deactivate_user(by=None, user=invited, motif="Départ")
    answer = browser.post(reverse("marches:invitation_accept", args=[invitation.pk]))
    assert answer.url.startswith("/compte/connexion/")


@pytest.mark.attaque("F03")
def test_the_twenty_first_waiting_mail_is_answered_by_429(equipe):
    browser = equipe.browser("gestionnaire")
    statuses = [
        invite(equipe, f"p{n}@test.example", browser=browser).status_code for n in range(21)
    ]
    before = state_of(equipe.piece)
    assert statuses == [302] * 20 + [429]
    assert Invitation.objects.count() == 20
    answer = invite(equipe, "encore@test.example", browser=browser)
    assert "vingt travaux" in answer.content.decode()
    assert state_of(equipe.piece) == before


@pytest.mark.attaque("D03")
def test_an_invitation_leads_to_the_configured_host_and_no_other(equipe, settings):
    refused = equipe.browser("gestionnaire")
    refused.defaults["HTTP_HOST"] = "evil.example"
    assert invite(equipe, "a@test.example", browser=refused).status_code == 400
    assert not Invitation.objects.exists()
    # Even where the deployment let every host in, the link is the configured one.
    settings.ALLOWED_HOSTS = ["*"]
    forwarded = equipe.browser("gestionnaire")
    forwarded.defaults["HTTP_X_FORWARDED_HOST"] = "evil.example"
    for rank, browser in enumerate((refused, forwarded)):
        assert invite(equipe, f"b{rank}@test.example", browser=browser).status_code == 302
    send_mails()
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        assert link_of(message)
        assert "evil" not in message.body + message.alternatives[0].content

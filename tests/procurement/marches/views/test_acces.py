"""Exceptional access: who runs the platform reads one marché, for a reason, for a while, before everybody."""

from datetime import timedelta

import psycopg2
import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from procurement.access.services import AccessRefused
from procurement.accounts.models import User
from procurement.audit.selectors import database_now, list_entries
from procurement.audit.services import (
    PLATFORM_CHAIN,
    find_passage,
    recording,
    redact_entry,
    verify_evidence,
)
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.enums import DureeAcces
from procurement.marches.models import AccesExceptionnel
from procurement.marches.selectors import standing_acces
from procurement.marches.services import (
    acces as services,
    ask_redaction,
    close_acces,
    end_acces,
    share_marche,
)
from procurement.organisations.services import end_membership
from procurement.ui.typographie import format_instant
from tests.procurement.accounts.factories import PASSWORD, UserFactory
from tests.procurement.marches.factories import AccesFactory, MarcheFactory
from tests.support.equipe import commits_url, state_of, words


pytestmark = pytest.mark.attaque("A14")
PAGE = "/plateforme/acces/"
PROVE = "/compte/confirmer-identite/"
MOTIF = "Le juge des référés demande à lire ce dossier."


@pytest.fixture
def admin(base):
    return UserFactory(without_password=True, is_administrateur=True)


def asked(marche, **said):
    return {
        "organisation": marche.organisation_id,
        "reference": marche.reference,
        "motif": MOTIF,
        "duree": 30,
        **said,
    }


def close(browser, acces):
    return browser.post(reverse("marches:acces_close", args=[acces.pk]))


def pages_of(equipe):
    return (
        equipe.marche.get_absolute_url(),
        equipe.piece.get_absolute_url(),
        reverse("wikimarche:article_detail", args=[equipe.article.pk]),
        reverse("wikimarche:version_list", args=[equipe.piece.pk]),
    )


def statuses(browser, equipe):
    return {browser.get(page).status_code for page in pages_of(equipe)}


def actions_of(marche):
    return [
        entry.action
        for entry in list_entries(marche.pk, limit=50)
        if entry.action.startswith("marches:acces:")
    ]


@pytest.fixture
def hours_ago(monkeypatch):
    """Have the next accesses open some hours ago, by the clock of the database."""

    def turn(hours):
        monkeypatch.setattr(
            services, "database_now", lambda: database_now() - timedelta(hours=hours)
        )

    return turn


# ── The right: none without it, reading with it, of one marché ─────────────────────────────────


def test_one_marche_is_read_while_it_stands_and_nothing_else(equipe, admin):
    browser = equipe.browse(admin)
    other = MarcheFactory(organisation=equipe.marche.organisation)
    assert statuses(browser, equipe) == {404}
    answer = browser.post(PAGE, asked(equipe.marche))
    assert (answer.status_code, answer.url) == (302, equipe.marche.get_absolute_url())
    assert statuses(browser, equipe) == {200}
    assert browser.get(other.get_absolute_url()).status_code == 404
    assert browser.get("/admin/").status_code == 404
    assert browser.get(reverse("marches:history_read", args=[equipe.marche.pk])).status_code == 403


def test_it_writes_nothing_and_each_attempt_is_a_refusal(equipe, admin):
    """Every other address is played by the column « exc » of tests/house/droits.txt."""
    browser, before = equipe.browse(admin), state_of(equipe.piece)
    AccesFactory(marche=equipe.marche, by=admin)
    assert browser.send_json(commits_url(equipe.article), words("x")).status_code == 403
    update = reverse("marches:marche_update", args=[equipe.marche.pk])
    assert browser.post(update, {"objet": "Autre"}).status_code == 403
    assert state_of(equipe.piece) == before
    refused = list_entries(PLATFORM_CHAIN, acteur=f"acheteur:{admin.pk}", limit=2)
    assert {entry.corps["details"]["action"] for entry in refused} == {
        "wikimarche:article:commit",
        "marches:marche:update",
    }


def test_an_export_asked_meanwhile_is_not_taken_away_afterwards(equipe, admin):
    acces, browser = AccesFactory(marche=equipe.marche, by=admin), equipe.browse(admin)
    browser.post(reverse("wikimarche:piece_export", args=[equipe.piece.pk]), {"format": "md"})
    job = Job.objects.get(kind="wikimarche:export_piece", requested_by=admin)
    run_job(job.pk)
    link = reverse("documents:job_download", args=[job.pk])
    assert "trente jours" in b"".join(browser.get(link)).decode()
    close_acces(by=admin, acces=acces)
    assert browser.get(link).status_code in (403, 404)


def test_who_no_longer_runs_the_platform_reads_no_more(equipe, admin):
    AccesFactory(marche=equipe.marche, by=admin)
    with recording(by=None, tag="accounts:user:edited", obj=admin):
        admin.is_administrateur = False
        admin.save(update_fields=["is_administrateur"])
    assert statuses(equipe.browse(admin), equipe) == {404}
    assert standing_acces(equipe.marche) == []


# ── Its end: by the clock, or before ───────────────────────────────────────────────────────────


def test_it_ends_by_itself_before_anything_has_swept(equipe, admin, hours_ago):
    hours_ago(1.1)
    AccesFactory(marche=equipe.marche, by=admin)
    assert statuses(equipe.browse(admin), equipe) == {404}
    assert "accès exceptionnel" not in equipe.browser().get(pages_of(equipe)[0]).content.decode()
    assert "Arrivé à son terme" in equipe.browse(admin).get(PAGE).content.decode()


def test_it_does_not_begin_before_its_hour(equipe, admin, hours_ago):
    hours_ago(-0.5)
    AccesFactory(marche=equipe.marche, by=admin)
    assert statuses(equipe.browse(admin), equipe) == {404}


def test_its_end_is_written_once_by_the_platform(equipe_durable, hours_ago, monkeypatch):
    marche = equipe_durable.marche
    standing = AccesFactory(marche=marche)
    hours_ago(1.1)
    over = AccesFactory(marche=marche)
    monkeypatch.undo()
    assert (end_acces(), end_acces()) == (1, 0)
    over.refresh_from_db()
    standing.refresh_from_db()
    assert (over.fini_le, over.ferme_par, standing.fini_le) == (over.expire_le, None, None)
    last = list_entries(marche.pk, limit=1)[0]
    assert (last.action, last.acteur) == ("marches:acces:ended", "systeme:marches:acces:ended")
    assert verify_evidence(chain=marche.pk).breaks == []


def test_one_that_has_ended_leaves_the_place_to_another(equipe, admin, hours_ago, monkeypatch):
    hours_ago(1.1)
    AccesFactory(marche=equipe.marche, by=admin)
    monkeypatch.undo()
    assert equipe.browse(admin).post(PAGE, asked(equipe.marche)).status_code == 302
    assert statuses(equipe.browse(admin), equipe) == {200}
    opened = "marches:acces:opened"
    assert actions_of(equipe.marche) == [opened, "marches:acces:ended", opened]


@pytest.mark.parametrize("closer", ["holder", "gestionnaire"])
def test_it_is_closed_early_and_once(equipe, admin, closer):
    acces = AccesFactory(marche=equipe.marche, by=admin)
    by = admin if closer == "holder" else equipe.gestionnaire
    assert close(equipe.browse(by), acces).status_code == 302
    assert statuses(equipe.browse(admin), equipe) == {404}
    assert close(equipe.browse(by), acces).status_code == 409
    acces.refresh_from_db()
    assert (acces.ferme_par, actions_of(equipe.marche)[0]) == (by, "marches:acces:closed")


def test_nobody_else_closes_it(equipe, admin):
    acces = AccesFactory(marche=equipe.marche, by=admin)
    assert close(equipe.browser(), acces).status_code == 403
    assert close(equipe.browser("etranger"), acces).status_code == 404
    other = UserFactory(without_password=True, is_administrateur=True)
    assert close(equipe.browse(other), acces).status_code == 404
    acces.refresh_from_db()
    assert acces.fini_le is None


def test_what_has_ended_by_itself_is_not_closed(equipe, admin, hours_ago):
    hours_ago(1.1)
    acces = AccesFactory(marche=equipe.marche, by=admin)
    assert close(equipe.browse(admin), acces).status_code == 409
    with pytest.raises(AccessRefused, match="déjà terminé"):
        close_acces(by=equipe.gestionnaire, acces=acces)


# ── Who is there ───────────────────────────────────────────────────────────────────────────────


def test_who_is_there_is_asked_again_before_it_opens(equipe):
    """A session left open reads no marché: the form waits, and goes on once the password is given."""
    admin = UserFactory(is_administrateur=True)
    browser = equipe.browse(admin)
    assert browser.get(PAGE).status_code == 200
    answer = browser.post(PAGE, asked(equipe.marche))
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, PROVE)
    assert not AccesExceptionnel.objects.filter(marche=equipe.marche).exists()
    assert browser.post(answer.url, {"password": "un autre mot de passe"}).status_code == 200
    assert statuses(browser, equipe) == {404}
    went_on = browser.post(answer.url, {"password": PASSWORD})
    assert (went_on.status_code, went_on.url) == (302, equipe.marche.get_absolute_url())
    assert statuses(browser, equipe) == {200}
    other = MarcheFactory(organisation=equipe.marche.organisation)
    assert browser.post(PAGE, asked(other)).url == other.get_absolute_url(), "shown a moment ago"


# ── What is asked ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "said",
    [
        {"motif": ""},
        {"motif": "test"},
        {"motif": "vérification du dossier"},
        {"motif": "a b c d e f g"},
        {"motif": "\u200b\u200b\u200b"},
        {"duree": 0},
        {"duree": 1441},
        {"duree": -30},
        {"duree": ""},
        {"organisation": "x"},
        {"reference": ""},
    ],
    ids=str,
)
def test_no_reason_no_bounded_time_no_access(equipe, admin, said):
    assert equipe.browse(admin).post(PAGE, asked(equipe.marche, **said)).status_code == 422
    assert not AccesExceptionnel.objects.filter(marche=equipe.marche).exists()


def test_a_reason_that_is_no_sentence_is_said_beside_it(equipe, admin):
    page = equipe.browse(admin).post(PAGE, asked(equipe.marche, motif="test")).content.decode()
    assert "Dites pourquoi en une vraie phrase" in page


def test_a_reference_of_nobody_is_told_and_kept_in_the_journal(equipe, admin):
    answer = equipe.browse(admin).post(PAGE, asked(equipe.marche, reference="M 1999-001"))
    assert answer.status_code == 422
    assert "Aucun marché de" in answer.content.decode()
    last = list_entries(PLATFORM_CHAIN, acteur=f"acheteur:{admin.pk}", limit=1)[0]
    assert last.corps["details"]["action"] == "marches:acces:open"
    assert "M 1999-001" in last.corps["details"]["motif"]


def test_who_reads_already_opens_nothing(equipe, admin):
    AccesFactory(marche=equipe.marche, by=admin)
    answer = equipe.browse(admin).post(PAGE, asked(equipe.marche))
    assert answer.status_code == 422
    assert "Vous lisez déjà ce marché" in answer.content.decode()


@pytest.mark.parametrize("role", ["gestionnaire", "editeur", "juriste", "etranger"])
def test_nobody_else_opens_one(equipe, role):
    browser = equipe.browser(role)
    assert browser.get(PAGE).status_code == 403
    assert browser.post(PAGE, asked(equipe.marche)).status_code == 403
    assert not AccesExceptionnel.objects.filter(marche=equipe.marche).exists()


def test_who_was_just_relieved_of_the_platform_opens_nothing(equipe, admin):
    """The gate was passed before: it is decided again under the lock."""
    seen = User.objects.get(pk=admin.pk)
    with recording(by=None, tag="accounts:user:edited", obj=admin):
        admin.is_administrateur = False
        admin.save(update_fields=["is_administrateur"])
    with pytest.raises(AccessRefused):
        AccesFactory(marche=equipe.marche, by=seen)


@pytest.mark.attaque("X15")
def test_two_presses_at_once_open_one(equipe_durable, at_once):
    admin = UserFactory(without_password=True, is_administrateur=True)
    marche = equipe_durable.marche
    one, two = equipe_durable.browse(admin), equipe_durable.browse(admin)
    answers = at_once(
        lambda: one.post(PAGE, asked(marche)).status_code,
        lambda: two.post(PAGE, asked(marche)).status_code,
    )
    assert sorted(answers) == [302, 422]
    assert AccesExceptionnel.objects.count() == 1
    assert verify_evidence(chain=marche.pk).breaks == []


# ── Before everybody ───────────────────────────────────────────────────────────────────────────


def test_the_members_read_who_why_and_until_when(equipe, admin):
    AccesFactory(marche=equipe.marche, by=admin, motif=MOTIF)
    closing = "Fermer cet accès maintenant"
    for role in ("observateur", "editeur", "gestionnaire"):
        page = equipe.browser(role).get(equipe.marche.get_absolute_url()).content.decode()
        assert "Un accès exceptionnel à ce marché est ouvert" in page
        assert str(admin) in page
        assert MOTIF in page
        assert (closing in page) is (role == "gestionnaire")
    assert closing in equipe.browse(admin).get(equipe.marche.get_absolute_url()).content.decode()


def test_who_writes_in_a_piece_reads_it_there_too(equipe, admin):
    acces, editeur = AccesFactory(marche=equipe.marche, by=admin, motif=MOTIF), equipe.browser()
    page = editeur.get(equipe.piece.get_absolute_url()).content.decode()
    assert "Un accès exceptionnel à ce marché est ouvert" in page
    assert str(admin) in page
    assert MOTIF in page
    close_acces(by=equipe.gestionnaire, acces=acces)
    page = editeur.get(equipe.piece.get_absolute_url()).content.decode()
    assert "accès exceptionnel" not in page


def test_the_reason_of_an_access_is_emptied_by_no_redaction(equipe_durable):
    """Frozen with its row, whose last version holds it: standing or ended, a sentence says no."""
    equipe, passage = equipe_durable, "juge des référés"
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    acces = AccesFactory(marche=equipe.marche, motif=MOTIF)
    url, juriste = (
        reverse("marches:history_redact", args=[equipe.marche.pk]),
        equipe.browser("juriste"),
    )
    asked = {"etape": "demander", "passage": passage, "motif": "Nomme une juridiction"}
    for end in (None, close_acces):
        if end:
            end(by=equipe.gestionnaire, acces=acces)
        answer = juriste.post(url, asked)
        assert answer.status_code == 422
        page = " ".join(answer.content.decode().split())
        assert "Le motif d’un accès exceptionnel tient ce passage" in page
        assert "<strong>et dans le motif d’un accès exceptionnel" in page
        assert "dans le texte actuel" not in page
        with pytest.raises(ValidationError, match="motif d’un accès exceptionnel"):
            ask_redaction(
                by=equipe.gestionnaire, marche=equipe.marche, passage=passage, motif="Sans objet"
            )
        last = max(held.seq for held in find_passage(chain=equipe.marche.pk, passage=passage))
        with pytest.raises(IntegrityError, match="dernière version"), transaction.atomic():
            redact_entry(
                chain=equipe.marche.pk, seq=last, motif="Sans objet",
                asked_by=equipe.person("juriste"), approved_by=equipe.gestionnaire,
            )  # fmt: skip
    acces.refresh_from_db()
    assert acces.motif == MOTIF
    assert verify_evidence().breaks == []


def test_gestionnaires_and_juristes_are_told_by_mail_and_nobody_else(equipe_durable, admin):
    equipe = equipe_durable
    equipe.person("editeur")
    gestionnaire = equipe.person("gestionnaire", "autre")
    juriste, gone = equipe.person("juriste"), equipe.person("juriste", "partie")
    left = equipe.person("gestionnaire", "parti")
    for user in (gone, left):
        end_membership(by=None, membership=user.memberships.get())
    AccesFactory(marche=equipe.marche, by=admin, motif=MOTIF)
    mail.outbox.clear()
    for job in Job.objects.filter(kind="marches:mail_acces"):
        run_job(job.pk)
    sent = {message.to[0]: message for message in mail.outbox}
    assert set(sent) == {equipe.gestionnaire.email, gestionnaire.email, juriste.email}
    for message in mail.outbox:
        bodies = [message.body, message.alternatives[0].content]
        for body in bodies:
            assert str(admin) in body
            assert MOTIF in body
            assert equipe.marche.reference in body
            assert equipe.marche.objet not in body
        # The marché is not shared with the juriste: she learns no address of it.
        assert (str(equipe.marche.pk) in message.body) is (message.to[0] != juriste.email)


@pytest.mark.parametrize("how", ["gestionnaire", "holder", "time"])
def test_its_end_is_told_to_those_who_heard_of_its_beginning(
    equipe_durable, admin, hours_ago, monkeypatch, how
):
    equipe = equipe_durable
    other, juriste = equipe.person("gestionnaire", "autre"), equipe.person("juriste")
    concerned = {equipe.gestionnaire.email, other.email, juriste.email}
    if how == "time":
        hours_ago(1.1)
    acces = AccesFactory(marche=equipe.marche, by=admin, motif=MOTIF)
    monkeypatch.undo()
    for job in Job.objects.filter(kind="marches:mail_acces"):
        run_job(job.pk)
    mail.outbox.clear()
    if how == "time":
        assert end_acces() == 1
    else:
        close_acces(by=admin if how == "holder" else equipe.gestionnaire, acces=acces)
    acces.refresh_from_db()
    for job in Job.objects.filter(kind="marches:mail_acces"):
        run_job(job.pk)
    sent = {message.to[0]: message for message in mail.outbox}
    # Who closed it knows.
    assert set(sent) == concerned - (
        {equipe.gestionnaire.email} if how == "gestionnaire" else set()
    )
    ended = {
        "gestionnaire": f"{equipe.gestionnaire} l’a fermé avant son terme",
        "holder": f"{admin} l’a fermé avant son terme",
        "time": "Il est arrivé à son terme",
    }[how]
    for message in mail.outbox:
        assert message.subject == f"Fin de l’accès exceptionnel au marché {equipe.marche.reference}"
        for body in (message.body, message.alternatives[0].content):
            assert ended in body
            assert MOTIF in body
            assert format_instant(acces.fini_le) in body
            assert equipe.marche.objet not in body
        assert (str(equipe.marche.pk) in message.body) is (message.to[0] != juriste.email)


def test_the_history_tells_its_beginning_and_its_end(equipe, admin):
    acces = AccesFactory(marche=equipe.marche, by=admin, motif=MOTIF, duree=DureeAcces.UN_JOUR)
    close_acces(by=equipe.gestionnaire, acces=acces)
    url = reverse("marches:history_read", args=[equipe.marche.pk])
    page = equipe.browser("gestionnaire").get(url).content.decode()
    assert f"a pris un accès exceptionnel de 24\u00a0heures, en lecture\u202f: {MOTIF}" in page
    assert f"a fermé l’accès exceptionnel de {admin} avant son terme" in page


def test_the_page_of_the_platform_names_the_marche_to_its_holder_alone(equipe_durable, admin):
    equipe = equipe_durable
    empty = equipe.browse(admin).get(PAGE).content.decode()
    assert "Aucun accès exceptionnel n’a été ouvert" in empty
    AccesFactory(marche=equipe.marche, by=admin)
    link = f'href="{equipe.marche.get_absolute_url()}"'
    assert link in equipe.browse(admin).get(PAGE).content.decode()
    other = UserFactory(without_password=True, is_administrateur=True)
    page = equipe.browse(other).get(PAGE).content.decode()
    assert str(admin) in page
    assert equipe.marche.reference not in page
    assert link not in page
    assert f'href="{PAGE}"' in equipe.browse(other).get("/plateforme/").content.decode()


# ── Forged ─────────────────────────────────────────────────────────────────────────────────────


FORGED = """INSERT INTO marches_accesexceptionnel
    (id, marche_id, user_id, motif, ouvert_le, expire_le)
    VALUES (gen_random_uuid(), %s, %s, %s, now(), now() + interval '1 hour')"""
CHANGES = {
    "longer": "expire_le = ouvert_le + interval '23 hours'",
    "another marché": "marche_id = (SELECT id FROM marches_marche WHERE id <> marche_id LIMIT 1)",
    "another holder": "user_id = (SELECT id FROM accounts_user WHERE id <> user_id LIMIT 1)",
    "another reason": "motif = 'Une autre raison que la première.'",
    "opened later": "ouvert_le = ouvert_le + interval '1 minute'",
}


def test_a_row_without_its_line_in_the_journal_is_refused(equipe_durable, connect_as):
    admin = UserFactory(without_password=True, is_administrateur=True)
    for role in ("app_web", "app_worker", "procurement_owner"):
        base = connect_as("postgres" if role == "procurement_owner" else role)
        with (
            base.cursor() as cursor,
            pytest.raises(psycopg2.errors.RestrictViolation, match="pas sa ligne au journal"),
        ):
            cursor.execute(FORGED, [str(equipe_durable.marche.pk), str(admin.pk), MOTIF])
    assert statuses(equipe_durable.browse(admin), equipe_durable) == {404}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_told_is_never_changed(equipe_durable, connect_as, change):
    """Not by the site, which may not update the column; not by the owner, whom the trigger stops."""
    MarcheFactory()
    AccesFactory(marche=equipe_durable.marche)
    for role, error in (
        ("app_web", psycopg2.errors.InsufficientPrivilege),
        ("postgres", psycopg2.errors.RestrictViolation),
    ):
        with connect_as(role).cursor() as cursor, pytest.raises(error):
            cursor.execute(f"UPDATE marches_accesexceptionnel SET {CHANGES[change]}")  # noqa: S608


def test_one_that_has_ended_is_not_opened_again_in_silence(equipe_durable, connect_as):
    admin = UserFactory(without_password=True, is_administrateur=True)
    acces = AccesFactory(marche=equipe_durable.marche, by=admin)
    close_acces(by=admin, acces=acces)
    with (
        connect_as("app_web").cursor() as cursor,
        pytest.raises(psycopg2.errors.RestrictViolation, match="pas sa ligne au journal"),
    ):
        cursor.execute("UPDATE marches_accesexceptionnel SET fini_le = NULL, ferme_par_id = NULL")
    assert statuses(equipe_durable.browse(admin), equipe_durable) == {404}


def tell_opened(admin, marche, **said):
    """Save an access with its event and none of the rules of the service; delays count from now."""
    now = database_now()
    row = {"motif": MOTIF, "ouvert_le": now, "expire_le": timedelta(hours=1), **said}
    row = {
        name: now + value if isinstance(value, timedelta) else value for name, value in row.items()
    }
    acces = AccesExceptionnel(marche=marche, user=admin, **row)
    with transaction.atomic(), recording(by=admin, tag="marches:acces:opened", obj=acces):
        acces.save()


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("acces_duree_bornee", {"expire_le": timedelta(hours=24, seconds=1)}),
        ("acces_duree_bornee", {"expire_le": timedelta(0)}),
        ("acces_motif_en_une_phrase", {"motif": "test"}),
        ("acces_fini_dans_sa_duree", {"fini_le": timedelta(hours=2)}),
        ("acces_fini_dans_sa_duree", {"fini_le": timedelta(hours=-1)}),
    ],
)
def test_even_told_to_the_journal_it_stays_within_its_bounds(equipe, admin, constraint, said):
    with pytest.raises(IntegrityError, match=constraint):
        tell_opened(admin, equipe.marche, **said)


def test_even_told_to_the_journal_one_that_is_closed_by_somebody_has_ended(equipe, admin):
    with pytest.raises(IntegrityError, match="acces_ferme_est_fini"):
        tell_opened(admin, equipe.marche, ferme_par=admin)


def test_even_told_to_the_journal_a_person_has_one_open_at_a_time(equipe, admin):
    tell_opened(admin, equipe.marche, fini_le=timedelta(0))
    tell_opened(admin, equipe.marche)
    with pytest.raises(IntegrityError, match="acces_en_cours_unique"):
        tell_opened(admin, equipe.marche)


@pytest.mark.attaque("G02")
def test_the_verification_names_what_a_superuser_changed(equipe_durable, rewritten):
    AccesFactory(marche=equipe_durable.marche)
    for change in CHANGES.values():
        if "SELECT" not in change:
            with rewritten(f"UPDATE marches_accesexceptionnel SET {change}"):  # noqa: S608
                breaks = verify_evidence().breaks
            assert [one.kind for one in breaks] == ["ligne"], change
    assert verify_evidence().breaks == []

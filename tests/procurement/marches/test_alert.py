"""A verification that finds a break is told to who must know, until a later one is sound."""

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import call_command

from procurement.audit import tasks
from procurement.audit.selectors import list_entries
from procurement.audit.services import (
    PLATFORM_CHAIN,
    Break,
    EvidenceReport,
    read_verdict,
    record_if_it_matters,
)
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.selectors.alerts import Told, lately as alert_lately, tell_breaks
from procurement.marches.services import share_marche, verify_marche
from procurement.operations.selectors import lately
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import MarcheFactory
from tests.procurement.organisations.factories import MembershipFactory
from tests.support.plugin import signed_as_worker
from tests.wikimarche.factories import PieceFactory


pytestmark = pytest.mark.attaque("G02")
ALERT = "L’histoire ne concorde plus avec sa preuve"


def verify():
    """As the worker does each night."""
    with signed_as_worker():
        tasks.verify()


@pytest.fixture
def equipe(equipe_durable):
    alert_lately.forget()
    lately.forget()
    share_marche(by=equipe_durable.gestionnaire, marche=equipe_durable.marche, partage=True)
    return equipe_durable


@pytest.fixture
def forged(equipe, rewritten):
    """The object of the marché, as a superuser rewrote it; put right at the end of the block."""
    return lambda: rewritten("UPDATE marches_marche SET objet = 'Autre objet'")


def sent_mails():
    """Run the mails that wait; who received what."""
    mail.outbox.clear()
    for job in Job.objects.filter(kind="marches:mail_alert", statut="en_file"):
        run_job(job.pk)
    return {(message.to[0], message.subject) for message in mail.outbox}


def test_the_night_that_finds_a_break_tells_those_who_must_know_and_nobody_else(
    equipe, forged, browse
):
    juriste, editeur = equipe.person("juriste"), equipe.person("editeur")
    elsewhere = UserFactory(without_password=True)
    MembershipFactory(user=elsewhere, fonction="juriste")
    admin = UserFactory(without_password=True, is_administrateur=True)
    verify()
    assert read_verdict().alert is None
    assert sent_mails() == set()
    with forged():
        verify()
    said = browse(juriste).get("/").content.decode()
    assert ALERT in said
    assert f"{equipe.marche.get_absolute_url()}histoire/" in said
    assert f'<a href="{equipe.marche.get_absolute_url()}">la fiche</a> ne dit pas' in said
    assert "marches_marche" not in said
    told = browse(admin).get("/marches/").content.decode()
    assert ALERT in told
    assert str(equipe.marche.pk) in told
    assert (
        equipe.marche.objet not in told.partition('class="wm-alerte')[2].partition("</section>")[0]
    )
    for quiet in (editeur, equipe.gestionnaire, elsewhere):
        assert ALERT not in browse(quiet).get("/").content.decode()
    assert sent_mails() == {(juriste.email, ALERT), (admin.email, ALERT)}
    assert equipe.marche.objet not in "".join(m.body for m in mail.outbox if admin.email in m.to)
    # The same break, the night after, writes to nobody again.
    with forged():
        verify()
    assert sent_mails() == set()
    # It goes when a later verification is sound, and they are told.
    verify()
    assert ALERT not in browse(juriste).get("/").content.decode()
    over = "L’histoire concorde de nouveau"
    assert sent_mails() == {(juriste.email, over), (admin.email, over)}


def alert_of(answer):
    """The words of the alert of a page, without its markup."""
    return answer.content.decode().partition('class="wm-alerte')[2].partition("</section>")[0]


def test_an_article_is_named_as_people_call_it_with_its_page(equipe, rewritten, browse):
    admin = UserFactory(without_password=True, is_administrateur=True)
    juriste, article = browse(equipe.person("juriste")), equipe.second
    with rewritten(f"UPDATE wikimarche_article SET corps = '{{}}' WHERE id = '{article.pk}'"):  # noqa: S608 - a key of ours
        verify()
        checked = juriste.post(f"{equipe.marche.get_absolute_url()}histoire/verifier/")
    href = f"{equipe.piece.get_absolute_url()}#a-{article.pk}"
    named = (
        f"article\u00a02 «\u202fPrix\u202f» de la pièce «\u202f{equipe.piece}\u202f»</a> ne dit pas"
    )
    assert f'<a href="{href}">l’{named}' in alert_of(juriste.get("/"))
    assert f'<a href="{href}">L’{named}' in checked.content.decode()
    assert juriste.get(href).status_code == 200
    assert "wikimarche_article" not in alert_of(juriste.get("/"))
    # Who runs the platform reads no text: the identifier is what she looks for in the base.
    told = alert_of(browse(admin).get("/"))
    assert f"wikimarche_article:{article.pk} ne dit pas" in told
    assert "Prix" not in told
    sent_mails()
    (mine,) = [message for message in mail.outbox if equipe.person("juriste").email in message.to]
    assert f"{href}" in mine.alternatives[0][0]
    assert "l’article\u00a02 «\u202fPrix\u202f»" in mine.body
    assert "Prix" not in "".join(m.body for m in mail.outbox if admin.email in m.to)


def test_an_article_moved_by_hand_shows_no_title_of_elsewhere(equipe, rewritten, browse):
    """Its row says another marché: the key stays, for the title may be nobody's business here."""
    piece = PieceFactory(marche=MarcheFactory(), titre="Cahier d’une autre maison")
    article = equipe.second
    moved = f"UPDATE wikimarche_article SET piece_id = '{piece.pk}' WHERE id = '{article.pk}'"  # noqa: S608 - keys of ours
    with rewritten(moved):
        verify()
        said = alert_of(browse(equipe.person("juriste")).get("/"))
    assert "Cahier d’une autre maison" not in said
    assert f"wikimarche_article:{article.pk} n’est plus où son histoire la place" in said


def test_an_article_that_is_gone_keeps_its_key(equipe, browse):
    gone = f"wikimarche_article:{uuid4()}"
    (told,) = tell_breaks([Break(equipe.marche.pk, 3, "ligne", f"{gone} a disparu.")])
    assert told == Told(f"{gone} a disparu.")


def test_the_probe_and_the_page_of_the_platform_say_it(equipe, forged, browse):
    admin = browse(UserFactory(without_password=True, is_administrateur=True))
    with forged():
        verify()
    lately.forget()
    assert admin.get("/sante/").json() == {"etat": "en_marche", "preuve": "rompue"}
    page = admin.get("/plateforme/").content.decode()
    assert "Ne corrigez rien et ne restaurez rien" in page
    assert "1\u00a0rupture" in page
    verify()
    lately.forget()
    assert admin.get("/sante/").json() == {"etat": "en_marche"}
    assert "Ne corrigez rien" not in admin.get("/plateforme/").content.decode()


def test_the_command_of_the_operator_raises_it_and_ends_it(equipe, forged):
    before = len(list_entries(PLATFORM_CHAIN))
    call_command("verify_evidence", stdout=StringIO())
    assert len(list_entries(PLATFORM_CHAIN)) == before
    with forged(), pytest.raises(SystemExit):
        call_command("verify_evidence", "--json", stdout=StringIO())
    alert = read_verdict().alert
    assert [found.chain for found in alert.breaks] == [equipe.marche.pk]
    # Under the sign-in of the site it does not end what the night has found.
    with forged():
        verify()
    alert = read_verdict().alert
    said = StringIO()
    call_command("verify_evidence", stdout=StringIO(), stderr=said)
    assert "ne lève pas l’alerte" in said.getvalue()
    assert read_verdict().alert == alert
    with signed_as_worker():
        call_command("verify_evidence", stdout=StringIO())
    assert read_verdict().alert is None


def test_the_operator_is_told_that_the_chain_of_the_platform_keeps_its_alert(equipe):
    """Verified by itself too, under the sign-in of the site; a marché that has none is said nothing of."""
    broken = Break(PLATFORM_CHAIN, 1, "ligne", "La ligne n° 1 a été réécrite.")
    with signed_as_worker():
        record_if_it_matters(EvidenceReport(breaks=[broken]))

    def told(chain):
        said = StringIO()
        call_command("verify_evidence", "--chain", str(chain), stdout=StringIO(), stderr=said)
        return said.getvalue()

    assert "ne lève pas l’alerte" in told(PLATFORM_CHAIN)
    assert told(equipe.marche.pk) == ""
    assert read_verdict().alert.breaks == (broken,)
    with signed_as_worker():
        assert told(PLATFORM_CHAIN) == ""


def test_one_marche_verified_sound_ends_its_own_alert_only(equipe, rewritten):
    other = MarcheFactory()
    with rewritten("UPDATE marches_marche SET objet = 'Autre objet'"):
        verify()
    assert read_verdict().alert.chains == {equipe.marche.pk, other.pk}
    juriste = equipe.person("juriste")
    assert verify_marche(by=juriste, marche=equipe.marche).ok
    assert read_verdict().alert.chains == {other.pk}
    verify()
    assert read_verdict().alert is None


def test_the_button_of_the_juriste_raises_it_too(equipe, forged, browse):
    juriste = equipe.person("juriste")
    with forged():
        browse(juriste).post(f"{equipe.marche.get_absolute_url()}histoire/verifier/")
    assert read_verdict().alert.chains == {equipe.marche.pk}
    assert ALERT in browse(juriste).get("/").content.decode()


def test_a_marche_that_is_not_shared_is_not_named(equipe, forged, browse):
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=False)
    with forged():
        verify()
    said = browse(equipe.person("juriste")).get("/").content.decode()
    assert "Un marché qui ne vous est pas partagé" in said
    assert (
        equipe.marche.objet not in said.partition('class="wm-alerte')[2].partition("</section>")[0]
    )


def test_a_base_that_may_only_be_read_says_that_the_alert_stays(
    equipe, forged, capsys, monkeypatch
):
    from django.db import OperationalError  # noqa: PLC0415

    from procurement.audit.management.commands import verify_evidence as command  # noqa: PLC0415

    def refuse(*args, **kwargs):
        raise OperationalError("lecture seule")

    monkeypatch.setattr(command, "record_if_it_matters", refuse)
    with forged(), pytest.raises(SystemExit) as stop:
        call_command("verify_evidence", "--json")
    assert stop.value.code == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["ok"] is False
    assert "l’alerte ne change pas" in said.err

"""Two gestionnaires who decide at the same instant: one wins, the other is told, nothing is half done. X15.

Both have passed the gate and read the same state: another session holds the head of the chain of the
marché, which every decision needs last, until both wait.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import verify_evidence
from procurement.marches.enums import StatutMarche
from procurement.marches.models import Invitation, Marche, Participation
from procurement.marches.services import move_marche
from procurement.marches.workflow import ORDER
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import InvitationFactory, ParticipationFactory
from tests.support.client import Browser
from tests.support.equipe import commits_url, make_equipe, text_of, words
from tests.support.faults import DEAD
from wikimarche.models import Article, Piece, Version


pytestmark = [pytest.mark.attaque("X15"), pytest.mark.timeout(300)]


@pytest.fixture
def equipe(cloned_database, settings):
    """A team where two people are gestionnaires, really committed."""
    settings.DEMO = True
    made = make_equipe()
    made.other = ParticipationFactory(marche=made.marche, role="gestionnaire").user
    made.editeur = made.participation(made.person("editeur"))
    return made


@dataclass
class Gesture:
    """What each of both asks, as (address, data), and whether what stands then is one whole decision."""

    asks: tuple
    whole: Callable[[], bool]


def roles(equipe):
    url = reverse("marches:participation_change", args=[equipe.editeur.pk])
    return Gesture(
        ((url, {"role": "observateur", "vu": "editeur"}), (url, {"role": "commentateur", "vu": "editeur"})),
        lambda: Participation.objects.get(pk=equipe.editeur.pk).role in ("observateur", "commentateur"),
    )  # fmt: skip


def both_leave(equipe):
    mine, theirs = (equipe.participation(user) for user in (equipe.gestionnaire, equipe.other))
    return Gesture(
        tuple((reverse("marches:participation_end", args=[one.pk]), {}) for one in (mine, theirs)),
        lambda: Participation.objects.filter(
            marche=equipe.marche, role="gestionnaire", is_active=True
        ).count() == 1,
    )  # fmt: skip


def take_off(equipe):
    url = reverse("marches:participation_end", args=[equipe.editeur.pk])
    return Gesture(
        ((url, {}), (url, {})),
        lambda: not Participation.objects.get(pk=equipe.editeur.pk).is_active,
    )


def withdraw_piece(equipe):
    url = reverse("wikimarche:piece_withdraw", args=[equipe.piece.pk])
    return Gesture(
        ((url, {}), (url, {})),
        lambda: Piece.objects.get(pk=equipe.piece.pk).statut == "retire",
    )


def retire_article(equipe):
    url = reverse("wikimarche:article_retire", args=[equipe.second.pk])
    return Gesture(
        ((url, {"motif": "Doublon"}), (url, {"motif": "Repris ailleurs"})),
        lambda: (
            Article.objects.get(pk=equipe.second.pk).motif_retrait in ("Doublon", "Repris ailleurs")
        ),
    )


def restore_piece(equipe):
    """Two texts of yesterday, chosen from the same page."""
    texts = _three_texts(equipe)
    vu, *former = sorted(texts, reverse=True)
    return Gesture(
        tuple(
            (reverse("wikimarche:piece_restore", args=[equipe.piece.pk, numero]), {"vu": vu})
            for numero in former
        ),
        lambda: _one_more(equipe, vu) and text_of(equipe.article) in {texts[n] for n in former},
    )


def restore_one_article(equipe):
    texts = _three_texts(equipe)
    vu, *former = sorted(texts, reverse=True)
    url = reverse("wikimarche:article_restore", args=[equipe.article.pk])
    return Gesture(
        tuple((url, {"version": str(numero), "vu": vu}) for numero in former),
        lambda: _one_more(equipe, vu) and text_of(equipe.article) in {texts[n] for n in former},
    )


def _three_texts(equipe):
    """Type three times. Returns each text by the number of its version."""
    browser, texts = Browser(equipe.gestionnaire), {}
    for base in range(3):
        sent = words(f"{base} ", base=base)
        assert browser.send_json(commits_url(equipe.article), sent).status_code == 200
        numero = Version.objects.filter(piece=equipe.piece).latest("numero").numero
        texts[numero] = text_of(equipe.article)
    return texts


def _one_more(equipe, vu):
    return Version.objects.filter(piece=equipe.piece, numero__gt=vu).count() == 1


def publish(equipe):
    """One publishes, the other takes the marché back to its redaction."""
    url = _lead_to_visas(equipe)
    return Gesture(
        (
            (url, {"vers": "publication", "depuis": "visas", "motif": ""}),
            (url, {"vers": "redaction", "depuis": "visas", "motif": "À revoir"}),
        ),
        lambda: Marche.objects.get(pk=equipe.marche.pk).statut in ("publication", "redaction"),
    )


def both_publish(equipe):
    url = _lead_to_visas(equipe)
    sent = {"vers": "publication", "depuis": "visas", "motif": ""}
    return Gesture(
        ((url, sent), (url, sent)),
        lambda: Marche.objects.get(pk=equipe.marche.pk).statut == "publication",
    )


def accept_and_revoke(equipe):
    """The one who invited takes the invitation back while it is accepted."""
    invited = UserFactory(without_password=True)
    invitation = InvitationFactory(marche=equipe.marche, email=invited.email)
    equipe.other = invited
    return Gesture(
        tuple(
            (reverse(f"marches:invitation_{verb}", args=[invitation.pk]), {})
            for verb in ("revoke", "accept")
        ),
        lambda: _came_in(invited) != bool(Invitation.objects.get(pk=invitation.pk).revoquee_le),
    )


def _came_in(user):
    return Participation.objects.filter(user=user, is_active=True).exists()


def _lead_to_visas(equipe):
    for statut in ORDER[1 : ORDER.index(StatutMarche.VISAS) + 1]:
        move_marche(by=equipe.gestionnaire, marche=equipe.marche, statut=statut)
    return reverse("marches:marche_move", args=[equipe.marche.pk])


GESTURES = [
    roles, both_leave, take_off, withdraw_piece, retire_article,
    restore_piece, restore_one_article, publish, both_publish, accept_and_revoke,
]  # fmt: skip


def decide_at_once(equipe, gesture, connect_as):
    """Let both decide on the same state, then go on together. Returns everything that is wrong."""
    before = operations(equipe)
    people, statuses = (equipe.gestionnaire, equipe.other), {}
    browsers = [Browser(user) for user in people]

    def ask(rank, address, data):
        try:
            statuses[rank] = browsers[rank].post(address, data).status_code
        finally:
            connections.close_all()

    holder = connect_as("postgres")
    holder.autocommit = False
    with holder.cursor() as cursor:
        cursor.execute(
            "SELECT FROM chaine_tete WHERE chaine = %s FOR UPDATE", [str(equipe.marche.pk)]
        )
        threads = [
            threading.Thread(target=ask, args=(rank, *asked))
            for rank, asked in enumerate(gesture.asks)
        ]
        for thread in threads:
            thread.start()
        limit = time.monotonic() + DEAD
        while waiting_sessions() + len(statuses) < len(threads):
            assert time.monotonic() < limit, statuses
            time.sleep(0.02)
        assert not statuses, f"it was decided without the journal: {statuses}"
        holder.rollback()
    for thread in threads:
        thread.join(DEAD)
    wrong = []
    if sorted(statuses.values()) != [302, 409]:
        wrong.append(f"answers: {statuses}")
    if len(made := operations(equipe) - before) != 1:
        wrong.append(f"{len(made)} operations in the journal")
    if not gesture.whole():
        wrong.append("half a state")
    return wrong + [str(one) for one in verify_evidence(chain=equipe.marche.pk).breaks]


def operations(equipe):
    return {entry.operation for entry in list_entries(equipe.marche.pk)}


def waiting_sessions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("gesture", GESTURES)
def test_one_wins_and_the_other_is_told(equipe, connect_as, gesture):
    assert decide_at_once(equipe, gesture(equipe), connect_as) == []


@pytest.mark.parametrize("gesture", GESTURES)
def test_without_its_row_lock_it_is_seen(equipe, connect_as, gesture, monkeypatch):
    """Positive control: both decide from the same state, and nobody waits for the other."""
    asked = gesture(equipe)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    wrong = decide_at_once(equipe, asked, connect_as)
    assert any(said.startswith("answers") for said in wrong), wrong

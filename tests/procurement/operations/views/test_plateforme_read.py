"""The page of who runs the platform."""

import re
from datetime import timedelta

import pytest
from django.core import checks
from django.core.checks.registry import registry
from django.utils import timezone

from procurement.audit.services import (
    PLATFORM_CHAIN,
    Break,
    EvidenceReport,
    record_event,
    record_verdict,
    seal_evidence,
)
from procurement.operations import selectors
from procurement.operations.domain.reglages import OURS_IN_FRENCH, SENTENCES
from procurement.operations.models import MinuteSante
from procurement.operations.selectors import check_settings
from tests.procurement.accounts.factories import UserFactory


@pytest.fixture
def page(cloned_database, browse, settings):
    """Read it as the administrator of the platform."""
    selectors.lately.forget()
    browser = browse(UserFactory(without_password=True, is_administrateur=True))

    def read():
        answer = browser.get("/plateforme/")
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))

    return read


def note(shift, etat="en_marche", **constats):
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=shift)
    MinuteSante.objects.create(minute=minute, etat=etat, constats=constats, version="0.1.0")


def test_each_organ_says_how_it_is(page):
    text = page()
    for organ in ("Base de données", "Migrations", "Horloge", "Disque", "Travailleur", "Antivirus"):
        assert organ in text
    assert "Le travailleur n’a jamais donné signe de vie." in text


def test_a_new_platform_says_that_nothing_is_noted_yet(page):
    text = page()
    assert "Aucune minute n’est encore notée" in text
    assert "Aucune par la commande backup" in text
    assert text.count("jamais") >= 3


def test_the_last_hours_tell_what_was_wrong_and_what_is_not_proved(lived, page):
    note(30)
    note(29, "degradee", valkey={"etat": "degradee", "mots": "Valkey ne répond pas."})
    for shift in range(2, 26):
        note(shift)
    text = page()
    assert "Minutes prouvées : 26 sur 29 attendues" in text
    assert "Valkey ne répond pas." in text
    assert "Rien n’a été noté" in text
    assert text.count("non prouvé") >= 2


def test_the_last_backup_seal_and_verification_are_told(as_worker, page):
    record_event(
        by=None, tag="operations:backup:made", chain=PLATFORM_CHAIN,
        objet=f"chaine:{PLATFORM_CHAIN}", details={"fichiers": 7, "manquants": 2},
    )  # fmt: skip
    with as_worker():
        record_verdict(EvidenceReport(entries=12, breaks=[Break(None, None, "sceau", "Perdu.")]))
    seal_evidence()
    text = page()
    assert "7 fichiers, 2 manquants" in text
    assert "rompue, 12 lignes relues" in text
    assert "chaînes scellées" in text


def test_settings_to_look_at_are_told_in_french_with_what_to_do(page, settings):
    selectors.reglages._seen = None
    settings.DEBUG = True
    text = page()
    assert "Les pages de développement sont ouvertes" in text
    assert "Retirer DEBUG de l’environnement." in text
    assert "C’est une démonstration" in text
    selectors.reglages._seen = None


def test_every_check_of_a_deployment_has_its_sentence(db, settings):
    """A check that nobody translated would speak English on the page."""
    import django.core.checks.security.base as base  # noqa: PLC0415
    from django.core.checks.security import csrf, sessions  # noqa: PLC0415

    known = {
        message.id
        for module in (base, csrf, sessions)
        for message in vars(module).values()
        if isinstance(message, checks.CheckMessage)
    }
    # Two attributes of a cookie that this site never sets apart: read with the others.
    known -= {"security.W013", "security.W014", "security.W015", "security.W007", "security.W017"}
    assert known - set(SENTENCES) <= {
        "security.E101",
        "security.E102",
        "security.W023",
        "security.W024",
        "security.E023",
        "security.E024",
    }
    ours = {
        check.__module__ for check in registry.registered_checks | registry.deployment_checks
        if check.__module__.startswith("procurement.")
    }  # fmt: skip
    assert ours == {
        "procurement.accounts.checks",
        "procurement.audit.checks",
        "procurement.documents.checks",
        "procurement.jobs.checks",
        "procurement.operations.checks",
    }
    settings.ALLOWED_HOSTS, settings.DEMO = ["*"], True
    for told in check_settings():
        assert told.numero in SENTENCES or told.numero.startswith(OURS_IN_FRENCH), told

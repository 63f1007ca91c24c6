"""The demonstration, loaded for real on a database of its own."""

import io
import json
import re
from itertools import pairwise

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from procurement.access.services import can
from procurement.accounts.models import User
from procurement.audit.services import verify_evidence
from procurement.demo.catalogue import HISTOIRES
from procurement.demo.edition import EDITION
from procurement.demo.histoires import nettoyage_ccap, nettoyage_cctp
from procurement.demo.horloge import is_worked
from procurement.demo.management.commands.seed_demo import Command
from procurement.demo.people import PASSWORD, PEOPLE
from procurement.demo.recit import TEXTES, Lost, Recit
from procurement.demo.temps import TOLD
from procurement.marches.enums import StatutMarche
from procurement.marches.models import Marche
from procurement.marches.permissions import Action as MarcheAction
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Direction, Organisation
from wikimarche.domain.canonical import plain_text
from wikimarche.enums import GenreVersion, StatutArticle, StatutPiece
from wikimarche.models import Article, Commit, Piece, Version
from wikimarche.permissions import Action


def load(**options) -> str:
    answer = io.StringIO()
    call_command(Command(stderr=io.StringIO()), stdout=answer, oui=True, **options)
    return answer.getvalue()


def test_refuses_outside_the_demonstration(db):
    with pytest.raises(CommandError, match="DEMO=on"):
        call_command(Command())
    assert not User.objects.exists()


@pytest.mark.timeout(300)
def test_seed(cloned_database, settings):
    settings.DEMO = True  # on an empty journal: told in the past; no second factor asked
    answer = load()

    assert PASSWORD in answer
    assert "gestionnaire@demo.example" in answer
    _people()
    _states()
    _long_history()
    _walls()
    report = verify_evidence(files=True)
    assert report.ok, report.breaks

    # A second run finds everything there.
    rows = (Version.objects.count(), Commit.objects.count(), User.objects.count())
    second = json.loads(load(json=True))
    assert second["marches"] == 0
    assert len(second["comptes"]) == len(PEOPLE)
    assert rows == (Version.objects.count(), Commit.objects.count(), User.objects.count())

    _timeline()
    _pages_open()


@pytest.mark.timeout(300)
def test_an_interrupted_seed_resumes(cloned_database, monkeypatch):
    told = []

    def stop(histoire, **kwargs):
        if len(told) == 2:
            raise KeyboardInterrupt
        told.append(histoire.numero)
        return open_marche(histoire, **kwargs)

    from procurement.demo import seed  # noqa: PLC0415

    open_marche = seed.open_marche
    monkeypatch.setattr(seed, "HISTOIRES", HISTOIRES[:4])
    monkeypatch.setattr(seed, "open_marche", stop)
    with pytest.raises(KeyboardInterrupt):
        load()
    references = Marche.objects.values_list("reference", flat=True)
    assert {reference.partition("-")[2] for reference in references} == set(told)

    monkeypatch.setattr(seed, "open_marche", open_marche)
    assert json.loads(load(json=True))["marches"] == 2
    assert Marche.objects.count() == 4
    assert verify_evidence().ok


@pytest.mark.parametrize(
    ("name", "module"), [("nettoyage-ccap.md", nettoyage_ccap), ("nettoyage-cctp.md", nettoyage_cctp)]
)  # fmt: skip
def test_the_draft_differs_from_the_text(name, module):
    """roughen() raises when a correction of the story is not in the text any more."""
    text = (TEXTES / name).read_text()
    assert module.roughen(text) != text
    assert "prestataire" in module.roughen(text)


def test_texts_use_french_typography():
    for path in TEXTES.glob("*.md"):
        text = path.read_text()
        assert "'" not in text, path.name
        assert not re.search(r"\S[;!?»]", re.sub(r"\]\(#.*?\)", "", text)), path.name


def _people():
    region = Organisation.objects.get(nom="Région Armor-Loire")
    assert Direction.objects.filter(organisation=region).count() == 6
    assert Direction.objects.filter(organisation=region, is_juridique=True).count() == 1
    members = region.memberships.select_related("user")
    assert members.count() == 10
    assert set(members.values_list("fonction", flat=True)) == set(Fonction.values)
    claire = members.get(user__email="gestionnaire@demo.example")
    assert claire.fonction == Fonction.AGENT
    for user in User.objects.all():
        assert EmailAddress.objects.get(user=user).verified
    assert claire.user.check_password(PASSWORD)
    validate_password(PASSWORD)


def _states():
    statuts = dict(Marche.objects.values_list("reference", "statut"))
    assert len(statuts) == len(HISTOIRES)
    assert {
        StatutMarche.BESOIN,
        StatutMarche.REDACTION,
        StatutMarche.VISAS,
        StatutMarche.OFFRES,
        StatutMarche.EXECUTION,
        StatutMarche.INFRUCTUEUX,
    } <= set(statuts.values())
    main = Marche.objects.get(reference__endswith="-DPMG-014")
    assert main.lots.count() == 2
    assert [int(c.poids) for c in main.criteres.all()] == [40, 40, 20]
    assert set(main.participations.filter(is_active=True).values_list("role", flat=True)) == {
        "gestionnaire", "editeur", "commentateur", "moderateur", "observateur",
    }  # fmt: skip


def _long_history():
    main = Marche.objects.get(reference__endswith="-DPMG-014")
    versions = Version.objects.filter(piece__marche=main)
    assert versions.filter(piece__type__in=["CCAP", "CCTP"]).count() >= 220
    assert versions.values("auteur").distinct().count() >= 5
    assert {"Première écriture", "Envoi aux directions", "Retour des achats durables", "Relecture juridique"} <= set(
        versions.filter(genre=GenreVersion.NOMMEE).values_list("nom", flat=True)
    )  # fmt: skip
    assert versions.filter(genre=GenreVersion.RESTAURATION).count() >= 3
    for piece in Piece.objects.filter(marche=main):
        assert piece.versions.values("auteur").distinct().count() >= 5
    for piece in Piece.objects.filter(marche=main):
        active = Article.objects.filter(piece=piece, statut=StatutArticle.ACTIF)
        assert active.count() >= 60
        text = " ".join(map(plain_text, active.values_list("corps", flat=True)))
        assert "le prestataire" not in text.lower()
        assert len(text) > 50_000
        kinds = json.dumps(list(active.values_list("corps", flat=True)))
        for kind in (
            "table",
            "ordered_list",
            "bullet_list",
            "note_bas_de_page",
            "variable",
            "renvoi",
        ):
            assert f'"type": "{kind}"' in kinds
        targets = set(re.findall(r'"article": "([0-9a-f-]{36})"', kinds))
        assert targets <= {str(pk) for pk in active.values_list("pk", flat=True)}


def _timeline():
    """Nothing in the future, nothing of the same minute: working days, office hours, over months."""
    now, today = timezone.now(), timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute("SELECT chaine, seq, instant, action FROM journal ORDER BY chaine, seq")
        # Publications are sealed once all is committed: at the true instant.
        rows = [row for row in cursor.fetchall() if row[3] != "audit:evidence:sealed"]
    told = [row for row in rows if row[3] != TOLD]
    assert len({row[0] for row in rows}) == len(rows) - len(told) == len(HISTOIRES) + 1
    for before, after in pairwise(rows):
        assert before[0] != after[0] or before[2] <= after[2]
    for _, _, instant, action in told:
        local = timezone.localtime(instant)
        assert instant < now, action
        assert is_worked(local.date()), (local, action)
        assert 8 <= local.hour < 18, (local, action)
    main = Version.objects.filter(piece__marche__reference__endswith="-DPMG-014")
    days = {timezone.localdate(instant) for instant in main.values_list("instant", flat=True)}
    assert len(days) >= 15
    assert (max(days) - min(days)).days > 60
    assert (today - max(days)).days < 15
    # What is open is still ahead, what is over is behind.
    for marche in Marche.objects.exclude(date_limite_offres=None):
        is_ahead = marche.statut in {"besoin", "redaction", "visas", "publication", "offres"}
        assert (marche.date_limite_offres > now) == is_ahead, marche
        if marche.statut in {"redaction", "visas"}:
            assert marche.publication_prevue > today
    past = Marche.objects.exclude(statut__in=["besoin", "redaction", "visas"])
    states = Piece.objects.filter(marche__in=past, type="CCTP").values_list("statut", flat=True)
    assert len(states) == 3
    assert set(states) == {StatutPiece.EN_RELECTURE}
    for corps in Article.objects.values_list("corps", flat=True):
        assert "{A+" not in plain_text(corps)


def _walls():
    mairie, juriste = (
        User.objects.get(email=f"{name}@demo.example") for name in ("mairie", "juriste")
    )
    main = Marche.objects.get(reference__endswith="-DPMG-014")
    piece = Piece.objects.filter(marche=main).first()
    assert not can(mairie, MarcheAction.MARCHE_READ, main)
    assert not can(mairie, Action.PIECE_READ, piece)
    assert can(juriste, Action.PIECE_READ, piece)


def _pages_open():
    client = Client()
    client.force_login(
        User.objects.get(email="gestionnaire@demo.example"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    for marche in Marche.objects.filter(participations__user__email="gestionnaire@demo.example"):
        assert client.get(marche.get_absolute_url()).status_code == 200
    assert client.get(reverse("marches:marche_list")).status_code == 200
    piece = Piece.objects.get(marche__reference__endswith="-DPMG-014", type="CCAP")
    page = client.get(piece.get_absolute_url()).content.decode()
    assert "Enregistré le" in " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert "Relire la pièce" not in client.get("/").content.decode()


def test_a_story_that_has_lost_its_text_stops(cloned_database, monkeypatch):
    from procurement.demo import seed  # noqa: PLC0415

    monkeypatch.setattr(seed, "HISTOIRES", HISTOIRES[:1])
    load()
    story = Recit(Piece.objects.get(), {})
    with pytest.raises(Lost, match="0 articles"):
        story.edit("editeur", "des mots absents", "d’autres")


def test_an_older_demonstration_is_left_alone_and_said(cloned_database, monkeypatch):
    from procurement.demo import edition, seed, temps  # noqa: PLC0415

    monkeypatch.setattr(seed, "HISTOIRES", HISTOIRES[:1])
    monkeypatch.setattr(temps, "EDITION", EDITION - 1)
    load()
    monkeypatch.setattr(temps, "EDITION", EDITION)
    rows = Version.objects.count()
    said = io.StringIO()
    call_command(Command(stderr=said), stdout=io.StringIO(), oui=True)
    assert said.getvalue().count("édition") == 2
    assert "effacez" in said.getvalue()
    assert Version.objects.count() == rows
    # Up to date, nothing is said.
    monkeypatch.setattr(edition, "EDITION", EDITION - 1)
    said = io.StringIO()
    call_command(Command(stderr=said), stdout=io.StringIO(), oui=True)
    assert said.getvalue() == ""

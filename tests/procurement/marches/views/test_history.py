"""The story of a marché for the jurist, and its verification in plain words."""

import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.jobs.models import Job
from procurement.jobs.services import run_job
from procurement.marches.enums import RoleParticipation, StatutMarche
from procurement.marches.selectors import history, read_history
from procurement.marches.services import (
    accept_invitation,
    change_role,
    end_participation,
    move_marche,
    revoke_invitation,
    set_criteres,
    set_lots,
    share_marche,
    update_marche,
)
from procurement.marches.services.invitations import renew_jeton
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.marches.factories import InvitationFactory
from tests.support.client import plain
from tests.wikimarche.factories import type_words
from wikimarche.enums import FormatExport, GenreFil
from wikimarche.selectors import read_piece
from wikimarche.services import (
    add_article,
    ask_export,
    import_document,
    indent_article,
    mask_commentaire,
    move_up,
    open_fil,
    outdent_article,
    receive_document,
    rename_piece,
    submit_piece,
)


@pytest.fixture
def shared(equipe):
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    return equipe


def url(equipe, name="history_read"):
    return reverse(f"marches:{name}", args=[equipe.marche.pk])


def test_the_story_says_who_did_what(shared):
    type_words(shared.person(), shared.article, "x")
    page = shared.browser("juriste").get(url(shared)).content.decode()
    for words in ("a ouvert le marché", "a partagé le marché", str(shared.person())):
        assert words in page


@pytest.mark.parametrize(
    "asked",
    [
        {"avant": "9" * 30}, {"avant": "x"}, {"avant": "0"}, {"avant": "2"}, {"famille": "\x00"},
        {"famille": "%"}, {"famille": "x" * 5000}, {"acteur": "\x00"}, {"acteur": "acheteur:x"},
        {"famille": "wikimarche:article:"}, {"famille": "marches:"}, {"famille": "reversion"},
    ],
)  # fmt: skip
def test_odd_filters_are_answered(shared, asked):
    assert shared.browser("juriste").get(url(shared), asked).status_code == 200


def test_the_pack_is_asked_for_on_screen_and_checks_alone(shared, tmp_path):
    type_words(shared.person(), shared.article, "trente jours")
    juriste = shared.browser("juriste")
    answer = juriste.post(url(shared, "history_export"))
    (job,) = Job.objects.filter(kind="marches:write_pack")
    assert answer.url == reverse("jobs:job_detail", args=[job.pk])
    assert run_job(job.pk)
    served = juriste.get(reverse("documents:job_download", args=[job.pk]))
    assert served["Content-Type"] == "application/zip"
    zipfile.ZipFile(BytesIO(b"".join(served.streaming_content))).extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verifier.py"], cwd=tmp_path, capture_output=True, text=True,
        check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert (done.returncode, "Sain" in done.stdout) == (0, True), done.stdout
    assert "a fait sortir le dossier de preuve" in juriste.get(url(shared)).content.decode()
    assert "Historique" in juriste.get(answer.url).content.decode()


def test_the_jurist_verifies_and_it_is_written_down(shared):
    answer = shared.browser("juriste").post(url(shared, "history_verify"))
    assert answer.status_code == 200
    entry = list_entries(shared.marche.pk, action="marches:history:verified")[-1]
    assert entry.acteur == f"acheteur:{shared.person('juriste').pk}"


def test_the_verdict_is_in_plain_words(equipe_durable):
    equipe = equipe_durable
    share_marche(by=equipe.gestionnaire, marche=equipe.marche, partage=True)
    answer = equipe.browser("juriste").post(url(equipe, "history_verify"))
    report = answer.context["rapport"]
    assert report.ok, report.breaks
    entry = list_entries(equipe.marche.pk, action="marches:history:verified")[-1]
    assert entry.corps["details"]["résultat"] == "intègre"


def test_the_story_names_whose_role_changed_and_how(shared):
    who = shared.person()
    change_role(
        by=shared.gestionnaire,
        participation=shared.participation(who),
        role=RoleParticipation.COMMENTATEUR,
    )
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert (
        f"a changé le rôle de {who}, de «\u202féditeur\u202f» à «\u202fcommentateur\u202f»" in page
    )
    end_participation(by=shared.gestionnaire, participation=shared.participation(who))
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert f"a retiré {who} du marché, rôle «\u202fcommentateur\u202f»" in page


def test_the_story_names_whom_an_invitation_is_for(shared):
    guest = UserFactory(without_password=True)
    first = InvitationFactory(marche=shared.marche, email=guest.email, role="editeur")
    renew_jeton(by=shared.gestionnaire, invitation=first)
    revoke_invitation(by=shared.gestionnaire, invitation=first)
    second = InvitationFactory(marche=shared.marche, email=guest.email, role="observateur")
    accept_invitation(by=guest, invitation=second)
    page = shared.browser("juriste").get(url(shared)).content.decode()
    for words in (
        f"a invité {guest.email}, comme éditeur",
        f"a fait partir le courriel qui invite {guest.email}, comme éditeur",
        f"a révoqué l’invitation de {guest.email}, comme éditeur",
        f"<strong>{guest}</strong> a accepté l’invitation de {shared.gestionnaire}, comme observateur",
    ):
        assert words in page


def test_a_step_is_said_in_words(shared):
    move_marche(by=shared.gestionnaire, marche=shared.marche, statut=StatutMarche.REDACTION)
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert (
        "a fait passer le marché de l’étape «\u202fBesoin\u202f» à «\u202fRédaction\u202f»" in page
    )


def test_the_state_of_a_piece_is_said_in_words(shared):
    submit_piece(by=shared.gestionnaire, piece=shared.piece)
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert "Avant\u202f: Brouillon" in page
    assert "Après\u202f: En relecture" in page
    assert "en_relecture" not in page


def test_a_change_of_the_fiche_is_a_sentence_with_the_label_of_its_field(shared):
    update_marche(
        by=shared.gestionnaire,
        marche=shared.marche,
        cpv="90910000-9",
        nature="services",
        montant_estime=Decimal(12500),
        publication_prevue=date(2027, 3, 4),
        date_limite_offres=datetime(2027, 4, 1, 10, tzinfo=UTC),
    )
    update_marche(by=shared.gestionnaire, marche=shared.marche, cpv="77310000-6")
    page = shared.browser("juriste").get(url(shared)).content.decode()
    page = page.replace("\u202f", " ").replace("\u00a0", " ")
    for sentence in (
        "Code CPV : de « 90910000-9 » à « 77310000-6 »",
        "Code CPV : de rien à « 90910000-9 »",
        "Nature : de rien à « Services »",
        "Montant estimé HT : de rien à 12 500,00 € HT",
        "Publication prévue : de rien à 4 mars 2027",
        "Remise des offres : de rien à 1er avril 2027 à 12 h",
    ):
        assert sentence in page, sentence
    assert "avant" not in page


def test_an_article_without_title_has_no_empty_quotes(shared):
    article = add_article(by=shared.person(), piece=shared.piece)
    move_up(by=shared.person(), article=article)
    page = shared.browser("juriste").get(url(shared)).content.decode()
    number = read_piece(shared.piece).articles[-2].number
    assert f"a déplacé l’article {number}, sans titre" in page
    assert f"a ajouté l’article {int(number) + 1}, sans titre" in page
    assert "«\u202f\u202f»" not in page


def test_an_article_titled_later_is_named_by_the_title_it_was_given(shared):
    article = add_article(by=shared.person(), piece=shared.piece)
    type_words(shared.person(), article, "Mots.", titre="Délais")
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert "a écrit dans l’article «\u202fDélais\u202f»" in page


def test_a_long_name_of_a_file_may_go_to_the_line_in_a_sentence(shared):
    import_document(
        by=shared.gestionnaire,
        piece=shared.piece,
        content=b"# Objet\n\nUn.",
        nom="ccap_signe_v2.md",
    )
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert "ccap_<wbr>signe_<wbr>v2.md" in page


def test_the_history_can_be_that_of_the_comments(shared):
    """Threads and what is said in them are two kinds of rows, and one thing for who reads."""
    by = shared.gestionnaire
    type_words(by, shared.article, "x")
    fil = open_fil(
        by=by, article=shared.article, genre=GenreFil.QUESTION, texte="Combien de mois\u202f?"
    )
    mask_commentaire(by=by, commentaire=fil.commentaires.get(), motif="Hors sujet")
    browser, address = shared.browser("juriste"), url(shared)
    page = browser.get(address).content.decode()
    (value,) = re.findall(r'<option\s+value="([^"]*)"[^>]*>Commentaires</option>', page)
    page = browser.get(address, {"famille": value}).content.decode()
    assert "a écrit un commentaire" in page
    assert "a masqué un commentaire" in page
    assert "a ouvert le marché" not in page


def test_a_change_of_level_says_so(shared):
    article = add_article(by=shared.person(), piece=shared.piece, titre="Délais")
    indent_article(by=shared.person(), article=article)
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert "a mis en retrait l’article «\u202fDélais\u202f», un niveau plus bas" in page
    article.refresh_from_db()
    outdent_article(by=shared.person(), article=article)
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert "a remonté l’article «\u202fDélais\u202f», un niveau plus haut" in page


def test_a_version_is_a_link_to_what_it_was(shared):
    type_words(shared.person(), shared.article, "x")
    browser = shared.browser("juriste")
    last = shared.piece.versions.order_by("-numero").first().numero
    link = reverse("wikimarche:version_detail", args=[shared.piece.pk, last])
    assert f'<a href="{link}">version {last}</a>' in browser.get(url(shared)).content.decode()
    assert browser.get(link).status_code == 200


def test_the_story_of_another_marche_is_not_mixed_in(shared):
    from tests.procurement.marches.factories import MarcheFactory  # noqa: PLC0415

    MarcheFactory(objet="Achat étranger", organisation=shared.marche.organisation)
    page = shared.browser("juriste").get(url(shared)).content.decode()
    assert "Achat étranger" not in page


@pytest.mark.attaque("A14")
def test_the_administrator_of_the_platform_reads_no_content(equipe):
    browser = equipe.browse(UserFactory(without_password=True, is_administrateur=True))
    for address in (
        equipe.marche.get_absolute_url(), equipe.piece.get_absolute_url(), url(equipe), "/admin/",
    ):  # fmt: skip
        assert browser.get(address).status_code == 404


# ── Nothing that a jurist looks for is left out of the story ────────────────────────────────────


def story(equipe, **asked):
    return " ".join(plain(equipe.browser("juriste").get(url(equipe), asked)).split())


def test_the_weights_of_the_criteria_are_said_before_and_after(shared):
    by, marche = shared.gestionnaire, shared.marche
    rows = [{"intitule": "Prix", "nature": "prix", "poids": Decimal(40)}]
    (prix,) = set_criteres(by=by, marche=marche, criteres=rows)
    rows = [
        {"intitule": "Délais", "nature": "delai", "poids": Decimal("20.5")},
        {"intitule": "Prix", "nature": "prix", "poids": Decimal(60), "id": str(prix.pk)},
    ]
    set_criteres(by=by, marche=marche, criteres=rows)
    set_criteres(by=by, marche=marche, criteres=rows[:0])
    told = story(shared)
    assert "Prix : de « n° 1, 40 % » à « n° 2, 60 % »" in told
    assert re.search("Délais : de rien à « n° 1, [^»]*, 20,5 % »", told)
    assert re.search("Prix : de « n° 2, [^»]*, 60 % » à rien", told)


def test_the_amounts_of_the_lots_are_said_before_and_after(shared):
    by, marche = shared.gestionnaire, shared.marche
    (lot,) = set_lots(by=by, marche=marche, lots=[{"intitule": "Peinture"}])
    rows = [{"intitule": "Peintures", "montant_estime": Decimal(1200), "id": str(lot.pk)}]
    set_lots(by=by, marche=marche, lots=rows)
    told = story(shared)
    assert "Peintures : de « Peinture, sans montant » à « Peintures, 1 200,00 € HT »" in told


@pytest.mark.parametrize(
    ("days", "lines"), [pytest.param(0, 1, id="same day"), pytest.param(1, 2, id="the day before")]
)
def test_what_was_written_another_day_is_another_line(shared, monkeypatch, days, lines):
    for words in ("un ", "deux "):
        type_words(shared.person(), shared.article, words)
    newest, *older = list_entries(shared.marche.pk, action="wikimarche:article:edited")
    shown = [newest, *(replace(e, instant=e.instant - timedelta(days=days)) for e in older)]
    monkeypatch.setattr(history, "list_entries", lambda *args, **kwargs: shown)
    assert len(read_history(shared.marche).events) == lines


def test_each_line_says_in_which_piece_it_happened(shared):
    type_words(shared.person(), shared.article, "x")
    rename_piece(by=shared.gestionnaire, piece=shared.piece, titre="Cahier du lieu")
    places = {e.phrase.split(" «")[0]: e.lieu for e in read_history(shared.marche).events}
    assert places["a écrit dans l’article"] == "Cahier du lieu"
    assert places["a ouvert le marché"] == ""
    assert places["a renommé la pièce\u202f:"] == ""
    assert "· Cahier du lieu" in story(shared)


def test_who_left_and_who_verified_can_be_chosen(shared):
    type_words(shared.person(), shared.article, "x")
    shared.browser("juriste").post(url(shared, "history_verify"))
    hers = shared.marche.participations.get(user=shared.person())
    end_participation(by=shared.gestionnaire, participation=hers)
    people = dict(read_history(shared.marche).personnes)
    for person in (shared.person(), shared.person("juriste"), shared.gestionnaire):
        assert people[f"acheteur:{person.pk}"].startswith(str(person))
    told = story(shared, acteur=f"acheteur:{shared.person().pk}")
    assert "a écrit dans l’article" in told
    assert "a ouvert le marché" not in told


@pytest.mark.parametrize(
    ("famille", "tag", "told"),
    [
        pytest.param(
            "wikimarche:importation:", "wikimarche:importation:received", "a déposé", id="imports"
        ),
        pytest.param("documents:", "wikimarche:piece:exported", "a exporté", id="files"),
    ],
)
def test_imports_and_files_are_families_of_their_own(shared, famille, tag, told):
    ask_export(by=shared.person(), piece=shared.piece, format=FormatExport.MD)
    receive_document(
        by=shared.person(), piece=shared.piece, nom="a.md", content=b"# Objet\n\nTexte."
    )
    assert tag in {e.action for e in list_entries(shared.marche.pk)}
    shown = read_history(shared.marche, famille=famille).events
    assert any(told in event.phrase for event in shown)
    assert all("a ouvert le marché" not in event.phrase for event in shown)


@pytest.mark.parametrize("titre", ["version_faite", "lots", "objet", "structure"])
def test_a_title_in_the_words_of_the_machine_is_a_title(shared, titre):
    set_lots(by=shared.gestionnaire, marche=shared.marche, lots=[{"intitule": titre}])
    assert f"{titre.capitalize()} : de rien à « n° 1 »" in story(shared)


def test_what_acts_by_itself_is_no_person_to_choose(shared):
    people = read_history(shared.marche).personnes
    assert people
    assert all(who.startswith("acheteur:") and name for who, name in people)

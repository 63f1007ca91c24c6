"""The lots of the fiche in a text: their number, and what each one says."""

import json
import re
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse

from procurement.documents.models import StoredFile
from procurement.documents.services import open_stored
from procurement.jobs.services import run_job
from procurement.marches.domain.variables import list_donnees
from procurement.marches.models import Marche
from procurement.marches.selectors import name_variables
from procurement.marches.services import set_lots
from tests.procurement.marches.factories import MarcheFactory
from tests.support.equipe import commit, commits_url, state_of
from tests.wikimarche.domain.factories import doc, p
from tests.wikimarche.factories import ArticleFactory
from wikimarche.selectors import text_lacks
from wikimarche.services import ask_export


def put_donnee(chemin):
    content = [{"type": "variable", "attrs": {"chemin": chemin}}]
    return {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": content}}


def offered(equipe):
    page = equipe.browser().get(equipe.piece.get_absolute_url()).content.decode()
    rows = json.loads(re.search(r'<script id="wm-variables"[^>]*>(.*?)</script>', page)[1])
    return {row["libelle"]: row for row in rows}


@pytest.fixture
def lots(equipe):
    """Two lots, the second without an amount."""
    rows = [
        {"intitule": "Vitrerie", "montant_estime": Decimal(12000)},
        {"intitule": "Moquettes", "montant_estime": None},
    ]
    return set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=rows)


def test_a_fiche_offers_what_its_lots_say(equipe, lots):
    rows = offered(equipe)
    said = {name: row["valeur"] for name, row in rows.items() if "ot" in name.split(",")[0]}
    assert said["Nombre de lots"] == "2"
    assert said["Lot 1, intitulé"] == "Vitrerie"
    assert said["Lot 1, montant estimé"] == "12\u202f000,00\u00a0€\u00a0HT"
    assert said["Lot 2, numéro"] == "2"
    assert said["Lot 2, montant estimé"] == ""
    assert all(row["offerte"] for row in rows.values())


def test_what_a_lot_says_is_put_in_the_text_and_follows_the_fiche(equipe, lots):
    chemin = offered(equipe)["Lot 1, intitulé"]["chemin"]
    answer = equipe.browser().send_json(
        commits_url(equipe.article), commit(0, put_donnee(chemin), put_donnee("marche.nombre_lots"))
    )
    assert answer.status_code == 200, answer.content
    for url in (
        equipe.piece.get_absolute_url(),
        reverse("wikimarche:article_detail", args=[equipe.article.pk]),
    ):
        assert "Vitrerie" in equipe.browser().get(url).content.decode()


def test_an_open_page_is_told_what_changed_in_the_fiche(equipe, lots):
    """Once, whoever changed it: the page then names the fiche it holds."""
    browser = equipe.browser("observateur")
    page = browser.get(equipe.piece.get_absolute_url()).content.decode()
    held = re.search(r'data-fiche="(\w+)"', page)[1]
    url = reverse("wikimarche:piece_changes", args=[equipe.piece.pk])
    assert browser.get(url, {"version": 9, "fiche": held}).json()["fiche"] is None
    rows = [{"id": str(lot.pk), "intitule": "Vitrages", "montant_estime": None} for lot in lots[:1]]
    set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=rows)
    told = browser.get(url, {"version": 9, "fiche": held}).json()["fiche"]
    said = {row["libelle"]: row["valeur"] for row in told["variables"]}
    assert (said["Nombre de lots"], said["Lot 1, intitulé"]) == ("1", "Vitrages")
    assert browser.get(url, {"version": 9, "fiche": told["empreinte"]}).json()["fiche"] is None


# ── What no text may cite, nor show ─────────────────────────────────────────────────────────────


@pytest.fixture
def elsewhere(equipe):
    """A lot of another marché, of somebody who has nothing to do here."""
    rows = [{"intitule": "Coffre d’ailleurs", "montant_estime": Decimal(98765)}]
    marche = MarcheFactory(by=equipe.person("etranger"))
    return set_lots(by=marche.author, marche=marche, lots=rows)[0]


def accepted(equipe, role, *chemins):
    """Paths that a text takes in, sent one by one as the editor does; a refusal changes nothing."""
    taken = []
    for chemin in chemins:
        before = state_of(equipe.piece)
        base = type(equipe.article).objects.get(pk=equipe.article.pk).numero
        sent = commit(base, put_donnee(chemin))
        answer = equipe.browser(role).send_json(commits_url(equipe.article), sent)
        if answer.status_code != 400 or state_of(equipe.piece) != before:
            taken.append(chemin)
    return taken


def cite(equipe, lot):
    """An article that cites all that a lot says, whatever the gate of the commits thinks of it."""
    nodes = [
        {"type": "variable", "attrs": {"chemin": f"lot.{lot.pk.hex}.{said}"}}
        for said in ("numero", "intitule", "montant_estime")
    ]
    return ArticleFactory(piece=equipe.piece, corps=doc(p("Le lot ", *nodes)))


def showing(equipe, article, tmp_path, *words):
    """Where these words come out: the page, its fragment, the list of data, the file and the command."""
    browser = equipe.browser("observateur")
    job = ask_export(by=equipe.person("observateur"), piece=equipe.piece, format="md")
    run_job(job.pk)
    job.refresh_from_db()
    with open_stored(StoredFile.objects.get(pk=job.resultat["fichier"])) as stored:
        exported = stored.read().decode()
    sortie = tmp_path / "piece.md"
    call_command(
        "export_piece", f"--par={equipe.person('observateur').email}",
        f"--piece={equipe.piece.pk}", "--format=md", f"--sortie={sortie}",
    )  # fmt: skip
    fragment = reverse("wikimarche:article_detail", args=[article.pk])
    said = {
        "page": browser.get(equipe.piece.get_absolute_url()).content.decode(),
        "fragment": browser.get(fragment).content.decode(),
        "donnees": json.dumps(offered(equipe), ensure_ascii=False),
        "file": exported,
        "command": sortie.read_text(),
    }
    return {way for way, text in said.items() if any(word in text for word in words)}


FORGED = ("marche.secret", "lot.intitule", "lot.__class__", "lot.{}.author", "lot.{}")


def test_the_lot_of_another_marche_is_refused_and_so_is_a_path_made_up(equipe, lots, elsewhere):
    made_up = [path.format(lots[0].pk.hex) for path in FORGED]
    foreign = f"lot.{elsewhere.pk.hex}.intitule"
    assert accepted(equipe, "editeur", foreign, *made_up) == []
    assert accepted(equipe, "editeur", own := f"lot.{lots[0].pk.hex}.intitule") == [own]


def test_names_that_are_not_those_of_the_fiche_are_seen(equipe, elsewhere, monkeypatch):
    """The guard can fail: with the names of another fiche among those asked, its lot goes in."""
    foreign = f"lot.{elsewhere.pk.hex}.intitule"
    monkeypatch.setattr(
        "wikimarche.services.edits.name_variables",
        lambda marche: name_variables(marche) | name_variables(elsewhere.marche),
    )
    assert accepted(equipe, "editeur", foreign) == [foreign]


@pytest.mark.parametrize("role", ["observateur", "commentateur", "etranger"])
def test_who_may_not_write_puts_no_lot_in_the_text(equipe, lots, role):
    before = state_of(equipe.piece)
    sent = commit(0, put_donnee(f"lot.{lots[0].pk.hex}.intitule"))
    answer = equipe.browser(role).send_json(commits_url(equipe.article), sent)
    assert answer.status_code == (404 if role == "etranger" else 403)
    assert state_of(equipe.piece) == before


def test_a_text_says_its_own_lots_everywhere_and_no_lot_of_another_marche(
    equipe, lots, elsewhere, tmp_path
):
    own, foreign = cite(equipe, lots[0]), cite(equipe, elsewhere)
    everywhere = {"page", "fragment", "donnees", "file", "command"}
    assert showing(equipe, own, tmp_path, "Vitrerie") == everywhere
    assert showing(equipe, foreign, tmp_path, "Coffre", "98\u202f765") == set()


def test_a_selector_that_reads_the_lots_of_all_is_seen(equipe, elsewhere, tmp_path, monkeypatch):
    """The guard can fail: data taken from every lot show the one of elsewhere in all five places."""
    article = cite(equipe, elsewhere)
    monkeypatch.setattr(
        "procurement.marches.selectors.donnees.list_donnees",
        lambda marche, lots, lost: list_donnees(marche, [*lots, elsewhere]),
    )
    everywhere = {"page", "fragment", "donnees", "file", "command"}
    assert showing(equipe, article, tmp_path, "Coffre") == everywhere


def test_a_lot_withdrawn_says_nothing_more_and_one_that_still_would_is_seen(
    equipe, lots, tmp_path, monkeypatch
):
    article = cite(equipe, lots[0])
    kept = {"id": str(lots[1].pk), "intitule": "Moquettes"}
    set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=[kept])
    assert showing(equipe, article, tmp_path, "Vitrerie", "12\u202f000") == set()

    def forgetful(marche, lots, lost):
        every = list(lots)
        for lot in every:
            lot.retire = False
        return list_donnees(marche, every)

    monkeypatch.setattr("procurement.marches.selectors.donnees.list_donnees", forgetful)
    everywhere = {"page", "fragment", "donnees", "file", "command"}
    assert showing(equipe, article, tmp_path, "Vitrerie") == everywhere


def test_a_lot_withdrawn_is_no_more_offered_and_what_cites_it_says_so(equipe, lots):
    chemin = offered(equipe)["Lot 1, intitulé"]["chemin"]
    ArticleFactory(
        piece=equipe.piece, corps=doc(p({"type": "variable", "attrs": {"chemin": chemin}}))
    )
    kept = {"id": str(lots[1].pk), "intitule": "Moquettes"}
    set_lots(by=equipe.gestionnaire, marche=equipe.marche, lots=[kept])
    row = offered(equipe)["Lot 1 (retiré), intitulé"]
    assert (row["valeur"], row["offerte"]) == ("", False)
    page = equipe.browser().get(equipe.piece.get_absolute_url()).content.decode()
    assert "[Lot 1 (retiré), intitulé à compléter]" in page
    (point,) = text_lacks(Marche.objects.get(pk=equipe.marche.pk))
    assert "Lot 1 (retiré), intitulé" in point.detail

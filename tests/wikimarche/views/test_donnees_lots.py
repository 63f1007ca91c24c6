"""The lots of the fiche in a text: their number, and what each one says."""

import json
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from procurement.marches.models import Marche
from procurement.marches.services import set_lots
from tests.procurement.marches.factories import MarcheFactory
from tests.support.equipe import commit, commits_url, state_of
from tests.wikimarche.domain.factories import doc, p
from tests.wikimarche.factories import ArticleFactory
from wikimarche.selectors import empty_variables


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


def test_the_lot_of_another_marche_is_refused(equipe):
    other = MarcheFactory(by=equipe.gestionnaire, in_two_lots=True).lots.first()
    before = state_of(equipe.piece)
    sent = commit(0, put_donnee(f"lot.{other.pk.hex}.intitule"))
    assert equipe.browser().send_json(commits_url(equipe.article), sent).status_code == 400
    assert state_of(equipe.piece) == before


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
    (point,) = empty_variables(Marche.objects.get(pk=equipe.marche.pk))
    assert "Lot 1 (retiré), intitulé" in point.detail

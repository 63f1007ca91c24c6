"""A datum of the fiche changes while pièces that cite it are open: read, and written in."""

import pytest
from playwright.sync_api import expect

from procurement.marches.services import set_criteres, update_marche
from tests.e2e.test_rediger_a_plusieurs import enter
from tests.support.client import give_session
from tests.support.equipe import commit, commits_url, make_equipe
from tests.wikimarche.factories import type_words


pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.parametrize("role", ["observateur", "editeur"])
def test_the_fiche_reaches_a_page_already_open(new_page, live_server_url, settings, role):
    settings.DEMO = False
    equipe = make_equipe()
    content = [{"type": "variable", "attrs": {"chemin": "marche.duree_mois"}}]
    step = {"stepType": "replace", "from": 1, "to": 1, "slice": {"content": content}}
    sent = equipe.browser().send_json(commits_url(equipe.article), commit(0, step))
    assert sent.status_code == 200
    update_marche(by=equipe.gestionnaire, marche=equipe.marche, duree_mois=48)

    page = new_page()
    give_session(page, live_server_url, equipe.person(role))
    page.goto(equipe.piece.get_absolute_url())
    cited = page.locator(f"#a-{equipe.article.pk} .wm-variable")
    expect(cited).to_have_text("48\u00a0mois")
    if role == "editeur":
        enter(page, str(equipe.article.pk))
    for months, words in ((36, "36\u00a0mois"), (None, "[Durée du marché à compléter]")):
        update_marche(by=equipe.gestionnaire, marche=equipe.marche, duree_mois=months)
        expect(cited).to_have_text(words, timeout=15_000)
    if role == "editeur":
        page.keyboard.type("Ensuite ")
        page.keyboard.press("Escape")
        expect(cited).to_have_text("[Durée du marché à compléter]")


@pytest.mark.parametrize("role", ["observateur", "editeur"])
def test_the_criteria_reach_a_page_already_open(new_page, live_server_url, settings, role):
    """Where nobody writes, and in the article under the hand."""
    settings.DEMO = False
    equipe = make_equipe()
    for article in (equipe.article, equipe.second):
        content = [{"type": "critere", "attrs": {"id": "c" * 10}}]
        step = {"stepType": "replace", "from": 0, "to": 0, "slice": {"content": content}}
        sent = equipe.browser().send_json(commits_url(article), commit(0, step))
        assert sent.status_code == 200, sent.content
    page = new_page()
    give_session(page, live_server_url, equipe.person(role))
    page.goto(equipe.piece.get_absolute_url())
    shown = page.locator(".wm-corps .wm-criteres")
    expect(shown).to_have_text(["Les critères seront repris de la fiche du marché."] * 2)
    if role == "editeur":
        enter(page, str(equipe.article.pk))
    for poids, words in ((60, "Prix60\u00a0%"), (45, "Prix45\u00a0%")):
        rows = [{"intitule": "Prix", "nature": "prix", "poids": poids}]
        set_criteres(by=equipe.gestionnaire, marche=equipe.marche, criteres=rows)
        expect(shown.locator("tbody tr")).to_have_text([words] * 2, timeout=15_000)
    if role == "editeur":
        page.keyboard.press("Escape")
        expect(shown.locator("tbody tr")).to_have_text(["Prix45\u00a0%"] * 2)


def test_a_save_that_is_answered_ends_the_wait_after_an_outage(new_page, live_server_url, settings):
    """What a colleague wrote comes at once, and not at the next question put off by the outage."""
    settings.DEMO = False
    equipe = make_equipe()
    page = new_page()
    page.expected_errors.append("ERR_FAILED")
    give_session(page, live_server_url, equipe.person())
    failures: list[str] = []
    page.route(
        "**/nouveautes/**", lambda route: (failures.append(route.request.url), route.abort())
    )
    page.goto(equipe.piece.get_absolute_url())
    enter(page, str(equipe.article.pk))
    for _ in range(100):
        if len(failures) >= 3:
            break
        page.wait_for_timeout(300)
    page.unroute("**/nouveautes/**")
    # The next question is now far away: longer than what is waited for below.
    type_words(equipe.person("editeur", "autre"), equipe.second, "Arrivé. ")
    page.keyboard.type("De retour ")
    expect(page.locator(f"#a-{equipe.second.pk}")).to_contain_text("Arrivé.", timeout=4000)

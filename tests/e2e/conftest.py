"""A small team, and a pièce with a plan, really committed: the site that the browser opens is another process."""

import pytest
from playwright.sync_api import Page

from tests.support.equipe import Equipe, make_equipe
from tests.wikimarche.views.plan import Plan


@pytest.fixture
def equipe(cloned_database, settings) -> Equipe:
    """Without the texts of the demonstration."""
    settings.DEMO = False
    return make_equipe()


@pytest.fixture
def plan(equipe) -> Plan:
    """Six articles on three levels."""
    return Plan(equipe, "A", "B", "B/B1", "B1/B1a", "B/B2", "C")


@pytest.fixture
def plan_page(open_as, plan) -> Page:
    """The pièce of this plan, open to an éditeur, once it can be written in."""
    opened = open_as(plan.equipe.person(), plan.piece.get_absolute_url())
    opened.wait_for_selector("[data-wm-ecrire]", state="attached")
    return opened

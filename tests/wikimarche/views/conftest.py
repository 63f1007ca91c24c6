import pytest

from tests.wikimarche.views.plan import Plan


@pytest.fixture
def plan(equipe) -> Plan:
    """Three articles, the second with two children, the first of which has one."""
    return Plan(equipe, "A", "B", "B/B1", "B1/B1a", "B/B2", "C")

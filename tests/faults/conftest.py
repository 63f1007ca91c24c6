"""A team on servers that these tests may break."""

import pytest

from tests.support.equipe import Equipe, make_equipe


@pytest.fixture
def equipe(own_site, settings) -> Equipe:
    """A team and its pièce, on those servers."""
    settings.DEMO = True
    return make_equipe()

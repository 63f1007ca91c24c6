"""Servers that these tests may break."""

from collections.abc import Iterator

import pytest

from tests.services import services
from tests.support.equipe import Equipe, make_equipe
from tests.support.faults import OwnSite


@pytest.fixture(scope="session")
def own_servers() -> Iterator[OwnSite]:
    """A Postgres and a Valkey that no other test uses, made once."""
    site = OwnSite(services.data / "pannes")
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def own_site(own_servers, django_db_blocker) -> Iterator[OwnSite]:
    """The same with a new database; servers that a test has left down or altered start again."""
    with django_db_blocker.unblock(), own_servers.fresh() as site:
        yield site


@pytest.fixture
def equipe(own_site, settings) -> Equipe:
    """A team and its pièce, on those servers."""
    settings.DEMO = True
    return make_equipe()

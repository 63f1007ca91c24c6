import pytest

from tests.support.equipe import Equipe, make_equipe


@pytest.fixture
def equipe(db, settings) -> Equipe:
    """A team and its marché, in the transaction of the test. The second factor has its own tests."""
    settings.DEMO = True
    return make_equipe()


@pytest.fixture
def equipe_durable(cloned_database, settings) -> Equipe:
    """The same, really committed: for locks, threads and evidence."""
    settings.DEMO = True
    return make_equipe()

import pytest

from tests.support.equipe import Equipe, make_equipe


@pytest.fixture
def equipe_durable(cloned_database, settings) -> Equipe:
    """The same, really committed: for locks, threads and evidence."""
    settings.DEMO = True
    return make_equipe()

from collections.abc import Callable

import pytest

from procurement.jobs import registry
from procurement.jobs.models import Job
from procurement.jobs.services import enqueue
from tests.services import services


@pytest.fixture
def kind(monkeypatch) -> Callable[..., str]:
    """Register a kind of job for one test: `kind(run)`; its name is « essais:travail »."""
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))

    def add(run=lambda job, progress: {"fini": True}) -> str:
        registry.register("essais:travail", run=run)
        return "essais:travail"

    return add


@pytest.fixture
def ask(kind) -> Callable[..., Job]:
    """Ask for a job of a kind of one test: `ask(by, run)`."""

    def make(by, run=lambda job, progress: {"fini": True}, **options) -> Job:
        name = "essais:travail"
        if name not in registry._kinds:
            kind(run)
        return enqueue(name, by=by, titre="Un travail", **options)

    return make


@pytest.fixture
def empty_queue():
    """The queue of the real Valkey, emptied; returns how many bells have rung since."""
    services.valkey.flush()
    return lambda: int(services.valkey.ask("LLEN celery").removeprefix(":"))

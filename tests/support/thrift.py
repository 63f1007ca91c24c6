"""What a test would do again and again for nothing."""

import threading
from collections.abc import Iterator

import pytest
from django.db.models import Model
from factory.django import DjangoModelFactory
from whitenoise.base import WhiteNoise


@pytest.fixture(scope="session", autouse=True)
def static_files_listed_once() -> Iterator[None]:
    """List the static files at the first client of this process: they are the same for every one.

    The site lists them once, when it starts; each client of a test starts the middleware again.
    """
    listed, walk = {}, WhiteNoise.update_files_dictionary

    def recall(whitenoise: WhiteNoise, root: str, prefix: str) -> None:
        key = (type(whitenoise), root, prefix)
        if key not in listed:
            walk(whitenoise, root, prefix)
            listed[key] = dict(whitenoise.files)
        whitenoise.files.update(listed[key])

    WhiteNoise.update_files_dictionary = recall
    yield
    WhiteNoise.update_files_dictionary = walk


@pytest.fixture(scope="session", autouse=True)
def factories_ask_each_rule_once() -> Iterator[None]:
    """While a factory works, the rules of the tables are those of the tables alone.

    `full_clean` asks the database about each constraint and each unique key, three statements each,
    before the INSERT that the same constraints judge: half of what a factory asks. A service that a
    test calls itself keeps both, so what it says of a row refused is tested by calling it.
    """
    busy = threading.local()
    make = DjangoModelFactory._generate.__func__
    kept = {name: getattr(Model, name) for name in ("validate_constraints", "validate_unique")}

    def generate(factory: type[DjangoModelFactory], *args: object, **said: object) -> object:
        outer, busy.now = getattr(busy, "now", False), True
        try:
            return make(factory, *args, **said)
        finally:
            busy.now = outer

    def trusting(validate):
        def judge(row: Model, *args: object, **said: object) -> None:
            if not getattr(busy, "now", False):
                validate(row, *args, **said)

        return judge

    DjangoModelFactory._generate = classmethod(generate)
    for name, validate in kept.items():
        setattr(Model, name, trusting(validate))
    yield
    DjangoModelFactory._generate = classmethod(make)
    for name, validate in kept.items():
        setattr(Model, name, validate)

"""An instant that tells something is that of the database; the clock of a web server may be wrong."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from django.db.models.functions import Now


ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("procurement", "wikimarche", "edossier", "impacts")

# Fields that take the clock of the process, each with its reason. All are of other packages.
OTHERS = {
    "account.EmailConfirmation.created": "unused: the links are signed, nothing is stored.",
    "mfa.Authenticator.created_at": "shown to its owner alone; adding a factor is an event.",
    "usersessions.UserSession.created_at": "shown to its owner alone; opening a session is an event.",
    "usersessions.UserSession.last_seen_at": "shown to its owner alone, to the minute.",
}


def own_clock(field: models.Field) -> bool:
    """Tell whether a new row takes this field from the process that writes it."""
    return isinstance(field, models.DateField | models.TimeField) and (
        getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
        or (field.default is not models.NOT_PROVIDED and callable(field.default))
    )


def test_no_row_is_dated_by_the_clock_of_the_process():
    """Repair: DateTimeField(db_default=Now()), or database_now() where a service writes it."""
    found = {
        str(f) for model in apps.get_models() for f in model._meta.local_fields if own_clock(f)
    }
    assert found == OTHERS.keys()


def test_such_a_field_is_seen():
    assert own_clock(models.DateTimeField(auto_now_add=True))
    assert own_clock(models.DateTimeField(auto_now=True))
    assert own_clock(models.DateField(default=lambda: None))
    assert not own_clock(models.DateTimeField(db_default=Now()))


ASKED = {
    *(("timezone", name) for name in ("now", "localtime", "localdate")),
    *(("datetime", name) for name in ("now", "today", "utcnow")),
    ("date", "today"),
    ("time", "time"),
}
# Modules that ask the clock of the process, each with what it decides: nothing that is proved.
READERS = {
    "procurement/accounts/middleware.py": "how often a session is noted; allauth dates it.",
    "procurement/audit/services/pack.py": "the date of the files inside an archive, for an unzipper.",
    "procurement/audit/services/recording.py": "date_created of django-reversion, never shown: the "
    "journal has its own instant, which is read instead.",
    "procurement/demo/horloge.py": "the story of the demonstration.",
    "procurement/demo/recit.py": "the story of the demonstration.",
    "procurement/demo/temps.py": "the story of the demonstration.",
    "procurement/documents/checks.py": "the age of the signatures of the antivirus, a file of this machine.",
    "procurement/documents/services/files.py": "the age of a file on disk, by the clock that dated it.",
    "procurement/marches/selectors/waiting.py": "what the home page recalls; it gives no right.",
    "procurement/marches/services/marches.py": "the year in the reference proposed to a new marché.",
    "procurement/marches/views/home.py": "the day written at the head of the home page.",
    "procurement/operations/selectors.py": "how far this clock is from that of the database, and the "
    "age of a sign of life given by the same machine.",
    "procurement/operations/services/life.py": "a sign of life, compared with the same clock.",
    "procurement/operations/services/minutes.py": "a minute noted while the database is away.",
    "procurement/operations/views.py": "which minutes a page shows, and the period a form proposes.",
    "procurement/ui/typographie.py": "« il y a 5 min », « aujourd’hui »: words beside an instant.",
    "procurement/ui/views.py": "the page of the components.",
    "wikimarche/views/pieces.py": "whether a version is of today, for the words that name it.",
}


def asks(tree: ast.AST) -> bool:
    """Tell whether a module asks the time of its process: timezone.now(), date.today(), time.time()."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            given = node.args and node.func.attr in {"localtime", "localdate"}
            if (name, node.func.attr) in ASKED and not given:
                return True
    return False


def test_whoever_asks_the_clock_of_the_process_says_why():
    """Repair: ask database_now() (procurement.audit.selectors) or Now(); else a line with its reason."""
    found = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            place = path.relative_to(ROOT)
            # Measures are of the clock that holds the stopwatch.
            if not {"migrations", "measures"} & {*place.parts} and asks(
                ast.parse(path.read_text())
            ):
                found.add(str(place))
    assert found == READERS.keys()


@pytest.mark.parametrize(
    "line", ["timezone.now()", "datetime.datetime.now(UTC)", "date.today()", "timezone.localdate()"]
)
def test_such_a_call_is_seen(line):
    assert asks(ast.parse(line))


@pytest.mark.parametrize("line", ["timezone.localtime(entry.instant)", "datetime.time(8)"])
def test_a_call_that_asks_nothing_is_not(line):
    assert not asks(ast.parse(line))

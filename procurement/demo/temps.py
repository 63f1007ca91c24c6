"""Telling in the past, without a door to it: the clock of the database is replaced for one transaction.

Nothing of a database of production can write an instant: its functions ask clock_timestamp(). Here
their owner, who could always rewrite them, does so inside the transaction of the seed, tells, has the
deferred triggers judge everything, puts them back as they were to the letter, and only then commits:
no other session ever sees a function that believes somebody else. Three conditions, all of them: DEMO,
the sign-in of the owner, a journal without a single row. Each chain ends with a row at its true
instant that says that what comes before was told (`demo:story:told`).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import environ
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from procurement.audit.services import PLATFORM_CHAIN, record_event
from procurement.demo.edition import EDITION
from procurement.demo.horloge import Horloge, in_force
from procurement.ui.typographie import format_date


TOLD = "demo:story:told"
TOLD_WORDS = (
    "a reconnu un récit, pour la démonstration\u202f: les {lignes} lignes qui précèdent, du {du} au {au}, "
    "ont toutes été écrites à cet instant ({édition})"
)
_SETTING = "demo.instant"
_CLOCKS = re.compile(r"\b(?:clock|statement)_timestamp\(\)")
_START = "transaction_timestamp()"
_FUNCTIONS = """
SELECT pg_get_functiondef(p.oid), pg_has_role(p.proowner, 'USAGE')
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = 'public'::regnamespace AND l.lanname IN ('sql', 'plpgsql')
    AND p.prosrc ~ '(clock|statement|transaction)_timestamp\\(\\)'
ORDER BY p.oid
"""
_DEFAULTS = """
SELECT format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s',
    d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)), pg_has_role(c.relowner, 'USAGE')
FROM pg_attrdef d
    JOIN pg_class c ON c.oid = d.adrelid
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE c.relnamespace = 'public'::regnamespace
    AND pg_get_expr(d.adbin, d.adrelid) ~ '(clock|statement)_timestamp\\(\\)'
ORDER BY d.adrelid, d.adnum
"""


class NotPutBack(RuntimeError):
    """The functions are not as they were: nothing of the seed is committed."""


@contextmanager
def story_time() -> Iterator[Horloge | None]:
    """One transaction in which instants are those of the story; None, and the present, elsewhere."""
    with _as_owner() as is_owner:
        if not is_owner:
            yield None
            return
        with transaction.atomic(), _database_clock() as horloge:
            yield horloge


@contextmanager
def _as_owner() -> Iterator[bool]:
    """Sign in as the owner of the tables for the time of the block, where all conditions are met."""
    if not settings.DEMO or not settings.DATABASE_OWNER_URL or connection.in_atomic_block:
        yield False
        return
    if not journal_is_empty():
        yield False
        return
    owner, mine = environ.Env.db_url_config(settings.DATABASE_OWNER_URL), connection.settings_dict
    before = {key: mine[key] for key in ("USER", "PASSWORD")}
    connection.close()
    mine.update({key: owner[key] for key in before})
    try:
        yield all(is_ours for _, is_ours in _definitions())
    finally:
        connection.close()
        mine.update(before)


def journal_is_empty() -> bool:
    """Tell whether nothing was ever written in the journal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM journal)")
        return bool(cursor.fetchone()[0])


@contextmanager
def _database_clock() -> Iterator[Horloge | None]:
    """Replace the clocks of the functions and of the defaults; put them back before the commit."""
    with connection.cursor() as cursor:
        # Whoever would write meanwhile waits, and whoever wrote since we looked is seen here.
        cursor.execute("LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE")
        if not journal_is_empty():
            yield None
            return
        before = _definitions()
        for statement, _ in before:
            cursor.execute(_told(statement))
        with _python_clock(Horloge(timezone.now(), tell=_set_instant)) as horloge:
            _set_instant(horloge.instant)
            yield horloge
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for statement, _ in before:
            cursor.execute(statement)
        if _definitions() != before:
            raise NotPutBack("Functions differ from what they were before the story.")
        _own_up(horloge)


def _definitions() -> list[tuple[str, bool]]:
    """Statements that define everything that asks the time, and whether it is ours to define."""
    with connection.cursor() as cursor:
        found = []
        for query in (_FUNCTIONS, _DEFAULTS):
            cursor.execute(query)
            found += cursor.fetchall()
    return found


def _told(statement: str) -> str:
    """Rewrite a definition so that it believes the story.

    >>> _told("SELECT clock_timestamp() >= transaction_timestamp()")
    "SELECT current_setting('demo.instant')::timestamptz >= '-infinity'::timestamptz"
    """
    told = _CLOCKS.sub(f"current_setting('{_SETTING}')::timestamptz", statement)
    # « Since the start of this transaction »: in a journal that was empty, everything is.
    return told.replace(_START, "'-infinity'::timestamptz")


def _set_instant(instant: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [_SETTING, instant.isoformat()])


@contextmanager
def _python_clock(horloge: Horloge) -> Iterator[Horloge]:
    """Let timezone.now() say the same instant, in this process that does nothing else."""
    true = timezone.now
    timezone.now = lambda: horloge.instant.astimezone(timezone.get_fixed_timezone(0))
    try:
        with in_force(horloge):
            yield horloge
    finally:
        timezone.now = true


def _own_up(horloge: Horloge) -> None:
    """End each chain with a row, at its true instant, that says what was told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT chaine, count(*), min(instant), max(instant) FROM journal GROUP BY chaine"
        )
        chains = cursor.fetchall()
    for chain, rows, first, last in chains:
        details = {"lignes": rows, "du": format_date(first), "au": format_date(last)}
        mark_told(chain, **details)


def mark_told(chain: UUID = PLATFORM_CHAIN, **details: object) -> None:
    """Write which edition was loaded, and what it wrote in advance."""
    said = {"édition": f"édition {EDITION}", **details}
    record_event(by=None, tag=TOLD, chain=chain, objet=f"demo:edition:{EDITION}", details=said)


def edition_held() -> int:
    """The edition that the database holds, 1 when it was loaded before editions were noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(split_part(objet, ':', 3)::integer) FROM journal WHERE action = %s", [TOLD]
        )
        return cursor.fetchone()[0] or 1

"""Dates, hours, amounts as a French reader expects them."""

import datetime
import doctest
import shutil
import subprocess
from decimal import Decimal

import pytest
from django.template import Context, Template

from procurement.ui import typographie as t
from tests.services import ROOT
from tests.support.required import missing


PARIS = datetime.timezone(datetime.timedelta(hours=1))
NOW = datetime.datetime(2026, 3, 12, 15, 30, tzinfo=PARIS)


def test_doctests():
    assert doctest.testmod(t).failed == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime.datetime(2026, 3, 12, 13, 5, tzinfo=datetime.UTC), "12 mars 2026 à 14 h 05"),
        (datetime.datetime(2026, 7, 1, 10, 0, tzinfo=datetime.UTC), "1er juillet 2026 à 12 h"),
        (datetime.datetime(2026, 3, 11, 23, 30, tzinfo=datetime.UTC), "12 mars 2026 à 0 h 30"),
    ],
)
def test_instant_is_told_in_paris_time(value, words):
    assert t.format_instant(value).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (datetime.timedelta(seconds=20), "à l’instant"),
        (datetime.timedelta(minutes=7), "il y a 7 min"),
        (datetime.timedelta(hours=3), "aujourd’hui à 12 h 30"),
        (datetime.timedelta(days=1), "hier à 15 h 30"),
        (datetime.timedelta(days=9), "3 mars à 15 h 30"),
        (datetime.timedelta(days=400), "5 février 2025 à 15 h 30"),
        (datetime.timedelta(minutes=-5), "aujourd’hui à 15 h 35"),
    ],
)
def test_past_instant_in_the_shortest_exact_words(ago, words):
    assert t.format_depuis(NOW - ago, now=NOW).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (12, "aujourd’hui"),
        (13, "demain"),
        (20, "dans 8 jours"),
        (11, "passé de 1 jour"),
        (2, "passé de 10 jours"),
    ],
)
def test_coming_day(day, words):
    assert t.format_echeance(datetime.date(2026, 3, day), now=NOW).replace("\u00a0", " ") == words


def test_amounts_use_narrow_spaces():
    assert t.format_montant(Decimal(1240000)) == "1\u202f240\u202f000,00\u00a0€\u00a0HT"
    assert t.format_montant(Decimal("-3.005"), "") == "−3,01\u00a0€"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 octet"), (1, "1 octet"), (999, "999 octets"), (1000, "1 ko"), (1500, "1,5 ko"), (1501, "1,6 ko"),
        (9_901_000, "10 Mo"), (25_000_000, "25 Mo"), (25_000_001, "26 Mo"), (999_000_001, "1 Go"),
        (1_240_000_000, "1,3 Go"), (2_000_000_000_000, "2 000 Go"),
    ],
)  # fmt: skip
def test_sizes(size, words):
    """The page says them as the server does: what is past a limit reads as more than the limit, on both sides."""
    assert t.format_octets(size).replace("\u00a0", " ").replace("\u202f", " ") == words
    node = shutil.which("node")
    if node is None:
        missing("NODEJS", "node is not here to run what the page says")
    said = (
        f"import {{ weigh }} from './frontend/editor/poids.js'; process.stdout.write(weigh({size}))"
    )
    command = [node, "--input-type=module", "--eval", said]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)  # noqa: S603
    assert done.stdout.decode() == t.format_octets(size)


def test_zero_is_singular():
    assert t.format_pluriel(0, "pièce") == "0\u00a0pièce"
    assert t.format_pluriel(2, "cheval", "chevaux") == "2\u00a0chevaux"
    assert t.format_en_lettres(3) == "trois"
    assert t.format_en_lettres(1, feminin=True) == "une"
    assert t.format_en_lettres(41) == "41"


def test_a_long_name_of_a_file_goes_to_the_line_after_an_underscore():
    said = Template("{% load typographie %}{{ name|coupable }}").render(
        Context({"name": "a_b<i>_c"})
    )
    assert said == "a_<wbr>b&lt;i&gt;_<wbr>c"

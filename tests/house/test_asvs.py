"""docs/asvs.csv: each requirement of OWASP ASVS 5.0.0, proved by a test or answered by a reason."""

import csv
import re
from datetime import UTC, datetime

import pytest

from tests.services import ROOT


# Source: OWASP/ASVS, 5.0/docs_en, CC BY-SA 4.0. After « = », the n-th digit is the level of
# requirement n of that section.
GRID = """
1.1=22 1.2=1111122223 1.3=112222222223 1.4=222 1.5=123
2.1=122 2.2=112 2.3=12223 2.4=23
3.1=3 3.2=113 3.3=12223 3.4=11222233 3.5=11122333 3.6=3 3.7=22333
4.1=12233 4.2=23333 4.3=22 4.4=1222
5.1=2 5.2=112333 5.3=113 5.4=222
6.1=122 6.2=111111112222 6.3=11223333 6.4=112233 6.5=22222333 6.6=2223 6.7=33 6.8=2222
7.1=222 7.2=1111 7.3=22 7.4=11222 7.5=223 7.6=22
8.1=1233 8.2=1123 8.3=133 8.4=23
9.1=111 9.2=1222
10.1=22 10.2=223 10.3=22223 10.4=1111122222233333 10.5=22222 10.6=22 10.7=222
11.1=2233 11.2=22233 11.3=11233 11.4=1222 11.5=23 11.6=23 11.7=33
12.1=12233 12.2=11 12.3=22223
13.1=2333 13.2=222223 13.3=2233 13.4=1222233
14.1=22 14.2=12223333 14.3=122
15.1=12233 15.2=12233 15.3=1222222 15.4=3333
16.1=2 16.2=22222 16.3=2222 16.4=222 16.5=2223
17.1=23 17.2=22223333 17.3=22
"""
LEVELS = {
    f"V{section}.{rank}": level
    for section, digits in (word.split("=") for word in GRID.split())
    for rank, level in enumerate(digits, start=1)
}
HEAD = ["id", "niveau", "applicable", "preuve", "motif", "verifie_le"]
PAGE = ROOT / "docs" / "asvs.csv"


def exists(node: str) -> bool:
    """Tell whether a test of this name stands in this file."""
    path, _, name = node.partition("::")
    file = ROOT / path
    name = name.partition("[")[0].rpartition("::")[2]
    return file.is_file() and bool(
        re.search(rf"^\s*def {re.escape(name)}\(", file.read_text(), re.MULTILINE)
    )


def faults_of(rows: list[dict[str, str]]) -> list[str]:
    """Sentences that say which line is wrong, and how."""
    faults = [
        f"{missing} has no row" for missing in LEVELS if missing not in {r["id"] for r in rows}
    ]
    for rank, row in enumerate(rows):
        key = row["id"]
        if key not in LEVELS:
            faults.append(f"{key} is no requirement of ASVS 5.0.0")
            continue
        if key in {other["id"] for other in rows[:rank]}:
            faults.append(f"{key} stands twice")
        if row["niveau"] != LEVELS[key]:
            faults.append(f"{key} is of level {LEVELS[key]}")
        if row["applicable"] not in ("oui", "non"):
            faults.append(f"{key}: « applicable » is oui or non")
        if row["applicable"] == "non" and not row["motif"]:
            faults.append(f"{key} does not apply, and does not say why")
        if not row["preuve"] and not row["motif"]:
            faults.append(f"{key} has neither proof nor reason")
        faults += [
            f"{key} names no test: {node}" for node in row["preuve"].split() if not exists(node)
        ]
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", row["verifie_le"]):
            faults.append(f"{key}: « verifie_le » is a day, as 2026-11-22")
        elif row["verifie_le"] > datetime.now(UTC).date().isoformat():
            faults.append(f"{key} was looked at in the future")
    return faults


def read_rows() -> list[dict[str, str]]:
    with PAGE.open(newline="") as page:
        reader = csv.DictReader(page, delimiter=";")
        assert reader.fieldnames == HEAD
        return list(reader)


def test_the_grid_is_the_one_of_asvs():
    counted = {level: list(LEVELS.values()).count(level) for level in "123"}
    assert counted == {"1": 70, "2": 183, "3": 92}


def test_each_requirement_is_proved_or_answered():
    """Repair: a test that exists in « preuve », or in « motif » why not (« pas encore : … »)."""
    faults = faults_of(read_rows())
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"preuve": "", "motif": ""}, "neither proof nor reason"),
        ({"niveau": "9"}, "is of level"),
        ({"preuve": "tests/house/test_asvs.py::test_that_nobody_wrote"}, "names no test"),
        ({"preuve": "tests/house/gone.py::test_x"}, "names no test"),
        ({"applicable": "non", "motif": ""}, "does not say why"),
        ({"applicable": "peut-être"}, "is oui or non"),
        ({"id": "V99.1.1"}, "is no requirement"),
        ({"verifie_le": "2999-01-01"}, "in the future"),
        (None, "has no row"),
    ],
)
def test_a_wrong_row_is_seen(change, told):
    """Positive control, for each way of being wrong."""
    rows = read_rows()
    first = rows.pop(0)
    if change is not None:
        rows.insert(0, {**first, **change})
    assert any(told in fault for fault in faults_of(rows))

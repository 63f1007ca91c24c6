"""A test that a machine cannot play fails in CI: none is skipped there without a word."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.services import ROOT
from tests.support.required import missing


LISTED = {
    "tests/support/required.py": 1,
    # An outside server, where CI starts its own.
    "tests/house/test_wm.py": 1,
    # Leaves of the same parameter: what a template is read by, the real document or the one made here.
    "tests/house/test_consistency.py": 1,
    "tests/e2e/test_rediger_a_plusieurs.py": 2,
    # Documents of others, that the repository does not hold.
    "tests/procurement/documents/domain/test_judging.py": 1,
    "tests/wikimarche/domain/importing/test_forms.py": 1,
    "tests/wikimarche/reference.py": 1,
    # Reads LIBREOFFICE by itself, to fail where it is required.
    "tests/wikimarche/reports/test_exports.py": 1,
}
"""Skips that say nothing to CI, and why."""


def called(name: str, source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            yield node


def sources() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "tests").rglob("*.py")
    }


def skips(source: str) -> int:
    words = ("pytest.skip", "pytest.mark.skipif", "pytest.mark.skip", "pytest.importorskip")
    return sum(len(list(called(word, source))) for word in words)


def test_every_skip_goes_through_missing():
    """Repair: `missing("NAME", why)` instead of pytest.skip, and NAME=required in .ci/run."""
    assert {name: skips(text) for name, text in sources().items() if skips(text)} == LISTED


def test_ci_requires_each_thing_by_its_name():
    names = {
        ast.literal_eval(call.args[0])
        for path, text in sources().items()
        if path != "tests/house/test_required.py"
        for call in called("missing", text)
    }
    assert len(names) >= 5
    required = set(re.findall(r"(\w+)=required", (ROOT / ".ci" / "run").read_text()))
    assert names | {"LIBREOFFICE"} == required


def test_a_thing_required_by_name_fails_and_another_is_skipped(monkeypatch):
    """Positive control."""
    assert skips("import pytest\npytest.skip('absent')") == 1
    monkeypatch.setenv("NODEJS", "required")
    with pytest.raises(pytest.fail.Exception, match="NODEJS=required"):
        missing("NODEJS", "node is not here")
    monkeypatch.delenv("NODEJS")
    with pytest.raises(pytest.skip.Exception):
        missing("NODEJS", "node is not here")

"""What a process remembers of the pages: the same key gives the same result, within a limit."""

import pytest
from django.template import Context, Template
from django.utils.safestring import mark_safe

from procurement.ui import fragments
from procurement.ui.fragments import Memory


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(fragments, "_fragments", Memory(10_000))


def render(**values: object) -> str:
    source = (
        '{% load composants %}{% fragment "components/initiales.html" initiales=qui rang=rang %}'
    )
    return Template(source).render(Context(values))


def test_a_result_is_computed_once_for_its_key():
    memory, asked = Memory[str](100), []

    def compute() -> str:
        asked.append(1)
        return "résultat"

    assert [memory.get("a", compute, len), memory.get("a", compute, len)] == ["résultat"] * 2
    assert len(asked) == 1
    memory.get("b", compute, len)
    assert len(asked) == 2


def test_the_least_recently_used_leaves_when_the_limit_is_passed():
    memory = Memory[str](30)
    for key in "abc":
        memory.get(key, lambda: "x" * 10, len)
    memory.get("a", lambda: pytest.fail("a is known"), len)
    memory.get("d", lambda: "x" * 10, len)
    assert (len(memory), memory.size) == (3, 30)
    memory.get("a", lambda: pytest.fail("a was used since"), len)
    assert memory.get("b", lambda: "again", len) == "again"


def test_what_is_larger_than_the_limit_is_given_and_not_kept():
    memory = Memory[str](30)
    memory.get("a", lambda: "x", len)
    assert memory.get("large", lambda: "x" * 31, len) == "x" * 31
    assert (len(memory), memory.size) == (1, 1)


def test_a_fragment_is_written_once_and_again_for_other_values():
    assert "AB" in render(qui="AB", rang="1")
    assert render(qui="AB", rang="1") == render(qui="AB", rang="1")
    assert len(fragments._fragments) == 1
    assert "CD" in render(qui="CD", rang="1")
    assert len(fragments._fragments) == 2


def test_a_text_and_the_same_text_declared_safe_are_not_one_key():
    """The second is not escaped: whoever comes after must not be given it."""
    assert "<b>" in render(qui=mark_safe("<b>"), rang="1")
    assert "<b>" not in render(qui="<b>", rang="1")


def test_templates_being_edited_are_read_again(settings):
    settings.DEBUG = True
    render(qui="AB", rang="1")
    assert len(fragments._fragments) == 0

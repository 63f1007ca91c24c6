"""Templates and behaviours agree: none is left over, none waits for a mark that nobody writes."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.services import ROOT


TEMPLATES = ROOT / "templates"
NAMES = sorted(
    str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}
)  # fmt: skip
PYTHON = "\n".join(
    path.read_text()
    for folder in ("procurement", "wikimarche", "edossier", "impacts")
    for path in (ROOT / folder).rglob("*.py")
)
PAGES = "\n".join((TEMPLATES / name).read_text() for name in NAMES)
ALLAUTH = Path(find_spec("allauth").submodule_search_locations[0]) / "templates"


def is_used(name: str) -> bool:
    stem, last = name.rpartition(".")[0], Path(name).stem
    if re.fullmatch(r"(4|5)\d\d\.html", name):
        return True  # Django names them, or the page of errors does
    if (ALLAUTH / name).exists():
        return True  # takes the place of a page of allauth
    if name.startswith("components/") and f'"{last}' in PYTHON:
        return True  # a component, by its name
    if name.startswith("emails/accounts/"):
        # the adapter prefixes the names of allauth
        return (ALLAUTH / "account" / "email" / f"{last}_message.txt").exists() or any(
            path.stem.startswith(last) for path in (ALLAUTH / "mfa" / "email").glob("*")
        ) or last in PYTHON or f"emails/accounts/{Path(name).name}" in PAGES  # fmt: skip
    others = PAGES + PYTHON
    return (
        f'"{name}"' in others
        or f'"{name.removeprefix("reports/")}"' in others
        or f'"{stem}' in others
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_template_is_used(name):
    assert is_used(name), f"Nothing renders templates/{name}: delete it, or the page that lost it."


LONGEST = 140


def wide_lines(source: str) -> list[int]:
    """Numbers of the lines too long to read. One tag alone cannot be cut, nor a data: address."""
    return [
        number
        for number, line in enumerate(source.split("\n"), start=1)
        if len(line) > LONGEST
        and "data:" not in line
        and not re.fullmatch(r"\s*\{%(?:(?!%\}).)*%\}\s*", line)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_template_is_too_long_to_read(name):
    if not name.endswith(".html"):
        return
    found = wide_lines((TEMPLATES / name).read_text())
    assert not found, (
        f"templates/{name}, lines {found}: cut them between attributes, before a block, or make a partial."
    )


def test_the_guards_of_lines_see_what_they_must():
    long = "<p>" + "mot " * 40 + "</p>"
    tag = '{% vide dit="' + "mot " * 40 + '" %}'
    assert wide_lines(f"a\n{long}") == [2]
    assert wide_lines(f"{tag}<p>") == [1]
    assert wide_lines(f"  {tag}\n<img src='data:{long}'>") == []
    assert not is_used("marches/nowhere_to_be_found.html")


SCRIPTS = "\n".join(
    re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    for folder in ("editor", "piece", "site", "entries")
    for path in (ROOT / "frontend" / folder).glob("*.js")
)
# data-wm-style is what a pasted style attribute becomes, never on a page.
HOOKS = sorted(set(re.findall(r"\[(data-wm-[a-z-]+)", SCRIPTS)) - {"data-wm-style"})


@pytest.mark.parametrize("hook", HOOKS)
def test_each_behaviour_finds_its_mark(hook):
    made = re.sub(r"\[" + hook, "", SCRIPTS)
    camel = re.sub(r"-([a-z])", lambda match: match[1].upper(), hook.removeprefix("data-"))
    assert (
        hook in PAGES
        or hook in PYTHON
        or hook.replace("-", "_") in PAGES
        or f'"{hook}"' in made
        or f"dataset.{camel} =" in made
    ), (
        f"A script looks for [{hook}], which no template writes: the behaviour is dead on the pages. "
        "Write the mark the script shows in its @example, or delete the module."
    )


def test_no_page_takes_anything_from_another_host():
    """The content security policy refuses it; so does a network without the Internet."""
    for name in NAMES:
        if name.startswith("reports/"):
            continue
        source = (TEMPLATES / name).read_text()
        found = re.search(
            r"(?:src|action)=\"(?:https?:)?//|<link[^>]+href=\"(?:https?:)?//", source
        )
        assert not found, f"templates/{name} asks another host: bring the file into static/."

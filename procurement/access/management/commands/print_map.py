"""Prints docs/map.md: from an address to its view, action, services, templates and tests."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver


PAGE = """\
# Map of the site

One row per address of ours (those of one's account are mostly allauth's and are left out). An empty
cell is a question: a view without action needs a reason, a view without test needs a test.
`tests/house/droits.txt` says what each person gets at each of them.

This page is printed by `./wm manage print_map`; a test compares it.

| address | view | action | services | templates | tests |
|---|---|---|---|---|---|
{rows}
"""
LEFT_OUT = ("account_", "mfa_", "usersessions_", "ui:")


@dataclass(frozen=True, slots=True)
class Address:
    """One address and the function that answers it."""

    path: str
    name: str
    view: Callable[..., Any]


def map_page() -> str:
    """Return the page as Markdown. Reads the sources of the views and of the tests."""
    tests = _read_tests()
    rows = [
        _row(address, tests)
        for address in sorted(_addresses(), key=lambda address: address.path)
        if not address.name.startswith(LEFT_OUT)
    ]
    return PAGE.format(rows="\n".join(rows))


def _addresses(
    resolver: URLResolver | None = None, path: str = "/", space: str = ""
) -> Iterator[Address]:
    for pattern in (resolver or get_resolver()).url_patterns:
        here = path + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _addresses(pattern, here, inside)
        elif isinstance(pattern, URLPattern):
            yield Address(here, f"{space}{pattern.name}", pattern.callback)


def _row(address: Address, tests: dict[str, str]) -> str:
    views = _functions(address.view)
    module = inspect.getmodule(views[0])
    source = ast.parse(inspect.getsource(module)) if module else ast.Module([], [])
    used = [_used(source, view.__name__) for view in views]
    where = f"{views[0].__module__}.{address.name.split(':')[-1]}"
    path = re.sub(r"<\w+:(\w+)>", r"<\1>", address.path)
    cells = [
        f"`{path}`",
        f"`{where}`",
        _list(sorted({action for action in _actions(address.view) if action})),
        _list(sorted({name for services, _ in used for name in services})),
        _list(sorted({name for _, templates in used for name in templates})),
        "<br>".join(_tests_of(address.name, tests)),
    ]
    return f"| {' | '.join(cells)} |"


def _functions(view: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The function written in the source; both of them for an address of two methods."""
    inner = inspect.unwrap(view)
    both = getattr(inner, "views", None) or getattr(view, "views", None)
    return [inspect.unwrap(one) for one in both.values()] if both else [inner]


def _actions(view: Callable[..., Any]) -> list[str]:
    return list(getattr(view, "actions", {}).values()) or [getattr(view, "action", "")]


def _used(source: ast.Module, name: str) -> tuple[set[str], set[str]]:
    """Names of services and of templates in a function and the private ones it calls."""
    functions = {node.name: node for node in source.body if isinstance(node, ast.FunctionDef)}
    services = {
        alias.asname or alias.name
        for node in source.body
        if isinstance(node, ast.ImportFrom) and _is_services(node.module or "")
        for alias in node.names
        if alias.name[0].islower()
    }
    todo, seen = [name], set()
    names: set[str] = set()
    templates: set[str] = set()
    while todo:
        current = todo.pop()
        if current in seen or current not in functions:
            continue
        seen.add(current)
        for statement in functions[current].body:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name):
                    names.add(node.id)
                    todo.append(node.id)
                elif isinstance(node, ast.Constant) and str(node.value).endswith(".html"):
                    templates.add(str(node.value))
    return names & services, templates


def _is_services(module: str) -> bool:
    return ".services" in module and not module.startswith(
        ("procurement.access", "procurement.jobs")
    )


def _read_tests() -> dict[str, str]:
    folder = Path(settings.BASE_DIR) / "tests"
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("test_*.py"))
        if "house" not in path.parts
    }


def _tests_of(name: str, tests: dict[str, str]) -> list[str]:
    """Test files that bear the view's name or ask for its address by name."""
    view = name.rsplit(":", maxsplit=1)[-1]
    return [
        f"`{path}`"
        for path, text in tests.items()
        if Path(path).stem == f"test_{view}" or f'"{name}"' in text
    ]


def _list(names: list[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names)


class Command(BaseCommand):
    help = "Print docs/map.md."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(map_page(), ending="")

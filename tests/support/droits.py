"""The table of rights (tests/house/droits.txt), read and set beside the addresses that the site really has."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from uuid import UUID, uuid4

from django.test import RequestFactory
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

from procurement.accounts.models import User
from tests.services import ROOT
from tests.support.scene import ACTORS


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Row:
    """One line of droits.txt. expected: actor → status."""

    route: str
    method: str
    action: str
    objet: str
    envoi: str
    expected: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.envoi})"


def read_rows(text: str) -> list[Row]:
    rows = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        route, method, action, objet, envoi, *statuses = line.split()
        if statuses[-1].endswith("*"):
            last = statuses.pop().rstrip("*")
            statuses += [last] * (len(ACTORS) - 1 - len(statuses)) + [statuses[0]]
        assert len(statuses) == len(ACTORS), f"{len(ACTORS)} statuses wanted: {line}"
        expected = dict(zip(ACTORS, map(int, statuses), strict=True))
        rows.append(Row(route, method, action, objet, envoi, expected))
    return rows


@cache
def table() -> list[Row]:
    return read_rows((ROOT / "tests" / "house" / "droits.txt").read_text())


def all_routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Names of every address, whatever includes them."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from all_routes(pattern, space)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name: name it, and give it a row."
            yield prefix + pattern.name


def view_of(route: str):
    from django.urls import resolve  # noqa: PLC0415

    return resolve(address(route)).func


def missing_rows(rows: list[Row], routes: list[str]) -> list[str]:
    """Sentences that say how to repair the table."""
    known = {(row.route, row.method) for row in rows}
    faults = [
        f"{method} {route} has no row: add one to tests/house/droits.txt, with what each person gets."
        for route in routes
        for method in methods_of(route)
        if (route, method) not in known
    ]
    faults += [
        f"{route} is in tests/house/droits.txt and nowhere else: remove its rows."
        for route in sorted({row.route for row in rows} - set(routes))
    ]
    return faults


@cache
def methods_of(route: str) -> list[str]:
    """Methods a view answers, as it says itself when asked for another one."""
    view_class = getattr(view_of(route), "view_class", None)
    if view_class:  # of allauth
        return [method for method in ("GET", "POST") if hasattr(view_class, method.lower())]
    request = RequestFactory().options(address(route))
    request.user = User()
    answer = view_of(route)(request, **arguments(route))
    allowed = [name.strip() for name in answer.get("Allow", "").split(",")]
    assert answer.get("Allow"), f"{route} answers every method: say which with require_…"
    return [method for method in METHODS if method in allowed]


def arguments(route: str, pk: UUID | None = None) -> dict[str, object]:
    """Arguments of an address: the object, and the first version."""
    wanted = next(iter(get_resolver_patterns()[route]))
    values = {"pk": pk or uuid4(), "seance": 1, "numero": 1, "jeton": "inconnu", "key": "inconnu"}
    values |= {"uidb36": "1"}
    if route.startswith("mfa_"):
        values["pk"] = 1
    return {name: values[name] for name in wanted}


@cache
def get_resolver_patterns() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}

    def walk(resolver: URLResolver, prefix: str) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
            else:
                names = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
                found.setdefault(prefix + pattern.name, []).append(names)

    walk(get_resolver(), "")
    return found


def address(route: str, pk: UUID | None = None) -> str:
    return reverse(route, kwargs=arguments(route, pk))

"""A view or a job never looks an object up by itself: the gate does, or the right that was judged names it.

An object comes to a view from `@gate`, to a job from `job.objet` (whose right is judged again when it
runs), and a child from its parent (`piece.versions.get(…)`): never from an identifier that something else gave.
"""

import ast
from pathlib import Path

import pytest

from tests.services import ROOT


APPS = ("procurement", "wikimarche", "edossier", "impacts")
LOOKUPS = {"get", "aget", "get_or_create", "first", "last", "earliest", "latest", "in_bulk"}
LISTED = {
    "procurement/marches/tasks.py: mail_acces: AccesExceptionnel",
    "procurement/marches/tasks.py: mail_acces: User",
    "procurement/marches/tasks.py: mail_alert: User",
    "procurement/marches/tasks.py: mail_invitation: Invitation",
}
"""Mails that the platform writes by itself, under nobody's right: each says in its docstring what it tells."""


def modules() -> list[Path]:
    """Views, tasks and middlewares: what a request or a bell enters by."""
    found = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return [
        path
        for path in found
        if {"views", "tasks"} & {path.stem, path.parent.name} or path.stem == "middleware"
    ]


def chain_of(node: ast.AST) -> ast.AST:
    """What a chain of calls and attributes stands on: `A` in `A.objects.filter(…).get(…)`."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager"):
            return node.value
        node = node.func if isinstance(node, ast.Call) else node.value
    return ast.Constant(None)


def names_what_was_judged(call: ast.Call) -> bool:
    """`get(pk=job.objet)`, `in_bulk([job.objet for job in jobs])`: what the right of a job is judged on."""
    said = [*call.args, *(word.value for word in call.keywords if word.arg == "pk")]
    written = [ast.unparse(one) for one in said]
    return written in (["job.objet"], ["[job.objet for job in jobs]"])


def lookups(source: str) -> list[str]:
    """Function and model of each look-up of a module that nothing has judged."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            model = chain_of(node.func)
            looks_up = node.func.attr in LOOKUPS and isinstance(model, ast.Name | ast.Attribute)
            if looks_up and not names_what_was_judged(node):
                found.append(f"{function.name}: {ast.unparse(model)}")
    return found


def test_no_view_and_no_job_looks_an_object_up_by_itself():
    """Repair: take the object from the gate, from `job.objet`, or from its parent."""
    found = {
        f"{path.relative_to(ROOT)}: {fault}"
        for path in modules()
        for fault in lookups(path.read_text())
    }
    assert found == LISTED


def test_the_modules_are_found():
    names = {str(path.relative_to(ROOT)) for path in modules()}
    assert {"wikimarche/tasks.py", "wikimarche/views/articles.py"} <= names
    assert "procurement/accounts/middleware.py" in names


@pytest.mark.parametrize(
    "written",
    [
        "Marche.objects.get(pk=job.params['marche'])",
        "Marche.objects.select_related('organisation').get(pk=pk)",
        "models.Marche.objects.filter(pk=pk).first()",
        "Marche._default_manager.get(pk=pk)",
        "Version.objects.get(piece=piece, numero=1)",
        "Piece.objects.in_bulk(asked)",
    ],
)
def test_a_lookup_is_seen(written):
    """Positive control."""
    assert lookups(f"def view(request, pk):\n    return {written}")


@pytest.mark.parametrize(
    "written",
    [
        "Marche.objects.select_related('organisation').get(pk=job.objet)",
        "piece.versions.get(numero=1)",
        "request.POST.get('etape')",
        "Piece.objects.in_bulk([job.objet for job in jobs])",
    ],
)
def test_what_was_judged_is_let_through(written):
    assert lookups(f"def view(request, pk):\n    return {written}") == []

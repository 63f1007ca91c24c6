"""A view or a job never looks an object up by itself: the gate does, or the right that was judged names it.

An object comes to a view from `@gate`, to a job from `job.objet` (whose right is judged again when it
runs), and a child from its parent (`piece.versions.get(…)`): never from an identifier that something else gave.
"""

import ast
from pathlib import Path

import pytest

from tests.services import ROOT


APPS = ("procurement", "wikimarche", "edossier", "impacts")
PLAIN = {
    "get", "get_or_create", "update_or_create", "first", "last", "earliest", "latest", "in_bulk"
}  # fmt: skip
LOOKUPS = PLAIN | {f"a{name}" for name in PLAIN}
SHORTCUTS = {
    f"{prefix}{name}" for prefix in ("", "a") for name in ("get_object_or_404", "get_list_or_404")
}
"""Of Django, on a model or on what a chain has chosen."""
CHOICES = {"filter", "exclude", "complex_filter"}
IDENTIFIERS = {"pk", "id", "pk__in", "id__in", "pk__exact", "id__exact"}
"""Chosen by one of these, rows are looked up whatever is done with them: read, counted, changed, removed."""
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


def chosen_by(call: ast.Call) -> set[str]:
    """The fields a filter names, those of `Q(pk=…)` too."""
    return {
        word.arg or ""
        for one in ast.walk(call)
        if isinstance(one, ast.Call)
        for word in one.keywords
    }


def model_looked_up(node: ast.AST) -> ast.AST | None:
    """The model of a look-up, None for what is none: `A.objects.get(…)`, `get_object_or_404(A, …)`, `A.objects.filter(…)[0]`."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call):
        whole = isinstance(node.slice, ast.Slice)
        return None if whole else _named(chain_of(node.value))
    if not isinstance(node, ast.Call):
        return None
    if ast.unparse(node.func).rpartition(".")[2] in SHORTCUTS and node.args:
        first = node.args[0]
        return _named(first if isinstance(first, ast.Name) else chain_of(first)) or first
    if not isinstance(node.func, ast.Attribute) or names_what_was_judged(node):
        return None
    chooses = node.func.attr in CHOICES and chosen_by(node) & IDENTIFIERS
    return _named(chain_of(node.func)) if node.func.attr in LOOKUPS or chooses else None


def _named(model: ast.AST) -> ast.AST | None:
    return model if isinstance(model, ast.Name | ast.Attribute) else None


def lookups(source: str) -> list[str]:
    """Function and model of each look-up of a module that nothing has judged."""
    return [
        f"{function.name}: {ast.unparse(model)}"
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if (model := model_looked_up(node))
    ]


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
        "get_object_or_404(Marche, pk=pk)",
        "shortcuts.get_object_or_404(models.Marche, reference=pk)",
        "get_object_or_404(Marche.objects.select_related('organisation'), pk=pk)",
        "get_object_or_404(marches_open(), pk=pk)",
        "get_list_or_404(Piece, marche=pk)",
        "aget_object_or_404(Marche, pk=pk)",
        "Marche.objects.aget(pk=pk)",
        "Marche.objects.filter(reference=pk).afirst()",
        "Marche.objects.filter(pk=pk)",
        "Marche.objects.filter(pk=pk).exists()",
        "Marche.objects.filter(Q(pk=pk) | Q(reference=pk)).update(statut='clos')",
        "[piece for piece in Piece.objects.exclude(rang=0).filter(pk__in=asked)]",
        "Piece.objects.filter(marche=pk)[0]",
        "Marche.objects.update_or_create(reference=pk)",
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
        "Marche.objects.filter(pk=job.objet)",
        "piece.versions.filter(pk__in=asked)",
        "Piece.objects.filter(marche=marche)",
        "Piece.objects.filter(marche=marche)[:20]",
    ],
)
def test_what_was_judged_is_let_through(written):
    assert lookups(f"def view(request, pk):\n    return {written}") == []

"""Programs that may run in a child process, and who holds the files received.

An unknown or duplicate name raises.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from procurement.documents.models import StoredFile


OWN = Path(__file__).resolve().parent / "services" / "programs"
START = OWN / "start.py"


@dataclass(frozen=True, slots=True)
class Program:
    """A file to run. packages: what else of the project it may read and import, name → place."""

    path: Path
    packages: Mapping[str, Path] = field(default_factory=dict)


_programs = {
    path.stem: Program(path) for path in OWN.glob("*.py") if path.stem not in {"__init__", "start"}
}


def register_program(name: str, path: Path, packages: Mapping[str, Path] | None = None) -> None:
    """Add a program; called in ``apps.ready()``. See services/programs for its shape.

    The file must lie in the project; with ``packages`` (a folder or a module file each, by the
    name it is imported under), it is all that the child may read of it.
    """
    if name in _programs:
        raise ValueError(f"Program {name!r} is registered twice.")
    given = {package: place.resolve(strict=True) for package, place in (packages or {}).items()}
    _programs[name] = Program(path.resolve(strict=True), given)


def find_program(name: str) -> Program:
    """Return a program. Raises LookupError for a name nobody registered."""
    try:
        return _programs[name]
    except KeyError:
        raise LookupError(f"No program {name!r}; known: {', '.join(sorted(_programs))}.") from None


@dataclass(frozen=True, slots=True)
class Holder:
    """What a product does with the files it received, when the antivirus speaks late.

    judged: called in the transaction of the verdict, once, with the file in its new state.
    """

    judged: Callable[[StoredFile], None]


_holders: dict[str, Holder] = {}


def register_holder(name: str, holder: Holder) -> None:
    """Add a holder; called in ``apps.ready()``."""
    if name in _holders:
        raise ValueError(f"Holder {name!r} is registered twice.")
    _holders[name] = holder


def list_holders() -> Iterator[Holder]:
    """Every holder, in the order of registration."""
    yield from _holders.values()

"""Programs that may run in a child process: name → file. An unknown or duplicate name raises."""

from pathlib import Path


OWN = Path(__file__).resolve().parent / "services" / "programs"
START = OWN / "start.py"

_programs = {path.stem: path for path in OWN.glob("*.py") if path.stem not in {"__init__", "start"}}


def register_program(name: str, path: Path) -> None:
    """Add a program; called in ``apps.ready()``. See services/programs for its shape.

    The file must lie in the project: it is the only thing of it that the child may read.
    """
    if name in _programs:
        raise ValueError(f"Program {name!r} is registered twice.")
    _programs[name] = path.resolve(strict=True)


def find_program(name: str) -> Path:
    """Return the file of a program. Raises LookupError for a name nobody registered."""
    try:
        return _programs[name]
    except KeyError:
        raise LookupError(f"No program {name!r}; known: {', '.join(sorted(_programs))}.") from None

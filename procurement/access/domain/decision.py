"""The answer to « may this person do that to this object? », usable as a boolean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes. ``reason`` is empty so that a template can print it either way."""

    reason: str = ""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """No, with the sentence shown to a person who may know that the object exists.

    status: 403 when the role does not suffice, 409 when the state of the object forbids it.
    code: the refusal in one word, for scripts.
    """

    reason: str
    status: int = 403
    code: str = "refus"

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Unknown:
    """No, and the person must not learn that the object exists: 404, like a random identifier."""

    reason: str = "Cette page n’existe pas, ou elle ne vous est pas ouverte."
    status: int = 404

    def __bool__(self) -> bool:
        return False


Decision = Allowed | Denied | Unknown
ALLOWED = Allowed()

"""The model of X21: who may do what, as the specification says it, and what an article is.

Copied by hand from the specification and written apart: nothing here reads the program.
"""

from dataclasses import dataclass, field, replace

from tests.support import flat


ROLES = ("observateur", "commentateur", "moderateur", "editeur", "gestionnaire")
ALL = frozenset({*ROLES, "juriste"})
WRITE = frozenset({"editeur", "gestionnaire"})
LEAD = frozenset({"gestionnaire"})
MATRIX: dict[str, frozenset[str]] = {
    "lire": ALL,
    "exporter": ALL,
    "annoter": ALL - {"observateur"},
    "ecrire": WRITE,
    "ordonner": WRITE,
    "retirer un article": WRITE,
    "retablir un article": WRITE,
    "restaurer": WRITE,
    "nommer": WRITE,
    "fiche": WRITE,
    "figer": LEAD,
    "inviter": LEAD,
    "roles": LEAD,
    "partager": LEAD,
    "histoire": frozenset({"gestionnaire", "juriste"}),
}


@dataclass(frozen=True)
class State:
    """An article at one version. merged: it left the text by a merge."""

    titre: str
    text: flat.Text
    active: bool = True
    merged: bool = False


@dataclass
class Article:
    """seen: its text at each of its numbers. loose: numbers from which places are no longer known."""

    pk: str
    state: State
    numero: int = 0
    seen: dict[int, flat.Text] = field(default_factory=dict)
    loose: set[int] = field(default_factory=set)
    host: str = ""
    host_after: State | None = None
    host_before: flat.Text = ()

    @property
    def text(self) -> flat.Text:
        return self.state.text

    def write(self, text: flat.Text, *, loose: bool = False) -> None:
        """The next number. loose: the server may have replaced more than what changed."""
        self.numero += 1
        self.state = replace(self.state, text=text)
        self.seen[self.numero] = text
        if loose:
            self.loose.add(self.numero)

    def reads_as(self, then: State) -> bool:
        """Tell whether it has the title and the words of then, whatever its number has become."""
        return self.state.titre == then.titre and flat.say(self.text) == flat.say(then.text)

    def said_since(self, base: int) -> bool:
        """Tell whether all that came since a base is placed sign by sign."""
        return not any(numero > base for numero in self.loose)


@dataclass(frozen=True)
class Snapshot:
    """A pièce at one version."""

    states: dict[str, State]
    order: tuple[str, ...]


def choose(texts: list[flat.Text], got: str) -> flat.Text:
    """The one that the server shows, among those the model allows."""
    for text in texts:
        if flat.say(text) == got:
            return text
    allowed = sorted({flat.say(text) for text in texts})
    raise AssertionError(f"the server shows {got!r}; the model allows {allowed}")

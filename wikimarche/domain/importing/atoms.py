"""Atoms: the inline nodes of one line while it is read (texts, breaks, « _renvoi »), marked or cut as one text."""

from __future__ import annotations

from collections.abc import Sequence

from wikimarche.domain.importing.inlines import plain
from wikimarche.domain.importing.pieces import Json


def all_marked(atoms: Sequence[Json], mark: str) -> bool:
    """Tell whether every word of the text carries a mark."""
    texts: list[Json] = []
    for atom in atoms:
        texts.extend(atom["content"] if atom["type"] == "_renvoi" else [atom])
    words = [a for a in texts if a["type"] == "text" and a["text"].strip(":.-– \u00a0")]
    return bool(words) and all(
        any(m["type"] == mark for m in atom.get("marks", ())) for atom in words
    )


def unmarked(atom: Json, mark: str) -> Json:
    """Return the same atom without a mark."""
    marks = [kept for kept in atom.get("marks", ()) if kept["type"] != mark]
    rest = {key: value for key, value in atom.items() if key != "marks"}
    return rest | ({"marks": marks} if marks else {})


def strip_chars(atoms: list[Json], count: int) -> None:
    """Remove the first `count` characters of the text, in place."""
    index = 0
    while count > 0 and index < len(atoms):
        atom = atoms[index]
        if atom["type"] == "text":
            size = len(atom["text"])
            if size <= count:
                atoms.pop(index)
                count -= size
                continue
            atom["text"] = atom["text"][count:]
            return
        if atom["type"] == "hard_break":
            atoms.pop(index)
            count -= 1
            continue
        if atom["type"] == "_renvoi":
            inner = len(plain(atom["content"]))
            strip_chars(atom["content"], count)
            if inner <= count:
                atoms.pop(index)
                count -= inner
                continue
            return
        index += 1


def cut_atoms(atoms: Sequence[Json], count: int) -> tuple[list[Json], list[Json]]:
    """Split the text after its first `count` characters; what has no text stays where it is."""
    head: list[Json] = []
    for rank, atom in enumerate(atoms):
        size = len(plain([atom]))
        if size <= count:
            head.append(atom)
            count -= size
            continue
        if atom["type"] != "text":
            return head, list(atoms[rank:])
        text = atom["text"]
        if count:
            head.append({**atom, "text": text[:count]})
        return head, [{**atom, "text": text[count:]}, *atoms[rank + 1 :]]
    return head, []

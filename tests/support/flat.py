"""The text of an article as a model holds it: signs one after the other, each with its identity.

Written from the description of the editor, not from the authority: a block ends with « \\n », and
positions count as the browser's do. It knows of no step, no map and no rebase.
"""

from collections.abc import Iterable
from itertools import count


Text = tuple[tuple[str, int], ...]
"""Signs and their identities; « \\n » between two blocks."""
_NEXT = count()


def write(words: str) -> Text:
    """Make signs that are nobody else's."""
    return tuple((sign, next(_NEXT)) for sign in words)


def say(text: Text) -> str:
    """What is read."""
    return "".join(sign for sign, _ in text)


def place(text: Text, index: int) -> int:
    """Position of an index: one token to enter or leave a block, one per UTF-16 unit."""
    return 1 + sum(2 if sign == "\n" or ord(sign) > 0xFFFF else 1 for sign, _ in text[:index])


def put(text: Text, index: int, signs: Text) -> Text:
    return text[:index] + signs + text[index:]


def without(text: Text, signs: Iterable[tuple[str, int]]) -> Text:
    gone = set(signs)
    return tuple(sign for sign in text if sign not in gone)


def find(text: Text, signs: Text) -> int | None:
    """Where signs still stand together, None when they do not."""
    for index in range(len(text) - len(signs) + 1):
        if text[index : index + len(signs)] == signs:
            return index
    return None


def landings(seen: Text, index: int, now: Text) -> tuple[range, bool]:
    """Where words typed in a text seen earlier may stand now, between the neighbours they had.

    Returns the indexes, and whether they must stand: both neighbours are still there.
    """
    left, right = seen[:index], seen[index:]
    here = {sign: at for at, sign in enumerate(now)}
    low = next((here[sign] + 1 for sign in reversed(left) if sign in here), 0)
    high = next((here[sign] for sign in right if sign in here), len(now))
    kept = (not left or left[-1] in here) and (not right or right[0] in here)
    return range(low, high + 1), kept


def join(*blocks: Text) -> Text:
    """Put texts one under the other."""
    whole: Text = blocks[0] if blocks else ()
    for block in blocks[1:]:
        whole += write("\n") + block
    return whole


def read(corps: dict) -> str:
    """The words of a document of paragraphs and headings, as the server gives it."""
    return "\n".join(
        "".join(node.get("text", "") for node in block.get("content", []))
        for block in corps["content"]
    )

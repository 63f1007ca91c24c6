"""Order keys: text that sorts like the articles, with room for one more between any two.

A key is a head letter, the digits of an integer (the head tells how many), then a fraction in
base 36. The alphabet is 0-9 a-z, so that C, POSIX and French collations agree on the order.
Appending or prepending a thousand articles keeps keys under five characters.
"""

from typing import Final


DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_MIDDLE: Final = DIGITS.index("m")
FIRST: Final = "m0"
"""The key of the first article of a list."""


def _integer_length(head: str) -> int:
    """Length of the integer part, head included: « m » and « l » two, « n » and « k » three…"""
    place = DIGITS.find(head)
    if place < 10:
        msg = f"Clé d’ordre illisible\u202f: {head!r}."
        raise ValueError(msg)
    return place - _MIDDLE + 2 if place >= _MIDDLE else _MIDDLE - place + 1


def _integer(key: str) -> str:
    length = _integer_length(key[:1])
    if len(key) < length:
        msg = f"Clé d’ordre illisible\u202f: {key!r}."
        raise ValueError(msg)
    return key[:length]


def check_rank(key: str) -> None:
    """Raise ValueError unless key is a well-formed order key."""
    if not key or any(c not in DIGITS for c in key):
        msg = f"Clé d’ordre illisible\u202f: {key!r}."
        raise ValueError(msg)
    if key[len(_integer(key)) :].endswith("0"):
        msg = f"Clé d’ordre illisible\u202f: {key!r}."
        raise ValueError(msg)


def _increment(integer: str) -> str:
    head, digits = integer[0], list(integer[1:])
    for i in reversed(range(len(digits))):
        value = DIGITS.index(digits[i]) + 1
        if value < len(DIGITS):
            digits[i] = DIGITS[value]
            return head + "".join(digits)
        digits[i] = "0"
    if head == "z":
        msg = "Plus de place après la dernière clé d’ordre."
        raise ValueError(msg)
    following = DIGITS[DIGITS.index(head) + 1]
    return following + "0" * (_integer_length(following) - 1)


def _decrement(integer: str) -> str:
    head, digits = integer[0], list(integer[1:])
    for i in reversed(range(len(digits))):
        value = DIGITS.index(digits[i]) - 1
        if value >= 0:
            digits[i] = DIGITS[value]
            return head + "".join(digits)
        digits[i] = "z"
    if head == "a":
        msg = "Plus de place avant la première clé d’ordre."
        raise ValueError(msg)
    previous = DIGITS[DIGITS.index(head) - 1]
    return previous + "z" * (_integer_length(previous) - 1)


def _midpoint(a: str, b: str | None) -> str:
    """Shortest fraction between a and b; '' is 0 and None is 1. Never ends with 0."""
    if b is not None:
        shared = 0
        while (a[shared] if shared < len(a) else "0") == b[shared]:
            shared += 1
        if shared:
            return b[:shared] + _midpoint(a[shared:], b[shared:])
    low = DIGITS.index(a[0]) if a else 0
    high = DIGITS.index(b[0]) if b is not None else len(DIGITS)
    if high - low > 1:
        return DIGITS[(low + high) // 2]
    if b is not None and len(b) > 1:
        return b[0]
    return DIGITS[low] + _midpoint(a[1:], None)


def rank_between(a: str | None, b: str | None) -> str:
    """Give a key strictly between a and b; None stands for the start or the end of the list.

    Raises ValueError when a key is malformed or a is not before b.

    >>> rank_between(None, None), rank_between("m0", None), rank_between(None, "m0")
    ('m0', 'm1', 'lz')
    >>> rank_between("m0", "m1"), rank_between("m0", "m0i")
    ('m0i', 'm09')
    """
    for key in (a, b):
        if key is not None:
            check_rank(key)
    if a is not None and b is not None and a >= b:
        msg = f"Clés d’ordre inversées\u202f: {a!r}, {b!r}."
        raise ValueError(msg)
    if a is None:
        if b is None:
            return FIRST
        integer = _integer(b)
        return integer if integer < b else _decrement(integer)
    integer = _integer(a)
    fraction = a[len(integer) :]
    if b is None:
        return _increment(integer)
    other = _integer(b)
    if integer == other:
        return integer + _midpoint(fraction, b[len(other) :])
    following = _increment(integer)
    return following if following < b else integer + _midpoint(fraction, None)


def spread_ranks(count: int, after: str | None = None) -> list[str]:
    """Give count keys in order, all after a given one: for an import.

    >>> spread_ranks(3)
    ['m0', 'm1', 'm2']
    """
    keys: list[str] = []
    for _ in range(count):
        after = rank_between(after, None)
        keys.append(after)
    return keys

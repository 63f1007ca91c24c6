"""The colour of a person: the same on every page, for everyone, and from one load to the next."""

import zlib


def tone_of(identifier: object) -> int:
    """Return 1 to 4, the colour of the circle of a person; of her name where nothing else is known.

    identifier: its text decides.

    >>> tone_of("11111111-1111-4111-8111-111111111111")
    3
    """
    return zlib.crc32(str(identifier).encode()) // 12 % 4 + 1

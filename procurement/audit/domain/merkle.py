"""Merkle root over the heads of all chains, with the leaf and node prefixes of RFC 6962."""

import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256
from uuid import UUID


def head_leaf(chaine: UUID, seq: int, empreinte: bytes) -> bytes:
    """Bytes of one leaf: chaine(16) ‖ seq(8) ‖ empreinte(32)."""
    return chaine.bytes + struct.pack(">q", seq) + empreinte


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """Hash a list of leaves as RFC 6962, § 2.1: 0x00 before a leaf, 0x01 before a node.

    >>> merkle_root([]).hex()[:16], merkle_root([b""]).hex()[:16]
    ('e3b0c44298fc1c14', '6e340b9cffb37a98')
    """
    if not leaves:
        return sha256(b"").digest()
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, node = 1, sha256(b"\x00" + leaf).digest()
        while stack and stack[-1][0] == size:
            size, node = size * 2, sha256(b"\x01" + stack.pop()[1] + node).digest()
        stack.append((size, node))
    root = stack.pop()[1]
    while stack:
        root = sha256(b"\x01" + stack.pop()[1] + root).digest()
    return root


def merkle_path(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    r"""Say how to climb from one leaf to the root: the node to put beside it at each level, and where.

    >>> path = merkle_path([b"a", b"b", b"c"], 2)
    >>> [side for side, _ in path]
    ['gauche']
    >>> _, other = path[0]
    >>> sha256(b"\x01" + other + sha256(b"\x00c").digest()).digest() == merkle_root([b"a", b"b", b"c"])
    True
    """
    level = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    path = []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(("gauche" if beside < index else "droite", level[beside]))
        pairs = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level, index = pairs + level[len(pairs) * 2 :], index // 2
    return path


def heads_root(heads: Iterable[tuple[UUID, int, bytes]]) -> bytes:
    """Root over heads (chaine, seq, empreinte), sorted by the bytes of the uuid."""
    ordered = sorted(heads, key=lambda head: head[0].bytes)
    return merkle_root([head_leaf(*head) for head in ordered])

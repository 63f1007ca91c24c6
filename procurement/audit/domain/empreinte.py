"""What an entry of the journal hashes to. The SQL function journal_ajouter_lot says the same.

empreinte = SHA-256( 0x01 ‖ precedent(32) ‖ chaine(16) ‖ seq(8) ‖ instant in µs since 1970 (8)
    ‖ xid(8) ‖ operation(16, zeros when none) ‖ version_id(8, 0 when none)
    ‖ len(4) acteur ‖ len(4) action ‖ len(4) objet
    ‖ contenu_empreinte(32, zeros when none) ‖ corps_empreinte(32) )
corps_empreinte = SHA-256(sel ‖ corps); contenu_empreinte = SHA-256(sel ‖ serialized_data).
Integers are big-endian; texts are UTF-8. Every column of the row is covered.
"""

import struct
from hashlib import sha256


ZERO16 = bytes(16)
ZERO32 = bytes(32)
_FIXED = struct.Struct(">qqq")
_LENGTH = struct.Struct(">I")
_LONG = struct.Struct(">q")


def entry_digest(
    precedent: bytes,
    chaine: bytes,
    seq: int,
    instant: int,
    xid: int,
    operation: bytes | None,
    version_id: int | None,
    acteur: bytes,
    action: bytes,
    objet: bytes,
    contenu: bytes | None,
    corps: bytes,
) -> bytes:
    """Hash one entry; instant in microseconds since 1970, uuids as 16 bytes, texts in UTF-8.

    >>> entry_digest(ZERO32, ZERO16, 1, 0, 0, None, None, b"a", b"b", b"c", None, ZERO32).hex()[:16]
    'bd4ba0b99b71ab37'
    """
    return sha256(
        b"".join(
            (
                b"\x01",
                precedent,
                chaine,
                _FIXED.pack(seq, instant, xid),
                operation or ZERO16,
                _LONG.pack(version_id or 0),
                _LENGTH.pack(len(acteur)),
                acteur,
                _LENGTH.pack(len(action)),
                action,
                _LENGTH.pack(len(objet)),
                objet,
                contenu or ZERO32,
                corps,
            )
        )
    ).digest()

"""What an entry of the journal hashes to. Written by journal_ecrire, read again by Walk.

empreinte = SHA-256( 0x01 ‖ precedent(32) ‖ chaine(16) ‖ seq(8) ‖ instant in µs since 1970 (8)
    ‖ xid(8) ‖ operation(16, zeros when none) ‖ version_id(8, 0 when none)
    ‖ len(4) acteur ‖ len(4) action ‖ len(4) objet
    ‖ contenu_empreinte(32, zeros when none) ‖ corps_empreinte(32) )
corps_empreinte = SHA-256(sel ‖ corps); contenu_empreinte = SHA-256(sel ‖ serialized_data).
Integers are big-endian; texts are UTF-8. Every column of the row is covered.
"""

ZERO16 = bytes(16)
ZERO32 = bytes(32)

"""Which demonstration this is. `./wm` loads this file alone: it imports nothing."""

EDITION = 6
"""To raise when the marchés, people or texts grow: whoever holds an older one is told."""


def newer(held: int, where: str) -> str:
    """Say that a data folder or a database holds an older demonstration; "" when it does not.

    >>> newer(EDITION, "le dossier var")
    ''
    """
    if held >= EDITION:
        return ""
    return (
        f"Cette version apporte une démonstration plus récente (édition {EDITION}\u202f; la vôtre, "
        f"édition {held}, reste telle quelle)\u202f: pour repartir de zéro, arrêtez-la, effacez {where}, "
        "puis relancez ./wm demo."
    )

"""Spaces between words, as `procurement.ui.typographie` joins them: the closed child that reads a document has no kernel.

A plain space before « : » or « ; » stays what the document has: made fixed here, each such line would show as changed when
the text is compared with its file, or with the next one that comes from the same Word. What a person types is fixed as she
types it (frontend/editor/typing.js, titre.js, procurement.ui.champs.PhraseField).
"""

import re


_SPACES = re.compile(r"[^\S\u00a0\u202f]+")


def join_spaces(text: str) -> str:
    r"""Return one line, a space between words; those that hold a sign to its word stay what they are.

    >>> join_spaces(" Délais\t\u202f: \n neuf ")
    'Délais \u202f: neuf'
    """
    return _SPACES.sub(" ", text).strip()

"""Names of files, as people send them and as we may show them."""

import unicodedata


LONGEST = 180
RESERVED = {
    *("con", "prn", "aux", "nul"),
    *(f"com{n}" for n in range(1, 10)),
    *(f"lpt{n}" for n in range(1, 10)),
}
SPACES = {"\u00a0", "\u202f"}


def clean_name(nom: str) -> str:
    r"""Return the last part of a name, without what lies to the eye or to a file system.

    Control characters, NUL, direction marks (U+202E…), invisible signs and private use are
    dropped; the result has at most LONGEST characters and 240 bytes and keeps its extension.
    The extension must be judged on this result, never on what was sent.

    >>> clean_name("../../etc/passwd.pdf")
    'passwd.pdf'
    >>> clean_name("facture\u202efdp.exe")
    'facturefdp.exe'
    >>> clean_name("a\x00.pdf\r\n"), clean_name("CON.pdf"), clean_name(" .. ")
    ('a.pdf', '_CON.pdf', 'document')
    """
    nom = unicodedata.normalize("NFC", nom.replace("\\", "/")).rsplit("/", 1)[-1]
    kept = "".join(
        " " if sign.isspace() and sign not in SPACES else sign
        for sign in nom
        if sign in "\t\n" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    kept = " ".join(kept.split(" ")).lstrip().rstrip(" .")
    if not kept or kept.startswith("."):
        kept = f"document{kept}"
    stem, dot, extension = kept.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = kept, "", ""
    if stem.split(".", 1)[0].lower() in RESERVED:
        stem = f"_{stem}"
    while len(stem) + len(extension) >= LONGEST or len((stem + extension).encode()) > 238:
        stem = stem[:-1]
    return f"{stem.rstrip(' .')}{dot}{extension}"


def extension_of(nom: str) -> str:
    """Return the extension of the cleaned name, in lower case, without its dot.

    >>> extension_of("Règlement.DOCX"), extension_of("devis.pdf.exe"), extension_of("sans")
    ('docx', 'exe', '')
    """
    stem, dot, extension = clean_name(nom).rpartition(".")
    return extension.lower() if dot and stem else ""

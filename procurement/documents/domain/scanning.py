"""What an antivirus answers, read strictly: anything but a well-formed « OK » is not « OK »."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime


LONGEST_ANSWER = 4096
FOUND = re.compile(rb"stream: ([\x21-\x7e][\x20-\x7e]{0,199}) FOUND")


class AddressRefused(ValueError):
    """CLAMAV_URL is neither unix:///path nor tcp://host:port."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """sound: analysed whole, nothing found. signature: of what was found.

    cause: why there is no verdict, in one stable word for the log. One of the three holds.
    """

    sound: bool = False
    signature: str = ""
    cause: str = ""


SOUND = Verdict(sound=True)


def unavailable(cause: str) -> Verdict:
    """No verdict. Causes: absent, muet, coupe, taille, illisible."""
    return Verdict(cause=cause)


def read_answer(answer: bytes) -> Verdict:
    r"""Read the answer of clamd to zINSTREAM, its closing NUL included.

    >>> read_answer(b"stream: OK\0") == SOUND
    True
    >>> read_answer(b"stream: Eicar-Test FOUND\0").signature
    'Eicar-Test'
    >>> read_answer(b"INSTREAM size limit exceeded. ERROR\0").cause
    'taille'
    >>> [read_answer(said).cause for said in (b"stream: OK", b"OK\0", b"stream: OK\0stream: OK\0")]
    ['coupe', 'illisible', 'illisible']
    """
    if not answer.endswith(b"\0"):
        return unavailable("illisible" if len(answer) >= LONGEST_ANSWER else "coupe")
    said = answer[:-1]
    if said == b"stream: OK":
        return SOUND
    if match := FOUND.fullmatch(said):
        return Verdict(signature=match[1].decode("ascii"))
    return unavailable("taille" if b"size limit exceeded" in said else "illisible")


def read_address(url: str) -> str | tuple[str, int]:
    """Return what a socket connects to: the path of a unix socket, or (host, port).

    >>> read_address("unix:///run/clamav/clamd.ctl")
    '/run/clamav/clamd.ctl'
    >>> read_address("tcp://clamav:3310")
    ('clamav', 3310)

    Raises AddressRefused.
    """
    if match := re.fullmatch(r"unix://(/[^\0]{1,106})", url):
        return match[1]
    match = re.fullmatch(r"tcp://([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})/?", url)
    if not match or not 0 < int(match[2]) < 65536:
        raise AddressRefused("CLAMAV_URL s’écrit unix:///chemin ou tcp://hôte:port.")
    return match[1].strip("[]"), int(match[2])


def signatures_made(version: str) -> datetime | None:
    """When the signatures of a clamd were made, from what it says of itself; None when it does not say.

    >>> signatures_made("ClamAV 1.4.6/27812/Sun Nov 22 08:00:00 2026").isoformat()
    '2026-11-22T08:00:00+00:00'
    >>> signatures_made("ClamAV 1.4.6")
    """
    match = re.search(r"/[0-9]+/\w{3} (\w{3} +[0-9]+ [0-9:]{8} [0-9]{4})", version)
    if not match:
        return None
    return datetime.strptime(" ".join(match[1].split()), "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)

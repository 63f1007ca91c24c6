"""Mails of the demonstration, which go to files instead of leaving: read back for its page."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path


LATEST = 50
"""Mails shown, the newest first."""
_RULE = re.compile(rb"\n-{79}\n")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as its addressee would read it, in plain text. instant: None when it bears no date."""

    objet: str
    a: str
    instant: datetime | None
    texte: str


def read_mails(folder: Path, *, limit: int = LATEST) -> list[Mail]:
    """The latest mails that Django wrote in a folder, one file a connection, newest first."""
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    found: list[Mail] = []
    for file in files[:limit]:
        found += reversed(list(_parse(file.read_bytes())))
    return found[:limit]


def _parse(content: bytes) -> Iterator[Mail]:
    for part in _RULE.split(content):
        if not part.strip():
            continue
        message = message_from_bytes(part, _class=EmailMessage, policy=policy.default)
        body = message.get_body(("plain", "html"))
        date = message["Date"]
        yield Mail(
            objet=str(message["Subject"] or "Sans objet"),
            a=str(message["To"] or ""),
            instant=_read_date(date) if date else None,
            texte=body.get_content().strip() if body else "",
        )


def _read_date(written: str) -> datetime:
    """« -0000 », which Django writes, is universal time without saying where (RFC 5322, § 3.3)."""
    instant = parsedate_to_datetime(written)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)

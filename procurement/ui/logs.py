"""Lines of the log: one event a line, escaped, with who and what, never what is secret.

settings.LOGGING names the two formatters; the middleware and the jobs say what is under way.
"""

import json
import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType


MASK = "[…]"
LONGEST = 16_000
"""Signs kept of a message or of a trace."""

# What could end a line, drive a terminal, hide or reorder signs: C0 but for JSON's own escapes,
# DEL, C1, line and paragraph separators, zero width, bidirectional marks, byte order mark.
CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
SECRETS = re.compile(
    # an e-mail address
    r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*"
    # user and password of an address such as postgres://…
    r"|(?<=://)[^\s/@]*:[^\s/@]*(?=@)"
    # what follows a word that announces a secret
    r"|(?i:(?<=password=)|(?<=token=)|(?<=sessionid=)|(?<=seance=)|(?<=csrf=)|(?<=key=))[^\s&;,'\"]+"
)

NOTHING: Mapping[str, str] = MappingProxyType({})
_context: ContextVar[Mapping[str, str]] = ContextVar("log_context", default=NOTHING)


def new_request_id() -> str:
    """Twelve hexadecimal digits: short enough to be read out on the telephone."""
    return secrets.token_hex(6)


def current_request_id() -> str:
    """Return the number of the request under way, "" outside one."""
    return _context.get().get("requete", "")


@contextmanager
def saying(**said: str) -> Iterator[None]:
    """Add these words to every line written inside: requete, acteur, travail."""
    token = _context.set({**_context.get(), **said})
    try:
        yield
    finally:
        _context.reset(token)


def mask(text: str) -> str:
    """Take out of a text what must not stand in a log.

    >>> mask("refused for camille@region.example at postgres://app:secret@base/x")
    'refused for […] at postgres://[…]@base/x'
    """
    return SECRETS.sub(MASK, text[:LONGEST])


def escape(text: str) -> str:
    r"""Write control and invisible signs as JSON does.

    >>> escape("a\r\nb\x1b[2J\u202e")
    'a\\u000d\\u000ab\\u001b[2J\\u202e'
    """
    return CONTROLS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


class _Formatter(logging.Formatter):
    def _facts(self, record: logging.LogRecord) -> dict[str, object]:
        facts: dict[str, object] = {
            "instant": datetime.fromtimestamp(record.created, UTC).isoformat(
                timespec="milliseconds"
            ),
            "niveau": record.levelname,
            "source": record.name,
            "message": mask(record.getMessage()),
        }
        facts |= _context.get()
        facts |= getattr(record, "faits", {})
        if record.exc_info:
            facts["erreur"] = mask(self.formatException(record.exc_info))
        return facts


class JsonFormatter(_Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record; a sign that JSON would leave bare is escaped all the same."""
        said = json.dumps(self._facts(record), ensure_ascii=False, default=str)
        return CONTROLS.sub(lambda sign: f"\\u{ord(sign[0]):04x}", said)


class TextFormatter(_Formatter):
    """For a person at a terminal: one line, then the trace of an error as it is read."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record."""
        facts = self._facts(record)
        trace = str(facts.pop("erreur", ""))
        instant = datetime.fromtimestamp(record.created).astimezone()
        head = [f"{instant:%H:%M:%S}", *(str(facts.pop(key)) for key in ("niveau", "source"))]
        del facts["instant"]
        words = [*head, str(facts.pop("message")), *(f"{k}={v}" for k, v in facts.items())]
        lines = [" ".join(words), *(f"    {line}" for line in trace.splitlines())]
        return "\n".join(escape(line) for line in lines)


class WithoutAddress(logging.Filter):
    """Replace the messages of Django that hold the address asked for, which may be a secret link.

    What it was answers to is on the line of the request, as a pattern.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the errors only, without their address."""
        status = getattr(record, "status_code", None)
        if status is not None:
            record.msg, record.args = "réponse %s", (status,)
            return bool(status >= 500)
        return True

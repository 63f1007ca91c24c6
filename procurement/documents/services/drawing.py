"""render_pdf: the one door to WeasyPrint, which runs in a child that can reach nothing."""

import json
import logging
from collections.abc import Mapping, Sequence

from procurement.documents.services.children import run_child


log = logging.getLogger(__name__)

# A page of 5 000 table rows took 23 s and 433 MB of memory in use; the space asked is larger.
MEMORY = 1536 << 20


def render_pdf(
    html: str,
    *,
    css: Sequence[str] = (),
    media: Mapping[str, bytes] = {},
    variant: str = "pdf/ua-1",
    timeout: float = 60,
) -> bytes:
    """Draw a tagged PDF.

    html: a whole page, with its ``lang`` and ``title``. css: style sheets as text. media: bytes
    named ``media:<id>`` in the page and the sheets (PNG, JPEG, fonts), resolved through the gate
    by the caller. Any other address is refused and logged: the page is drawn without it.
    Raises ChildFailed with a French reason.
    """
    asked = {
        "html": html,
        "css": list(css),
        "variant": variant,
        "media": [[name, len(content)] for name, content in media.items()],
    }
    frame = b"".join([json.dumps(asked).encode(), b"\n", *media.values()])
    answer = run_child(
        "draw_pdf", stdin=frame, timeout=timeout, cpu=int(timeout), memory=MEMORY, output=128 << 20
    )
    told, _, pdf = answer.partition(b"\n")
    for url in json.loads(told)["refused"]:
        log.warning("address refused while drawing a PDF: %r", url)
    return pdf

"""Reading word processor files with pandoc, in a child."""

import json
from typing import Any, Literal

from procurement.documents.domain.judging import decode_text, judge_container
from procurement.documents.services.children import run_child


def convert_word(
    content: bytes, *, source: Literal["docx", "odt", "markdown"], timeout: float = 60
) -> dict[str, Any]:
    """Return the pandoc AST of a document, tracked changes and comments included.

    Keys: "pandoc-api-version", "meta", "blocks", and "media": {path as in the Image nodes: base64}.
    Raises DocumentRefused (bounds, judged before anything is opened), ChildFailed.
    """
    judge_container(content, source)
    if source == "markdown":
        content = decode_text(content)[0].encode()
    answer = run_child(
        "convert_word",
        stdin=source.encode() + b"\n" + content,
        timeout=timeout,
        memory=1 << 30,
        output=256 << 20,
    )
    ast: dict[str, Any] = json.loads(answer)
    return ast

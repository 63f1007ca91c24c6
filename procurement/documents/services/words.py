"""Reading and writing word processor files with pandoc, in a child."""

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


def write_with_pandoc(
    text: str | dict[str, Any],
    *,
    source: Literal["json", "html", "markdown"],
    target: Literal["odt", "docx", "markdown", "gfm", "plain", "html", "json"],
    meta: dict[str, str] | None = None,
    toc: bool = False,
    timeout: float = 60,
) -> bytes:
    """Write a document from a pandoc AST (dict or JSON text), HTML or Markdown.

    Images must be ``data:`` addresses. Raises ChildFailed.
    """
    asked = {"source": source, "target": target, "meta": meta or {}, "toc": toc}
    body = text if isinstance(text, str) else json.dumps(text)
    frame = json.dumps(asked).encode() + b"\n" + body.encode()
    return run_child("write_with_pandoc", stdin=frame, timeout=timeout, output=128 << 20)

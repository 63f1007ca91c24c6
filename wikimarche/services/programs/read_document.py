"""Reads a hostile docx, odt or Markdown into a draft of articles, from the first byte to the last.

stdin: one line naming the format, then the bytes. Answers the draft as JSON, images in base64.
"""

import base64
import json
from dataclasses import asdict


def main(stdin, stdout) -> None:
    """Prepare the package, let pandoc read it, cut it into articles."""
    import convert_word  # noqa: PLC0415, given by the parent

    from wikimarche.domain.importing import (  # noqa: PLC0415, given by the parent
        ImportRefused,
        import_ast,
        prepare,
    )

    source = stdin.readline().decode().strip()
    content = stdin.read()
    try:
        prepared = prepare(content, source)
        ast = convert_word.convert(prepared.content, source)
        piece = import_ast(ast, source=source, survey=prepared.survey)
    except ImportRefused as refusal:
        raise SystemExit(str(refusal)) from refusal
    answer = {
        "titre": piece.titre,
        "articles": [asdict(article) for article in piece.articles],
        "commentaires": [asdict(comment) for comment in piece.comments],
        "suggestions": [asdict(suggestion) for suggestion in piece.suggestions],
        "images": [
            {
                "cle": image.cle,
                "nom": image.nom,
                "contenu": base64.b64encode(image.contenu).decode(),
            }
            for image in piece.images
            if image.contenu
        ],
        "rapport": piece.report.as_json(),
    }
    stdout.write(json.dumps(answer, ensure_ascii=False).encode())

"""Runs pandoc the way the closed child does, so that domain tests need no server."""

import base64
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pypandoc

from procurement.documents.services.programs.convert_word import READERS
from wikimarche.domain.importing import import_document


def convert(content, source):
    command = [pypandoc.get_pandoc_path(), "--sandbox", "--track-changes=all", "--to=json"]
    done = subprocess.run(  # noqa: S603
        [*command, f"--from={READERS[source]}"], input=content, capture_output=True, check=True
    )
    ast = json.loads(done.stdout)
    ast["media"] = {}
    if source != "markdown":
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            for name in package.namelist():
                if name.startswith(("word/media/", "Pictures/")):
                    data = base64.b64encode(package.read(name)).decode()
                    ast["media"][name.removeprefix("word/")] = data
    return ast


def read(content, source="docx"):
    return import_document(content, source=source, convert=convert)


def read_file(path):
    path = Path(path)
    return read(path.read_bytes(), {".md": "markdown"}.get(path.suffix, path.suffix[1:]))


def outline(piece):
    return [(article.niveau, article.titre) for article in piece.articles]

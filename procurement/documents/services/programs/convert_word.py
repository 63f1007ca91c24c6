"""Reads a docx, an odt or Markdown with pandoc; answers its AST with the images it holds.

pandoc is a separate program (GPL), started here inside the same closed child. It gets
``--sandbox`` as well: even its own readers may then open nothing.
"""

import base64
import importlib.util
import json
import os
import subprocess
import zipfile
from typing import Any


IMAGES = ("word/media/", "Pictures/", "media/")
READERS = {
    "docx": "docx",
    "odt": "odt",
    "markdown": "markdown+lists_without_preceding_blankline+autolink_bare_uris-smart-citations"
    "-tex_math_dollars-raw_tex-raw_html-raw_attribute-yaml_metadata_block-implicit_figures",
}


def find_pandoc() -> str:
    """Return the pandoc of the pypandoc_binary wheel, without importing the package."""
    found = importlib.util.find_spec("pypandoc")
    for folder in (found and found.submodule_search_locations) or ():
        path = os.path.join(folder, "files", "pandoc")
        if os.access(path, os.X_OK):
            return path
    raise RuntimeError("pandoc is not installed (wheel pypandoc_binary)")


def convert(content: bytes, source: str) -> dict[str, Any]:
    """Return {"pandoc-api-version", "meta", "blocks", "media": {path in the document: base64}}."""
    name = f"document.{source}"
    with open(name, "wb") as out:
        out.write(content)
    command = [find_pandoc(), "--sandbox", "--track-changes=all", "--to=json"]
    done = subprocess.run(  # noqa: S603
        [*command, f"--from={READERS[source]}", name], stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        # 251 is GHC's own "heap exhausted"; 63, 64… are parse errors of pandoc.
        if done.returncode in {251, -6, -9}:
            raise MemoryError
        raise SystemExit(
            "Le document n’a pas pu être lu\u202f: son contenu est abîmé ou inattendu."
        )
    ast = json.loads(done.stdout)
    ast["media"] = {}
    if source != "markdown":
        with zipfile.ZipFile(name) as document:
            for path in document.namelist():
                if path.startswith(IMAGES) and not path.endswith("/"):
                    # pandoc names the images of a docx "media/…", without the folder "word/".
                    shown = path.removeprefix("word/")
                    ast["media"][shown] = base64.b64encode(document.read(path)).decode()
    return ast


def main(stdin, stdout) -> None:
    """stdin: one line naming the format, then the bytes. Answers what convert() returns, in JSON."""
    source = stdin.readline().decode().strip()
    stdout.write(json.dumps(convert(stdin.read(), source), ensure_ascii=False).encode())

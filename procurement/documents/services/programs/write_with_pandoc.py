"""Writes an odt, a docx or Markdown from a pandoc AST, HTML or Markdown, with pandoc."""

import importlib.util
import json
import os
import subprocess


SOURCES = {"json", "html", "markdown"}
TARGETS = {"odt", "docx", "markdown", "gfm", "plain", "html", "json"}


def find_pandoc() -> str:
    """Return the pandoc of the pypandoc_binary wheel, without importing the package."""
    found = importlib.util.find_spec("pypandoc")
    for folder in (found and found.submodule_search_locations) or ():
        path = os.path.join(folder, "files", "pandoc")
        if os.access(path, os.X_OK):
            return path
    raise RuntimeError("pandoc is not installed (wheel pypandoc_binary)")


def main(stdin, stdout) -> None:
    """stdin: a JSON line {"source", "target", "options": {name: value}}, then the text.

    Images are ``data:`` addresses in the text: pandoc may open nothing.
    """
    asked = json.loads(stdin.readline())
    if asked["source"] not in SOURCES or asked["target"] not in TARGETS:
        raise SystemExit("Ce format n’est pas proposé.")
    with open("entree", "wb") as out:
        out.write(stdin.read())
    done = subprocess.run(  # noqa: S603
        [
            *(find_pandoc(), "--sandbox", "--standalone", "--metadata=lang:fr"),
            *(f"--from={asked['source']}", f"--to={asked['target']}", "--output=sortie"),
            *(f"--metadata={name}:{value}" for name, value in asked.get("meta", {}).items()),
            *(("--toc",) if asked.get("toc") else ()),
            "entree",
        ],
        check=False,
    )
    if done.returncode:
        raise SystemExit("Le document n’a pas pu être écrit dans ce format.")
    with open("sortie", "rb") as written:
        stdout.write(written.read())

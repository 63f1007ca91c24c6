"""Real tender documents: every numbered heading of the table of contents becomes an article."""

import re
import zipfile

import pytest
from lxml import etree

from tests.wikimarche.domain.importing.reading import read, read_file
from tests.wikimarche.reference import reference_files
from tests.wikimarche.reports.contents import content_of
from wikimarche.domain.importing.pieces import plain_words
from wikimarche.domain.importing.sommaire import normalise
from wikimarche.domain.schema import parse_doc
from wikimarche.reports.docx import write_docx


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _printed_contents(path):
    """Lines of the table of contents, read here without the importer: (number, title)."""
    with zipfile.ZipFile(path) as package:
        root = etree.fromstring(package.read("word/document.xml"))
    for paragraph in root.iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        if style is None or not re.fullmatch(r"(?:TM|TOC)\d", style.get(f"{W}val")):
            continue
        text = "".join(
            node.text or "" if node.tag == f"{W}t" else "\t"
            for node in paragraph.iter(f"{W}t", f"{W}tab")
            if node.getparent().tag == f"{W}r"
        )
        if found := re.match(r"\t*(\d+(?:\.\d+)*)\t*\s*(.*?)\t*\d*$", text.strip("\t")):
            yield found[1], found[2]


def _body_titles(path):
    with zipfile.ZipFile(path) as package:
        root = etree.fromstring(package.read("word/document.xml"))
        styles = etree.fromstring(package.read("word/styles.xml"))
    heads = {
        s.get(f"{W}styleId")
        for s in styles.iter(f"{W}style")
        if re.match(r"(?i)heading \d", s.find(f"{W}name").get(f"{W}val"))
    }
    for paragraph in root.iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        if style is not None and style.get(f"{W}val") in heads:
            yield normalise("".join(t.text or "" for t in paragraph.iter(f"{W}t")))


@pytest.mark.parametrize("path", reference_files("dce", "*.docx"), ids=lambda p: p.stem)
def test_numbered_headings_of_the_contents_become_articles(path):
    piece = read_file(path)
    titles = {normalise(article.titre) for article in piece.articles}
    in_text = set(_body_titles(path))
    lost = set(piece.report.sommaire.get("introuvables", ()))
    near = " ".join(piece.report.sommaire.get("approchees", ()))
    for number, title in _printed_contents(path):
        wanted = normalise(title)
        if wanted in in_text:
            assert wanted in titles, f"{number} {title}"
        else:
            # An outdated line: paired with the title it became, or named in the report.
            assert title in near or any(title in line for line in lost), f"{number} {title}"


@pytest.mark.parametrize("path", reference_files("dce", "*.docx", "*.md"), ids=lambda p: p.stem)
def test_articles_are_valid_and_survive_the_round_trip(path):
    piece = read_file(path)
    for article in piece.articles:
        parse_doc(article.corps)
    again = read(write_docx(content_of(piece)))
    assert [(a.id, a.niveau, a.titre, a.numerote) for a in again.articles] == [
        (a.id, a.niveau, a.titre, a.numerote) for a in piece.articles
    ]
    for before, after in zip(piece.articles, again.articles, strict=True):
        assert plain_words(after.corps) == plain_words(before.corps), before.titre

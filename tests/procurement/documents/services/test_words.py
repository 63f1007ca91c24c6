import base64
import io
import json
import subprocess

import pypandoc
import pytest

from procurement.documents.services import (
    ChildFailed,
    DocumentRefused,
    convert_word,
    judge_document,
)
from tests.procurement.documents.builders import (
    RELATIONS,
    W,
    docx_parts,
    make_docx,
    make_relations,
    make_zip,
    png,
)


def write(text, source, target):
    """A document as pandoc writes it, like many that people send."""
    asked = (
        pypandoc.get_pandoc_path(),
        f"--from={source}",
        f"--to={target}",
        "--standalone",
        "--output=-",
    )
    return subprocess.run(asked, input=text.encode(), capture_output=True, check=True).stdout  # noqa: S603


def text_of(ast):
    return json.dumps(ast["blocks"], ensure_ascii=False)


def test_docx_gives_its_tree():
    ast = convert_word(make_docx("Durée"), source="docx")
    assert ast["blocks"] == [{"t": "Para", "c": [{"t": "Str", "c": "Durée"}]}]
    assert ast["media"] == {}


def test_tracked_changes_keep_their_author():
    body = (
        f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body><w:p><w:ins w:id="1" w:author="Léa"'
        ' w:date="2026-03-01T10:00:00Z"><w:r><w:t>ajout</w:t></w:r></w:ins></w:p></w:body></w:document>'
    )
    ast = convert_word(make_zip(docx_parts() | {"word/document.xml": body.encode()}), source="docx")
    assert "insertion" in text_of(ast)
    assert "Léa" in text_of(ast)


def test_odt_and_markdown_are_read():
    odt = write("Un texte.", "markdown", "odt")
    assert "texte" in text_of(convert_word(odt, source="odt"))
    ast = convert_word("# Été\n\nL’objet.".encode("cp1252"), source="markdown")
    assert ast["blocks"][0]["t"] == "Header"


def test_raw_html_in_markdown_stays_text():
    ast = convert_word(b"Un <script>alert(1)</script> deux", source="markdown")
    assert "RawInline" not in text_of(ast)


def test_images_come_with_the_tree():
    image = base64.b64encode(png(3, 2)).decode()
    html = f'<p><img src="data:image/png;base64,{image}" alt="Plan"></p>'
    for target in ("docx", "odt"):
        ast = convert_word(write(html, "html", target), source=target)
        (path,) = ast["media"]
        assert base64.b64decode(ast["media"][path]) == png(3, 2)
        assert path in text_of(ast)


@pytest.mark.attaque("C05")
def test_external_parts_are_neither_fetched_nor_kept(listener):
    url = f"http://127.0.0.1:{listener.server_port}/image"
    body = (
        f'<?xml version="1.0"?><w:document xmlns:w="{W}" xmlns:r="{RELATIONS}" xmlns:a="http://schemas.'
        'openxmlformats.org/drawingml/2006/main"><w:body><w:p><w:r><w:drawing><a:blip r:link="r1"/>'
        '</w:drawing></w:r></w:p><w:p><w:r><w:t>texte</w:t></w:r></w:p><w:altChunk r:id="r1"/></w:body></w:document>'
    )
    parts = docx_parts() | {
        "word/document.xml": body.encode(),
        "word/_rels/document.xml.rels": make_relations("image", url),
    }
    ast = convert_word(make_zip(parts), source="docx")
    assert "texte" in text_of(ast)
    assert ast["media"] == {}
    assert listener.heard == []


def test_bounds_are_judged_before_pandoc():
    with pytest.raises(DocumentRefused, match="archive"):
        convert_word(make_docx(**{"word__a.bin": make_zip({"x": b"y"})}), source="docx")


def test_unreadable_document_ends_with_a_reason():
    """Sound for the judge: only the reader finds that nothing leads to its text."""
    parts = docx_parts()
    del parts["_rels/.rels"]
    with pytest.raises(ChildFailed, match="n’a pas pu être lu"):
        convert_word(make_zip(parts), source="docx")


def test_broken_xml_never_reaches_the_reader():
    with pytest.raises(DocumentRefused, match="abîmé"):
        convert_word(make_docx("a & b"), source="docx")


def test_an_odt_by_pandoc_is_one_that_we_accept():
    written = write("# Titre\n\nTexte.", "markdown", "odt")
    assert judge_document(io.BytesIO(written), "a.odt") == []
    assert "Titre" in text_of(convert_word(written, source="odt"))

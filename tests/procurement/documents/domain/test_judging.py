import contextlib
import io
import itertools
import random
import re
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from procurement.documents.domain import containers, judging
from procurement.documents.domain.containers import ContainerRefused, inflate, list_entries
from procurement.documents.domain.judging import DocumentRefused, decode_text, judge_container
from procurement.documents.services import ACCEPTED, judge_document
from procurement.documents.services.programs.convert_word import READERS
from tests.procurement.documents.builders import (
    TYPES,
    docx_parts,
    lie_about_sizes,
    make_docx,
    make_nested,
    make_odt,
    make_overlap,
    make_protected,
    make_relations,
    make_zip,
)


OLE = judging.OLE + bytes(600)
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
UTF16 = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a SYSTEM "http://x/"><a/>'.encode(
    "utf-16"
)
REEL = Path(__file__).parents[5] / "shared/data/dce/afpa-modeles/Afpa_CCAP_modele.docx"


def without_text():
    parts = docx_parts()
    del parts["word/document.xml"]
    return make_zip(parts)


def cut(name, build):
    """The same package, one of its parts stopping in the middle; its sizes are true."""
    with zipfile.ZipFile(io.BytesIO(build())) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    parts[name] = parts[name][: len(parts[name]) // 2]
    return make_zip(parts, stored={"mimetype"})


def hidden_macros():
    """Macros under an innocent name: only the kind of the relation tells."""
    relations = make_relations("vbaProject", "style.dat", "").replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/vbaProject",
        b"http://schemas.microsoft.com/office/2006/relationships/vbaProject",
    )
    return make_docx(**{"word__style.dat": b"x", "word___rels__document.xml.rels": relations})


REFUSED = {
    "mot de passe": ("a.docx", make_protected),
    "sans texte": ("a.docx", without_text),
    "xml coupé": ("a.docx", lambda: cut("word/document.xml", make_docx)),
    "odt coupé": ("a.odt", lambda: cut("content.xml", make_odt)),
    "styles coupés": ("a.docx", lambda: make_docx(**{"word__styles.xml": b"<w:styles><a>"})),
    "imbriqué": ("a.docx", lambda: make_nested(3000)),
    "trop d’éléments": (
        "a.docx",
        lambda: make_docx(
            **{
                "word__styles.xml": b"<a>" + b"<b/>" * 1_000_001 + b"</a>",
                "word__media__a.png": random.Random(1).randbytes(100_000),  # noqa: S311
            }
        ),
    ),
    "macros sous un autre nom": ("a.docx", hidden_macros),
    "texte brut": ("a.txt", lambda: b"bonjour"),
    "chiffre": ("a.docx", lambda: OLE + "EncryptedPackage".encode("utf-16-le")),
    "ancien": ("a.docx", lambda: OLE),
    "ancien nommé .doc": ("a.doc", lambda: OLE),
    "macros": ("a.docx", lambda: make_docx(**{"word__vbaProject.bin": b"x"})),
    "docm renommé": (
        "a.docx",
        lambda: make_zip(
            docx_parts()
            | {
                "[Content_Types].xml": TYPES.replace(
                    b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                    b"vnd.ms-word.document.macroEnabled.main+xml",
                )
            }
        ),
    ),
    "docm": ("a.docm", make_docx),
    "ratio": ("a.docx", lambda: make_docx(**{"word__b.xml": b"<a>" + b" " * (20 << 20)})),
    "bombe 583 Mo": (
        "a.docx",
        lambda: make_docx(**{f"word__{n}.xml": bytes(53 << 20) for n in range(3)}),
    ),
    "entrées": ("a.docx", lambda: make_zip(docx_parts() | {f"e/{n}": b"" for n in range(2001)})),
    "cent mille entrées": ("a.docx", lambda: make_zip({f"{n}": b"" for n in range(70_000)})),
    "archive": ("a.docx", lambda: make_docx(**{"word__a.bin": make_zip({"x": b"y"})})),
    "recouvrement": ("a.docx", lambda: make_overlap(400, 1 << 10)),
    "recouvrement énorme": ("a.docx", make_overlap),
    "mensonge": ("a.docx", lambda: lie_about_sizes(make_docx("x" * 5000), 100)),
    "dtd": ("a.docx", lambda: make_docx(**{"word__styles.xml": DOCTYPE})),
    "dtd en utf-16": ("a.docx", lambda: make_docx(**{"word__styles.xml": UTF16})),
    "dtd dans un odt": ("a.odt", lambda: make_odt(**{"styles.xml": DOCTYPE})),
    "tronqué": ("a.docx", lambda: make_docx("é" * 9000)[:-9]),
    "coupé": ("a.docx", lambda: make_docx("é" * 9000)[:300]),
    "pdf renommé": ("a.docx", lambda: b"%PDF-1.7 ..."),
    "exe renommé": ("a.odt", lambda: b"MZ" + bytes(90)),
    "html renommé": ("a.docx", lambda: b"<html></html>"),
    "zip quelconque": ("a.docx", lambda: make_zip({"a.txt": b"x"})),
    "odt nommé docx": ("a.docx", make_odt),
    "docx nommé odt": ("a.odt", make_docx),
    "odt chiffré": (
        "a.odt",
        lambda: make_odt(**{"META-INF__manifest.xml": b"<m><encryption-data/></m>"}),
    ),
    "odt à macros": ("a.odt", lambda: make_odt(**{"Basic__Standard__m.xml": b"<m/>"})),
    "chemin": ("a.docx", lambda: make_zip(docx_parts() | {"../../x": b"y"})),
    "binaire nommé md": ("a.md", lambda: b"ab\0cd"),
    "vide": ("a.md", lambda: b""),
    "exécutable": ("facture.docx.exe", make_docx),
    "pdf": ("a.pdf", lambda: b"%PDF-"),
    "nom retourné": ("\u202excod.exe", make_docx),
}


@pytest.mark.attaque("C01")
@pytest.mark.attaque("C03")
@pytest.mark.attaque("C04")
@pytest.mark.parametrize("cas", REFUSED)
def test_hostile_document_is_refused_quickly_with_a_sentence(cas):
    """Of processor time: what others do on the machine meanwhile is not its doing."""
    nom, make = REFUSED[cas]
    content = make()
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DocumentRefused) as refusal:
        judge_document(content, nom)
    assert time.process_time() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    assert refusal.value.reason.endswith(".")
    assert refusal.value.reason[0].isupper()


KINDS = {
    "mot de passe": "chiffre",
    "sans texte": "sans_texte",
    "xml coupé": "abime",
    "odt coupé": "abime",
    "imbriqué": "imbrique",
    "trop d’éléments": "partie",
    "macros sous un autre nom": "macros",
    "texte brut": "extension",
    "chiffre": "chiffre",
    "ancien": "doc",
    "macros": "macros",
    "docm renommé": "macros",
    "ratio": "ratio",
    "bombe 583 Mo": "deplie",
    "entrées": "entrees",
    "cent mille entrées": "entrees",
    "archive": "archive",
    "recouvrement": "recouvrement",
    "mensonge": "mensonge",
    "dtd": "entites",
    "dtd en utf-16": "entites",
    "tronqué": "tronque",
    "pdf renommé": "pas_docx",
    "odt chiffré": "chiffre",
    "nom retourné": "extension",
}


@pytest.mark.parametrize(("cas", "kind"), KINDS.items())
def test_reason_names_what_is_wrong(cas, kind):
    nom, make = REFUSED[cas]
    with pytest.raises(DocumentRefused) as refusal:
        judge_document(make(), nom)
    assert refusal.value.kind == kind


# Positive control: each bound is taken away, and the case it guards then passes.
GUARDS = {
    "entrées": (containers, "MOST_ENTRIES", 10**6),
    "ratio": (containers, "MOST_RATIO", 10**6),
    "archive": (judging, "ARCHIVES", (b"\xff\xff never",)),
    "dtd": (judging, "_refuse_entities", lambda *args: None),
    "imbriqué": (judging, "DEEPEST", 10**6),
    "trop d’éléments": (judging, "MOST_ELEMENTS", 10**7),
    "sans texte": (judging, "MAIN_PART", re.compile(".*")),
}


@pytest.mark.parametrize("cas", GUARDS)
def test_without_its_guard_the_case_passes(cas, monkeypatch):
    module, name, value = GUARDS[cas]
    monkeypatch.setattr(module, name, value)
    nom, make = REFUSED[cas]
    judge_document(make(), nom)


def test_without_the_guard_on_places_an_overlap_is_inflated_in_full(monkeypatch):
    content = make_overlap(100, 1 << 20)
    monkeypatch.setattr(containers, "_judge_places", lambda *args: None)
    monkeypatch.setattr(containers, "MOST_RATIO", 10**6)
    total = sum(len(chunk) for entry in list_entries(content) for chunk in inflate(content, entry))
    assert total == 100 << 20


def test_a_lie_about_sizes_would_fool_a_reader_that_trusts_the_directory():
    """The directory passes every bound: only inflating piece by piece shows the lie."""
    content = lie_about_sizes(make_docx("x" * 5000), 100)
    entries = list_entries(content)
    with pytest.raises(ContainerRefused, match="mensonge"):
        list(itertools.chain.from_iterable(inflate(content, entry) for entry in entries))


def test_tables_a_person_nests_pass():
    assert judge_document(make_nested(20), "a.docx") == []


def test_one_table_says_what_is_accepted():
    """The judge, the reader and the form agree on every extension."""
    assert {f".{extension}" for extension in judging.KINDS} == set(ACCEPTED.split(","))
    assert set(judging.KINDS.values()) == set(READERS)


@pytest.mark.parametrize("size", ["", " {width=189px height=121px}", " {height=121px}"])
def test_an_image_of_our_own_markdown_is_no_long_line(size):
    line = "[image-1]: data:image/png;base64," + "A" * 40_000 + size
    assert judge_document(f"# Été\n\n{line}\n".encode(), "a.md") == []
    with pytest.raises(DocumentRefused, match="20"):
        judge_document(f"# Été\n\n{line} suite\n".encode(), "a.md")


SOUND = {
    "docx": ("a.docx", make_docx),
    "odt": ("a.odt", make_odt),
    "markdown": ("a.md", "# Été\n".encode),
    "nom de 300 signes": ("é" * 300 + ".docx", make_docx),
}


@pytest.mark.parametrize("cas", SOUND)
def test_sound_document_passes_without_notice(cas):
    nom, make = SOUND[cas]
    assert judge_document(make(), nom) == []


NOTICED = {
    "modèle externe": (
        {"word___rels__settings.xml.rels": make_relations("attachedTemplate")},
        "modèle",
    ),
    "objet OLE": ({"word__embeddings__oleObject1.bin": b"\xd0\xcf\x11\xe0"}, "objets"),
    "tableur incorporé": ({"word__embeddings__f.xlsx": make_zip({"x": b"y"})}, "objets"),
    "altChunk": (
        {"word___rels__document.xml.rels": make_relations("aFChunk", "a.html", "")},
        "inclus",
    ),
    "image externe": ({"word___rels__document.xml.rels": make_relations("image")}, "images"),
}


@pytest.mark.attaque("C05")
@pytest.mark.parametrize("cas", NOTICED)
def test_what_will_be_dropped_is_said(cas):
    parts, word = NOTICED[cas]
    notices = judge_document(make_docx(**parts), "a.docx")
    assert len(notices) == 1
    assert word in notices[0]


def test_file_of_200_mb_is_refused_without_being_read(tmp_path):
    path = tmp_path / "a.docx"
    with path.open("wb") as out:
        out.truncate(200 << 20)
    started = time.process_time()
    with path.open("rb") as stream:
        with pytest.raises(DocumentRefused, match="25"):
            judge_document(stream, path.name)
        assert stream.tell() >= 200 << 20
    with pytest.raises(DocumentRefused, match="25"):
        judge_document(path, path.name)
    assert time.process_time() - started < 0.2


def test_judging_the_largest_container_takes_little_memory(tmp_path):
    """In a process of its own: 140 MB announced and inflated, nothing kept."""
    path = tmp_path / "a.docx"
    block = random.Random(1).randbytes(60_000) + bytes(600_000)  # noqa: S311
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name, body in docx_parts().items():
            target.writestr(name, body)
        for number in range(4):
            target.writestr(f"word/media/{number}.bin", block * ((35 << 20) // len(block)))
    assert path.stat().st_size < 25 << 20
    code = (
        "import resource, sys, time; from pathlib import Path;"
        "from procurement.documents.domain.judging import judge_container;"
        "body = Path(sys.argv[1]).read_bytes(); start = time.perf_counter();"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        "judge_container(body, 'docx');"
        "print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    seconds, kilobytes = map(float, done.stdout.split())
    assert seconds < 3
    assert kilobytes < 20 * 1024


@given(st.binary(max_size=2000), st.sampled_from(["docx", "odt", "markdown"]))
def test_any_bytes_are_judged_or_refused(content, kind):
    with contextlib.suppress(DocumentRefused):
        judge_container(content, kind)


@given(st.data())
def test_a_damaged_docx_never_breaks_the_judge(data):
    content = bytearray(make_docx("Article premier"))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DocumentRefused):
        judge_container(bytes(content), "docx")


def test_text_that_is_not_utf_8_is_read_with_a_notice():
    text, notices = decode_text("Règlement de la consultation".encode("cp1252"))
    assert text == "Règlement de la consultation"
    assert "Windows-1252" in notices[0]


@pytest.mark.skipif(not REEL.exists(), reason="sample documents are not on this machine")
def test_real_ccap_passes():
    assert judge_document(REEL, REEL.name) == ["Le modèle externe du document ne sera pas chargé."]

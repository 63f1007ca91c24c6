"""Documents made on purpose: sound ones, and each kind of hostile one."""

import io
import struct
import zipfile
import zlib

from PIL import Image


TYPES = (
    b'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/'
    b'package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.'
    b'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
    b'"application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.'
    b'openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELS = (
    b'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.'
    b'org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.'
    b'org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    b"</Relationships>"
)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def make_zip(parts, *, stored=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in parts.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            target.writestr(name, body, compress_type=kind)
    return out.getvalue()


def docx_parts(texte="Article 1"):
    body = f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>{texte}</w:t></w:r></w:p></w:body></w:document>'
    return {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELS,
        "word/document.xml": b'<?xml version="1.0" encoding="UTF-8"?>' + body.encode(),
    }


def make_docx(texte="Article 1", **plus):
    """Build a docx; the names of added parts use « __ » for « / »."""
    parts = docx_parts(texte)
    for name, body in plus.items():
        parts[name.replace("__", "/")] = body
    return make_zip(parts)


def make_relations(kind, target="http://127.0.0.1:1/x", mode=' TargetMode="External"'):
    return (
        f'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006'
        f'/relationships"><Relationship Id="r1" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/>'
        "</Relationships>"
    ).encode()


def make_odt(**plus):
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": (
            b'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:'
            b'names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:'
            b'xmlns:text:1.0" office:version="1.2"><office:body><office:text><text:p>Un</text:p>'
            b"</office:text></office:body></office:document-content>"
        ),
        "META-INF/manifest.xml": b"<manifest/>",
    }
    parts |= {name.replace("__", "/"): body for name, body in plus.items()}
    return make_zip(parts, stored={"mimetype"})


def make_overlap(copies=400, size=1 << 20):
    """Build a zip whose entries all point to the same packed bytes (Fifield's bomb)."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = bytes(size)
    packed = engine.compress(body) + engine.flush()
    crc = zlib.crc32(body)
    first = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(packed), size, 1, 0)
    content = first + b"a" + packed
    start = len(content)
    for number in range(copies):
        name = f"{number}".encode()
        content += struct.pack(
            *("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(packed), size),
            *(len(name), 0, 0, 0, 0, 0, 0),
        )
        content += name
    size = len(content) - start
    return content + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, copies, copies, size, start, 0)


def lie_about_sizes(content, unpacked):
    """Announce other unpacked sizes than the real ones, in both directories."""
    held = bytearray(content)
    for sign, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = held.find(sign)
        while at >= 0:
            struct.pack_into("<L", held, at + place, unpacked)
            at = held.find(sign, at + 4)
    return bytes(held)


def png(width, height):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()

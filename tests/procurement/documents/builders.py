"""Documents made on purpose: sound ones, and each kind of hostile one."""

import base64
import io
import lzma
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


# A Word document under a password, as Office writes it: an OLE container, compressed here.
_PROTECTED = (
    "{Wp48S^xk9=GL@E0stWa8~^|S5YJf5;1~Y{n_U2CGrk;#Fn3_|q=YI!3><bRg7T4u+=$92y3rW_LKiYkV9}e>2"
    "1bTl`sfzSPHIeNtadk^)_@>p`&z(sHnq){(J200($w!U6CFccBlGYM|1g%6FMTs<f*@yMHcc-?IaFXH>HqD}s@"
    "~O1V=j-NVOp?~&Z@)GoBW2e3Xh@DOhW-9ZG^E=elI%8an&?-9j{MLad15BNrSw|_<V8~v$h*h17od`H_@WMe`v"
    ";sk28UD#LARSl{{W(hMfx1!JNkopDWem<2!TFhA37X(fci%Xz(O0SM8e((+3S4Xk?F_RkX_m54Lhz)=Jo>yiF@"
    "o8LV;oJI{a)(M?Y-6tCmdgngyrv~og67N8Gxnw91%NkwDNUKld0K0})q^)H&IQlXOQWCJ1dS@s8c@gzDRvaD0q"
    "$(2Wvf~B=S;yw=&*$7n(V}rjFt$v>O7{*4<?;MW1Zm|6B(s$nX=?|e%f{K&06->qJfE%fFT~Pk}2K880YP1YCd"
    "*JSy!A&WTMjOGHhU==v$~vJ+^}u1>KnK`FjFU_yXw)jjo^?`#Oebj2bTDo~w-6Q5;lRk$2+d{L5G4pKSy}tB<g"
    "2wqd1RfeO4Xvi8#pXt3?ztH+|olO8_yPNsWkM|>hly&Rc_XpeIo}D6fA9i*IMneNFj@T!&fb?QeT<+SrRh4j>w"
    "E*ekxvU;DdfhQBtBIgDkXd<e(4+&rIJQ(Y&z5!fW5XfyQX>ZYwVQoM*0vtO+g>fK<;_I<E4lGQF-?VP`0PztEe"
    "(CrUmRd605fJz~0zF7o!tJi9l%qLzsQkDIu+rKLd|BA&>?N@8m<G5>Ex(9AGaxOGMp9du8S9t(3yCUKlVVU!y^"
    "AJoLf18iAlNbtc24x}4tB$EHB!J%$lQ1Lh21T&jo3#V8jl(*---lC!jN*Dmw+QyhkOC>})f;5*r?#|<}M7J8)7"
    "$!zv07LVU*YprTPR7s26#=Lap1a+Yrb+l-Zxo2S2DP55jx^}OGB@EBKMHV&l2kk15C_-tLb{GL3A?2u_epU!<+"
    "u5Dm-~mejv~`V6F}#IZT4Jxo31Dy+qb+poMy+oJY39AMjhA(gv?@_LDc-JXV6ibRaiCjyi>8%LH$IG0&Ge?f9r"
    "gyV^<Q&JKg*`fgk4i(9f-v2)B*$+ezN;<kagck&^W@XNaw#xX*<XdjVh%4|$wVn+F$hdO+UIfn2|tCBxM1EWG0"
    "HU*iloDf|5hP;TGnC(clDU85kFRqG_<YCkMf8XaaSVYi!JtaiN-0tr-)8bIsv-?6)Pu`d6et{Gnbq+tdF%SI}i"
    "@)51-AJp2`>=LGVBm~r+BJI8VkYd|~tr9{dtI2&@lo<+f^+%G##%pY1+lsSChr2R^^#{_Q(?0~X$<*vf00kd!R"
    "Vp=`l}uWNoTCNWzkZ}g=ygQy_ETg-7;zN!Ug@b8UmaF5l2Iz}N1B?oza;52O)m7EC1q2ZTq%BD5J#Q{#(T@@o2"
    "z?{yX04>f-qo$$*H9E505ru_kJz_vB`0;s#=&+T3l4?>|SdqD*ylhVd@WjS|M~C00FlNfG_|6%Eq_=vBYQl0ss"
    "I200dcD"
    # the password is « secret »
)


def make_protected():
    return lzma.decompress(base64.b85decode(_PROTECTED))


def make_nested(tables, texte="x"):
    """Build a docx whose tables are one inside the other."""
    opening, closing = "<w:tbl><w:tr><w:tc>", "<w:p/></w:tc></w:tr></w:tbl>"
    body = f"{opening * tables}<w:p><w:r><w:t>{texte}</w:t></w:r></w:p>{closing * tables}"
    return make_docx(
        **{
            "word__document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()
        }
    )

import unicodedata

import pytest
from hypothesis import example, given, strategies as st

from procurement.documents.domain.names import LONGEST, clean_name, extension_of
from procurement.documents.services.serving import disposition


@pytest.mark.attaque("C07")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\CCAP final.docx", "CCAP final.docx"),
        ("a\x00.pdf", "a.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("« prix ».pdf", "« prix ».pdf"),
        ("", "document"),
        ("...", "document"),
        (".pdf", "document.pdf"),
    ],
)
def test_name_is_cleaned(sent, kept):
    assert clean_name(sent) == kept


@given(st.text(max_size=400))
@example("é" * 300 + ".pdf")
@example("\ud800.pdf")
def test_any_name_becomes_safe(sent):
    kept = clean_name(sent)
    assert 0 < len(kept) <= LONGEST
    assert len(kept.encode()) <= 250
    assert not {"/", "\\", "\0", "\n", "\r"} & set(kept)
    assert all(unicodedata.category(sign) not in {"Cc", "Cf", "Cs"} for sign in kept)
    assert clean_name(kept) == kept
    assert disposition(sent).isascii()
    assert "\n" not in disposition(sent)


def test_extension_is_judged_on_the_cleaned_name():
    assert extension_of("rapport\u202efdp.exe") == "exe"
    assert extension_of("devis.pdf.exe") == "exe"
    assert extension_of("x" * 300 + ".docx") == "docx"


def test_disposition_carries_the_real_name():
    assert disposition('Règlement "final".pdf') == (
        'attachment; filename="R_glement _final_.pdf"; '
        "filename*=UTF-8''R%C3%A8glement%20%22final%22.pdf"
    )

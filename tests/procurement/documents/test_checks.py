from procurement.documents import checks


def test_this_machine_has_pango():
    assert checks.check_libraries(None) == []


def test_missing_library_is_named_with_its_package(monkeypatch):
    """Positive control: a library that nobody has."""
    monkeypatch.setitem(checks.LIBRARIES, "libabsente.so.9", "libabsente9")
    (error,) = checks.check_libraries(None)
    assert error.id == "documents.E001"
    assert error.hint.endswith("apt-get install -y --no-install-recommends libabsente9")


def test_open_doors_are_said(monkeypatch):
    monkeypatch.setattr(checks, "report_doors", lambda: {"network": "", "files": ""})
    assert [found.id for found in checks.check_doors(None)] == ["documents.W001", "documents.W002"]

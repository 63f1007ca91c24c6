import pytest

from procurement.documents import registry


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Register a program written in the test: program("name", "def main(stdin, stdout): …")."""
    monkeypatch.setattr(registry, "_programs", dict(registry._programs))

    def add(name, source):
        path = tmp_path / f"{name}.py"
        path.write_text(source)
        registry.register_program(name, path)
        return name

    return add

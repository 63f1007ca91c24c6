import json
import os
import time

import pytest

from procurement.documents.checks import check_doors
from procurement.documents.registry import find_program, register_program
from procurement.documents.services import (
    Cause,
    ChildFailed,
    children,
    convert_word,
    render_pdf,
    report_doors,
    run_child,
)
from tests.support.required import missing


ECHO = "def main(stdin, stdout):\n    stdout.write(stdin.read())\n"


def fail(name, **limits):
    with pytest.raises(ChildFailed) as failure:
        run_child(name, stdin=b"", **limits)
    assert failure.value.reason.endswith(".")
    return failure.value


def test_answer_comes_back_whole(program):
    body = os.urandom(5 << 20)
    assert run_child(program("echo", ECHO), stdin=body) == body


@pytest.mark.attaque("F01")
def test_child_reaches_nothing(listener, tmp_path, monkeypatch):
    canary = tmp_path / "canary"
    canary.write_text("secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    asked = json.dumps({"port": listener.server_port, "file": str(canary)}).encode()
    seen = json.loads(run_child("probe", stdin=asked))
    assert seen["network"] is seen["url"] is False
    assert listener.heard == []
    assert seen["cwd"] == []
    assert seen["environment"] == ["HOME", "LANG", "PATH", "TMPDIR", "XDG_CACHE_HOME"]
    assert len(seen["descriptors"]) == 4  # three streams and the listing itself
    assert seen["file"] is False


def test_probe_sees_what_is_open(listener, tmp_path):
    """Positive control: run outside, the same program reaches both."""
    canary = tmp_path / "canary"
    canary.write_text("secret")
    asked = json.dumps({"port": listener.server_port, "file": str(canary)})
    names = {}
    source = find_program("probe").path.read_text().replace("sys.argv[1]", "'{}'")
    exec(compile(source, "probe", "exec"), names)  # noqa: S102
    out = []

    class Stream:
        read = staticmethod(lambda: asked)
        write = staticmethod(out.append)

    names["main"](Stream, Stream)
    seen = json.loads(out[0])
    assert seen["network"] is seen["url"] is seen["file"] is True
    assert listener.heard == ["/"]


def test_doors_of_this_machine_are_reported():
    doors = report_doors()
    assert set(doors) == {"network", "files"}
    if doors["network"] != "namespace":
        missing("NAMESPACES", "this kernel refuses user namespaces")
    if doors["files"] != "landlock":
        missing("LANDLOCK", "this kernel has no Landlock")


OPEN = {
    "network": ("def close_network() -> str:", "def close_network() -> str:\n    return ''\n"),
    "files": ("    abi = libc.syscall(", "    return ''\n    abi = libc.syscall("),
}


@pytest.fixture
def with_a_door_open(request, tmp_path, monkeypatch):
    """The first program of a child, on a server where one door does not close."""
    source = find_program("probe").path.with_name("start.py").read_text()
    before, after = OPEN[request.param]
    assert before in source
    start = tmp_path / "start.py"
    start.write_text(source.replace(before, after, 1))
    monkeypatch.setattr(children, "START", start)
    return request.param


@pytest.mark.attaque("F01")
@pytest.mark.parametrize("with_a_door_open", OPEN, indirect=True)
def test_a_door_that_does_not_close_refuses_the_document(with_a_door_open, program, settings):
    settings.DEMO = False
    failure = fail(program("echo", ECHO))
    assert failure.cause == Cause.SANDBOX
    assert "ne permet pas de l’isoler" in failure.reason
    with pytest.raises(ChildFailed, match="isoler"):
        render_pdf("<html lang='fr'><head><title>t</title></head><body><p>Texte</p></body></html>")
    with pytest.raises(ChildFailed, match="isoler"):
        convert_word(b"# Titre\n", source="markdown")
    # The deployment is told which, and a demonstration goes on.
    assert report_doors()[with_a_door_open] == ""
    assert [one.id for one in check_doors(None)] == [
        {"network": "documents.E005", "files": "documents.E006"}[with_a_door_open]
    ]
    settings.DEMO = True
    assert run_child(program("echo_demo", ECHO), stdin=b"lu") == b"lu"


def test_without_namespaces_a_filter_refuses_sockets(program):
    """On a server that forbids namespaces the second way closes the network as well."""
    start = find_program("probe").path.with_name("start.py").read_text()
    source = start.rpartition('if __name__ == "__main__"')[0].replace(
        "def main() -> int:", "def unused() -> int:"
    )
    source += (
        "\ndef main(stdin, stdout):\n"
        "    import socket\n"
        "    closed = _refuse_sockets()\n"
        "    try:\n        socket.socket(socket.AF_UNIX)\n        reached = True\n"
        "    except PermissionError:\n        reached = False\n"
        "    stdout.write(json.dumps([closed, reached]).encode())\n"
    )
    assert json.loads(run_child(program("filter", source), stdin=b"")) == [True, False]


LIMITS = {
    "temps réel": (
        "import time\ndef main(i, o):\n    time.sleep(60)\n",
        Cause.TEMPS,
        {"timeout": 1},
    ),
    "processeur": (
        "def main(i, o):\n    while True: pass\n",
        Cause.TEMPS,
        {"cpu": 1, "timeout": 20},
    ),
    "mémoire": (
        "def main(i, o):\n    a = [bytes(10 << 20) for _ in range(500)]\n",
        *(Cause.MEMOIRE, {"memory": 512 << 20}),
    ),
    "sortie": (
        "def main(i, o):\n    while True: o.write(bytes(1 << 20))\n",
        *(Cause.SORTIE, {"output": 4 << 20}),
    ),
    "fichier": (
        "def main(i, o):\n    f = open('x', 'wb')\n    while True: f.write(bytes(1 << 20))\n",
        *(Cause.SORTIE, {"output": 4 << 20}),
    ),
    "profondeur": ("def main(i, o):\n    main(i, o)\n", Cause.ILLISIBLE, {}),
    "panne": ("def main(i, o):\n    1 / 0\n", Cause.ILLISIBLE, {}),
    "plantage": ("import ctypes\ndef main(i, o):\n    ctypes.string_at(0)\n", Cause.ILLISIBLE, {}),
    "refus": ("def main(i, o):\n    raise SystemExit('Non merci.')\n", Cause.REFUS, {}),
}


@pytest.mark.attaque("F02")
@pytest.mark.parametrize("cas", LIMITS)
def test_each_limit_ends_the_child_with_its_reason(cas, program):
    source, cause, limits = LIMITS[cas]
    started = time.monotonic()
    assert fail(program("limite", source), **limits).cause == cause
    assert time.monotonic() - started < 15


def test_refusal_of_the_program_is_told_as_it_is(program):
    assert fail(program("refus", LIMITS["refus"][0])).reason == "Non merci."


def test_without_the_limit_the_same_program_ends_well(program):
    """Positive control: these programs are stopped by their limit and by nothing else."""
    source = "def main(i, o):\n    a = [bytes(10 << 20) for _ in range(60)]\n    o.write(b'ok')\n"
    name = program("gourmand", source)
    assert fail(name, memory=400 << 20).cause == Cause.MEMOIRE
    assert run_child(name, stdin=b"", memory=2 << 30) == b"ok"


def test_whole_group_is_killed(program, tmp_path):
    source = (
        "import subprocess, sys, time\n"
        "def main(i, o):\n"
        "    p = subprocess.Popen(['/bin/sleep', '300'])\n"
        "    o.write(str(p.pid).encode())\n"
    )
    pid = int(run_child(program("enfants", source), stdin=b"", timeout=10))
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().split()[2] == "Z":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.05)
    pytest.fail("a grandchild outlived its child")


def test_noise_on_stderr_is_bounded(program):
    source = (
        "import sys\ndef main(i, o):\n    for _ in range(2000): sys.stderr.write('x' * 10000)\n"
        "    1 / 0\n"
    )
    failure = fail(program("bruit", source))
    assert len(failure.details) <= 16 * 1024
    assert "ZeroDivisionError" in failure.details


def test_nothing_is_left_behind(program, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    before = len(os.listdir("/proc/self/fd"))
    run_child(program("ecrit", "def main(i, o):\n    open('reste', 'w').write('x')\n"), stdin=b"")
    assert os.listdir(tmp_path / "tmp") == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_unknown_and_duplicate_programs_raise(program, tmp_path):
    with pytest.raises(LookupError, match="draw_pdf"):
        run_child("inconnu", stdin=b"")
    name = program("deux", ECHO)
    with pytest.raises(ValueError, match="twice"):
        register_program(name, tmp_path / "deux.py")


def test_a_program_reads_the_packages_it_was_given_and_no_other(tmp_path):
    """What the parent gives is imported by its name; the rest of the project stays closed."""
    given = tmp_path / "donne"
    given.mkdir()
    (given / "__init__.py").write_text("MOT = 'lu'\n")
    secret = tmp_path / "secret.py"
    secret.write_text("MOT = 'fuite'\n")
    source = tmp_path / "lit_son_paquet.py"
    source.write_text(
        "def main(stdin, stdout):\n"
        "    import donne\n"
        f"    try:\n        open({str(secret)!r}).read()\n        seen = b'fuite'\n"
        "    except OSError:\n        seen = b'ferme'\n"
        "    stdout.write(donne.MOT.encode() + b' ' + seen)\n"
    )
    register_program("lit_son_paquet", source, {"donne": given})

    answer = run_child("lit_son_paquet", stdin=b"")

    assert answer == b"lu ferme"

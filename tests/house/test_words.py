"""What texts may say: nothing of the machine they were written on, no promise we cannot keep, links that lead somewhere."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services import ROOT


def ours() -> list[str]:
    """Names of the files of the repository: those git knows, or all but what is made here.

    A bare machine has no git: what .gitignore names by folder is left out by hand.
    """
    if shutil.which("git") and (ROOT / ".git").exists():
        names = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        return [name for name in names if name]
    ignored = {
        line.strip("/")
        for line in (ROOT / ".gitignore").read_text().splitlines()
        if line.endswith("/")
    }
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in ignored | {".git"}]
        found += [str((Path(folder) / name).relative_to(ROOT)) for name in files]
    return found


def tracked(*suffixes: str) -> list[Path]:
    """Files of the repository, minus the built bundle and the locks."""
    return [
        ROOT / name
        for name in sorted(ours())
        if name.endswith(suffixes)
        and not name.startswith("static/dist/")
        and (ROOT / name).is_file()
    ]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


PAGES = tracked(".md")
SAID = [
    *tracked(".md", ".html", ".txt"),
    *(path for path in tracked(".py") if "reports" in path.parts),
]

# A seal of ours is neither certified nor qualified: only a judge, or a qualified provider, may say it.
FORBIDDEN = ("archivage à valeur probante certifié", "certifié NF", "horodatage qualifié")


@pytest.mark.parametrize("path", SAID, ids=shown)
def test_nothing_promises_more_than_the_law_allows(path):
    text = " ".join(path.read_text().replace("\u202f", " ").replace("\u00a0", " ").split()).lower()
    found = [words for words in FORBIDDEN if words.lower() in text]
    assert not found, (
        f"{shown(path)} says « {found[0]} ». Say « journal scellé », « exportable vers un SAE », "
        "« horodatage interne » or « intégrité vérifiée le … »: see docs/securite.md."
    )


# A path of somebody's machine or the host of a registry tells where it was built and breaks elsewhere.
MACHINE = re.compile(
    r"(?<![\w.])/(?:home|work|Users|mnt|opt)/[\w.-]+|\b(?:pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org)\b"
)


@pytest.mark.parametrize(
    "path",
    tracked(".md", ".html", ".txt", ".py", ".toml", ".yml", ".js", ".mjs", ".scss", ".sh", "wm", ".ci/run", ".npmrc"),
    ids=shown,
)  # fmt: skip
def test_no_path_of_a_machine_nor_host_of_a_registry(path):
    if path == Path(__file__):
        return
    found = MACHINE.search(path.read_text())
    assert not found, (
        f"{shown(path)} names {found[0]}: use a path relative to the project, or a variable; "
        "registries are the affair of the tools that install."
    )


UNSEEN = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}|<(script|style)\b.*?</\1>", re.DOTALL
)
LOOSE = re.compile(r"[\w»)}’”%] [:;!?»](?![\w=/-])|« ")


@pytest.mark.parametrize("path", tracked(".html"), ids=shown)
def test_a_sign_never_begins_a_line_far_from_its_word(path):
    """Repair: a narrow no-break space (U+202F) inside « » and before : ; ! and ?."""
    text = UNSEEN.sub("", path.read_text())
    found = [text[max(0, one.start() - 30) : one.end()] for one in LOOSE.finditer(text)]
    assert not found, found


def test_a_loose_sign_is_seen():
    assert [bool(LOOSE.search(one)) for one in ("Oui !", "« oui", "oui »", "Oui\u202f!")] == [
        True, True, True, False,
    ]  # fmt: skip


# A sign that a literal begins with follows what another literal ended with.
LOOSE_IN_PYTHON = re.compile(rf"{LOOSE.pattern}|^ [:;!?»](?![\w=/(-])")
# What is said to Postgres is not said to anybody: its JSON has an operator « ? ».
SQL = re.compile(r"\b(?:SELECT|WHERE)\b")


def literals(source: str) -> list[str]:
    """Every string of a source but docstrings and raw ones (patterns); a brace stands for what an f-string puts in."""
    tree, lines, found, seen = ast.parse(source), source.encode().split(b"\n"), [], set()
    for node in ast.walk(tree):
        if id(node) in seen:
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            seen.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            seen |= {id(part) for part in node.values}
            parts = (part.value if isinstance(part, ast.Constant) else "}" for part in node.values)
            found.append("".join(parts))
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and not lines[node.lineno - 1].startswith(b"r", node.col_offset)
        ):
            found.append(node.value)
    return [text for text in found if not SQL.search(text)]


def loose_in(source: str) -> list[str]:
    return [
        text[max(0, one.start() - 30) : one.end()]
        for text in literals(source)
        for one in LOOSE_IN_PYTHON.finditer(text)
    ]


SHIPPED = [
    path
    for path in tracked(".py", "wm")
    if path.relative_to(ROOT).parts[0] in {"procurement", "wikimarche", "edossier", "impacts", "wm"}
    # What the people of the demonstration type is set by `recit.fine`.
    and "histoires" not in path.parts
]


# « n° 12 » and « 40 % » are one word: U+00A0 on that side, as frontend/editor/typing.js puts before % (docs/glossaire.md).
PARTED = re.compile(r"n°[ \n\u202f]+(?=[\w{}<])|(?<=[\d}])[ \u202f]%(?![\w}({])")


@pytest.mark.parametrize("path", [*tracked(".html"), *SHIPPED], ids=shown)
def test_a_number_stays_with_its_sign(path):
    """Repair: U+00A0 (\\u00a0 in Python, &nbsp; in a page) after n° and before %."""
    source = path.read_text()
    texts = literals(source) if path.suffix != ".html" else [UNSEEN.sub("", source)]
    texts = [text.replace("&#8239;", "\u202f") for text in texts]
    assert not [
        text[max(0, one.start() - 30) : one.end()]
        for text in texts
        for one in PARTED.finditer(text)
    ]


def test_a_number_parted_from_its_sign_is_seen():
    parted = (
        "n° 12",
        "n° {{ une.seq }}",
        "n°\n{{ une.seq }}",
        "n° }",
        "40 %",
        "40\u202f%",
        "{{ poids }}\u202f%.",
    )
    held = ("n°\u00a012", "40\u00a0%", "{% if a %} {% endif %}", "x = 4 %(a)s", "}} {% load %}")
    assert [one for one in parted if not PARTED.search(one)] == []
    assert [one for one in held if PARTED.search(one)] == []


@pytest.mark.parametrize("path", SHIPPED, ids=shown)
def test_a_sentence_of_python_holds_its_signs_too(path):
    """Repair: \\u202f inside « » and before : ; ! and ?, in what a person may read; another word for what nobody reads."""
    found = loose_in(path.read_text())
    assert not found, found


def test_a_loose_sign_of_python_is_seen():
    loose = (
        'x = "Oui !"',
        'x = f"{a} : {b}"',
        'x = "« " + a',
        'x = a + " ; rien"',
        'f("Quoi ?", 1)',
    )
    held = (
        'x = "Oui\\u202f!"', '"""Un « mot » : rien."""', 'x = r"a ?(b)"', 'x = f"SELECT 1 WHERE a ? {b}"', "x = {a: 1}",
    )  # fmt: skip
    assert [one for one in loose if not loose_in(one)] == []
    assert [one for one in held if loose_in(one)] == []


# One space before a sign, in all that the site says; what a person types in a pièce follows the printers (frontend/editor/typing.js).
WIDE = re.compile("\u00a0[:;!?»]|«\u00a0")
# The other: the console of a Windows that runs the verifier alone has no sign for U+202F, and would fail on it.
ELSEWHERE = {
    "frontend/editor/titre.js",
    "frontend/editor/typing.js",
    "procurement/audit/domain/verifier.py",
}


@pytest.mark.parametrize(
    "path",
    [path for path in (*tracked(".html", ".txt", ".js"), *SHIPPED) if shown(path) not in ELSEWHERE],
    ids=shown,
)
def test_the_space_before_a_sign_is_narrow_everywhere(path):
    """Repair: U+202F (\\u202f in Python and JavaScript) in place of U+00A0 inside « » and before : ; ! and ?."""
    text = path.read_text().replace("\\u00a0", "\u00a0").replace("\\xa0", "\u00a0")
    found = [text[max(0, one.start() - 30) : one.end()] for one in WIDE.finditer(text)]
    assert not found, found


LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_links_of_the_documentation_lead_somewhere(path):
    for target in LINK.findall(
        re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(), flags=re.DOTALL)
    ):
        if "://" in target or target.startswith(("#", "mailto:")):
            continue
        there = (path.parent / target.partition("#")[0]).resolve()
        assert there.exists(), f"{shown(path)} links to {target}, which does not exist."


NAMED = re.compile(
    r"`((?:procurement|wikimarche|edossier|impacts|tests|frontend|docs|templates)/[\w./-]+)`"
)


GENERATED = {"docs/map.md", "docs/permissions.md", "docs/configuration.md"}
WRITTEN = [path for path in PAGES if shown(path) not in GENERATED]


@pytest.mark.parametrize("path", WRITTEN, ids=shown)
def test_files_named_by_the_documentation_exist(path):
    missing = [name for name in NAMED.findall(path.read_text()) if not (ROOT / name).exists()]
    assert not missing, f"{shown(path)} names {missing}: renamed? Say the new name."


ASKED = {
    # A10 comes with the documents of suppliers.
    *(f"A{n:02}" for n in (*range(1, 10), 14, 15, 16, 18)),
    *(f"B{n:02}" for n in (*range(1, 7), 8, 9)),
    *(f"C{n:02}" for n in (1, 3, 4, 5, 6, 7, 9, 10)),
    *(f"D{n:02}" for n in range(1, 9)),
    *(f"F{n:02}" for n in range(1, 4)),
    *(f"G{n:02}" for n in range(1, 4)),
    *(f"X{n:02}" for n in (1, 2, 3, 4, 8, 9, 10, 11, 13, 14, 15, 18, 19, 20, 21)),
}
"""Cases that must be played, whatever the documentation says. Only ever added to."""


def test_each_attack_that_must_be_is_played():
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    played = set(re.findall(r"attaque\(\"([A-Z]\d\d)\"\)", tests))
    assert ASKED - played == set()


def test_each_attack_played_is_told_to_jurists():
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    played = set(re.findall(r"attaque\(\"([A-Z]\d\d)\"\)", tests))
    told = set(re.findall(r"\b[A-GX]\d\d\b", (ROOT / "docs" / "securite.md").read_text()))
    assert played == told, (
        f"docs/securite.md does not tell {sorted(played - told)}, or tells {sorted(told - played)} that "
        "no test plays: its table must say what is really tried."
    )

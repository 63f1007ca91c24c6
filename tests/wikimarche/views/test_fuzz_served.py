"""The cross fuzz of the step authority over real HTTP: two clients without a screen, one served site.

frontend/fuzz/fuzz.mjs makes the edits, as the editor would; both clients then hold the text of the server.
Longer, on another seed: FUZZ=4711x400 ./wm test tests/wikimarche/views/test_fuzz_served.py
"""

import json
import os
import re
import secrets
from uuid import UUID

import pytest

from tests.procurement.documents.builders import png
from tests.support.equipe import commit, commits_url, make_equipe
from tests.wikimarche.domain.test_fuzz import cases, laid_flat
from tests.wikimarche.factories import ArticleFactory
from wikimarche.domain.steps import replay_steps
from wikimarche.enums import GenreFil
from wikimarche.models import Article
from wikimarche.services import add_image, open_fil


SEEDS = ["3x25", "2026x25"]
"""Kept, with their size: those of the run of CI, then each that once showed a difference."""


def seeds() -> list[str]:
    asked = os.environ.get("FUZZ")
    if not asked:
        return SEEDS
    return [asked if "x" in asked else f"{secrets.randbelow(10**6)}x{asked}"]


def among_ours(equipe, image, case: dict) -> dict:
    """The same edits, whose references, images and comments are those of a pièce that exists."""
    text = json.dumps(case)
    for fil in {UUID(found) for found in re.findall(r'"fil": "([0-9a-f-]{36})"', text)}:
        open_fil(
            by=equipe.person("editeur"),
            article=equipe.article,
            genre=GenreFil.QUESTION,
            texte="Oui ?",
            fil_id=fil,
        )
    text = re.sub(r'"article": "[0-9a-f-]{36}"', f'"article": "{equipe.article.pk}"', text)
    return json.loads(re.sub(r'"fichier": "[^"]*"', f'"fichier": "{image.pk}"', text))


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kept", seeds())
def test_two_clients_and_the_server_end_with_the_same_text(served, kept):
    seed, count = map(int, kept.split("x"))
    equipe = make_equipe(served.browse)
    one, two = equipe.browser("editeur"), equipe.browser("editeur", "autre")
    image = add_image(by=equipe.gestionnaire, piece=equipe.piece, content=png(9, 9), nom="a.png")
    crossed = 0
    for drawn in cases(seed, count):
        case = among_ours(equipe, image, drawn)
        if not (case["theirs"] and case["ours"]):
            continue
        article = ArticleFactory(piece=equipe.piece, corps=case["base"])
        url, base = commits_url(article), article.corps
        if base != case["base"]:
            continue
        where = f"seed {seed}, case {case['number']}"
        first = one.send_json(url, commit(0, *case["theirs"]))
        second = two.send_json(url, commit(0, *case["ours"]))
        assert (first.status_code, second.status_code) == (200, 200), (
            where,
            first.text,
            second.text,
            case["theirs"],
        )
        now = Article.objects.get(pk=article.pk).corps
        told = one.get(url, {"depuis": 0}).json()["commits"]
        steps = [step for each in told for step in each["steps"]]
        assert replay_steps(base, steps) == now, f"{where}: who reads everything again"
        answer = second.json()
        over = [step for each in answer["missing"] for step in each["steps"]]
        after = replay_steps(replay_steps(base, over), answer["steps"])
        assert after == now, f"{where}: who typed last"
        if not first.json()["numero"]:
            continue  # what the first one typed came to nothing: there was nothing to cross
        assert answer["dropped"] == case["dropped"], where
        placed = laid_flat(case["rebased"])
        assert answer["steps"][: len(placed)] == placed, f"{where}: ProseMirror places otherwise"
        crossed += 1
    assert crossed > count / 2

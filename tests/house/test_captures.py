"""The pictures of the documentation: every screen is there, at both sizes, and they stay light."""

import importlib.machinery
import importlib.util
import re

import pytest

from tests.services import ROOT
from tests.support.droits import table


IMAGES = ROOT / "docs" / "images"
# Addresses that answer something else than a page of their own: a fragment, a file, a way out.
NOT_SCREENS = {
    "operations:sante_live",
    "operations:sante_read",
    "documents:job_download",
    "marches:marche_list_export",
    "wikimarche:article_commits",
    # The same form as for an article.
    "wikimarche:fil_open_on_piece",
    "wikimarche:image",
    "wikimarche:image_add",
    "wikimarche:importation_download",
    "wikimarche:piece_changes",
    "wikimarche:piece_outline",
    "wikimarche:piece_traces",
    "wikimarche:seance_detail",
}
# Steps of an account that a person of the demonstration does not go through.
STEPS = re.compile(
    r"^(account_(confirm|inactive|reset_password_from|set_)"
    r"|mfa_(reauthenticate|generate|download|add|edit|remove))"
)


@pytest.fixture(scope="module")
def captures():
    loader = importlib.machinery.SourceFileLoader("captures", str(ROOT / "docs" / "captures"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("captures", loader))
    loader.exec_module(module)
    return module


def test_every_screen_is_photographed(captures):
    """Repair: give the screen its line in docs/captures, then run it on ./wm demo."""
    taken = {screen.route for screens in captures.CHAPTERS.values() for screen in screens}
    asked = {row.route for row in table() if row.method == "GET"} - NOT_SCREENS
    assert {route for route in asked if not STEPS.match(route)} <= taken
    assert taken - {"-"} <= asked


def test_the_page_shows_the_pictures_that_are_there():
    """Repair: docs/captures, on ./wm demo."""
    pages = (ROOT / "docs" / "ecrans.md").read_text() + (ROOT / "README.md").read_text()
    shown = set(re.findall(r"images/([\w-]+\.webp)", pages))
    there = {path.name for path in IMAGES.iterdir()}
    assert shown == there
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < 3_000_000


def test_each_screen_has_its_large_and_its_small_picture(captures):
    for screens in captures.CHAPTERS.values():
        for screen in screens:
            sizes = {"": (1280, 800), "-mobile": (390, 844)}
            sizes |= {"-sombre": (1280, 800)} if screen.dark else {}
            for suffix, size in sizes.items():
                with captures.Image.open(IMAGES / f"{screen.name}{suffix}.webp") as picture:
                    assert picture.size == size, screen.name

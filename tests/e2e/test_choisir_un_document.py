"""A document to import is chosen: one that is too heavy is refused at its field, before anything of it is sent."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.conftest import LARGE, SMALL
from tests.e2e.test_rediger_a_plusieurs import write_ccap
from wikimarche.forms import ImportForm
from wikimarche.models import Importation


pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
TOLD = "Ce fichier fait 210\u00a0Mo\u202f; 25\u00a0Mo au plus."


@pytest.mark.parametrize("size", [LARGE, SMALL], ids=["desk", "phone"])
def test_a_file_too_heavy_stays_here(open_as, equipe, tmp_path, size):
    heavy, light = tmp_path / "CCAP.docx", tmp_path / "CCAP-léger.docx"
    with heavy.open("wb") as made:
        made.truncate(210_000_000)
    light.write_bytes(write_ccap())
    address = reverse("wikimarche:piece_import", args=[equipe.piece.pk])
    page = open_as(equipe.person(), address, size)
    sent = []
    page.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    field = page.get_by_label("Document à lire")
    field.set_input_files(heavy)
    expect(page.get_by_role("alert")).to_have_text(TOLD)
    expect(field).to_have_attribute("aria-invalid", "true")
    # Sent all the same, by the keyboard: it is told again, and the keyboard is at the field.
    page.get_by_role("button", name="Lire le document").press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(
        ImportForm().fields["fichier"].help_text + " Glissez-le ici, ou choisissez-le. " + TOLD
    )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert sent == []
    # Another one is chosen: what was said of the first goes, and it is sent.
    field.set_input_files(light)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Lire le document").click()
    page.wait_for_url("**/importations/**")
    assert Importation.objects.count() == 1

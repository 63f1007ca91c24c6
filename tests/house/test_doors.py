"""At every address: without the second factor (D07), asked by another site (D08)."""

import json

import pytest
from django.urls import reverse

from tests.support.cells import scene, stored_files, undone, written_tables
from tests.support.client import Browser
from tests.support.droits import address, table
from tests.support.payloads import PAYLOADS


__all__ = ["scene", "stored_files"]
FREE = {
    "account_logout", "account_reauthenticate", "mfa_activate_totp", "mfa_add_webauthn",
    "mfa_authenticate", "mfa_download_recovery_codes", "mfa_generate_recovery_codes", "mfa_index",
    "mfa_list_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes", "operations:sante_live", "operations:sante_read",
}  # fmt: skip
"""All that is open before the second factor, written by hand; the probes name nobody."""
STRICT = ("gestionnaire", "juriste", "administrateur", "acces_exceptionnel")
"""Those of whom the second factor is asked."""
HTML = {"accept": "text/html,application/xhtml+xml"}
ASKED = {
    "a page": HTML,
    "data": {"accept": "application/json"},
    "a fragment": {"hx-request": "true"},
}
"""Ways in which a browser asks."""


def ask(scene, row, actor, **extra):
    browser = scene.browser(actor)
    sent = PAYLOADS[row.envoi](scene, actor) if row.method == "POST" else {}
    url = address(row.route, scene.objets.get(row.objet))
    return getattr(browser, row.method.lower())(url, **sent, **extra)


@pytest.mark.attaque("D07")
@pytest.mark.parametrize("way", ASKED)
@pytest.mark.parametrize("actor", STRICT)
def test_without_the_second_factor_no_address_answers(scene, settings, actor, way):
    """Pages, data, fragments, downloads, forms: the page that sets it up, and nothing else."""
    settings.DEMO = False
    faults, played = [], 0
    with undone(outermost=True):
        for row in table():
            if row.route in FREE:
                continue
            before = written_tables()
            answer = ask(scene, row, actor, headers=ASKED[way])
            played += 1
            led = answer.get("Location") or answer.get("HX-Redirect") or ""
            if answer.status_code == 403 and "json" in answer["Content-Type"]:
                led = json.loads(answer.content)["adresse"]
            if answer.status_code not in (302, 403) or not led.startswith(reverse("mfa_index")):
                faults.append(f"{row}: {answer.status_code} {led}")
            wrote = {name for name, count in written_tables().items() if count != before.get(name)}
            if wrote - {"django_session", "usersessions_usersession"}:
                faults.append(f"{row} wrote in {wrote}")
        assert scene.oracle.take_leaks() == []
    assert not faults, f"{actor}:\n" + "\n".join(faults)
    assert played > 100


def test_the_same_addresses_answer_when_it_is_not_asked(scene, settings):
    """Positive control: it is the second factor that closed them."""
    settings.DEMO = True
    with undone(outermost=True):
        opened = [
            row
            for row in table()
            if row.method == "GET"
            and ask(scene, row, "gestionnaire", headers=HTML).status_code == 200
        ]
    assert len(opened) > 30


FOREIGN = ("https://mechant.example", "http://testserver.mechant.example", "null")


@pytest.mark.attaque("D08")
@pytest.mark.parametrize("origin", FOREIGN)
def test_no_change_is_made_for_another_site(scene, settings, origin):
    """With the right cookie and the right token, as a page that had stolen it would."""
    settings.DEMO = True
    faults, token = [], "a" * 32
    with undone(outermost=True):
        for row in table():
            if row.method != "POST":
                continue
            browser = Browser(enforce_csrf_checks=True)
            browser.cookies["seance"], browser.cookies["csrf"] = (
                scene.sessions["gestionnaire"],
                token,
            )
            sent = PAYLOADS[row.envoi](scene, "gestionnaire")
            url = address(row.route, scene.objets.get(row.objet))
            answer = browser.post(url, **sent, headers={"x-csrftoken": token, "origin": origin})
            if answer.status_code != 403:
                faults.append(f"{row}: {answer.status_code}")
    assert not faults, "\n".join(faults)


@pytest.mark.attaque("D08")
def test_the_same_request_from_our_own_pages_is_taken(scene, settings):
    """Positive control: with our own origin, or none, the token is enough; as text/plain it is not.

    text/plain is what a form of another site may send with JSON in it.
    """
    settings.DEMO, token = True, "a" * 32
    row = next(row for row in table() if row.envoi == "mots")
    sent = PAYLOADS[row.envoi](scene, "editeur")
    url = address(row.route, scene.objets.get(row.objet))
    browser = Browser(enforce_csrf_checks=True)
    browser.cookies["seance"], browser.cookies["csrf"] = scene.sessions["editeur"], token
    with undone(outermost=True):
        plain = {**sent, "content_type": "text/plain"}
        assert browser.post(url, **plain).status_code == 403
        own = {"x-csrftoken": token, "origin": "http://testserver"}
        assert browser.post(url, **sent, headers=own).status_code == 200


def test_every_page_of_a_person_offers_the_way_out(scene, settings):
    """ASVS 7.4.4: a whole page holds the form that signs out."""
    settings.DEMO, faults, pages = True, [], 0
    with undone(outermost=True):
        for row in table():
            if row.method != "GET" or row.expected["gestionnaire"] != 200:
                continue
            answer = ask(scene, row, "gestionnaire", headers=HTML)
            if answer.streaming or b"<html" not in answer.content:
                continue
            pages += 1
            if f'action="{reverse("account_logout")}"' not in answer.text:
                faults.append(str(row))
    assert not faults, "\n".join(faults)
    assert pages > 15

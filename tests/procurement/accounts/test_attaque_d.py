"""Guessing, old cookies and borrowed tokens, against the site started as in production (D02, D06, D08)."""

import http.client
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from procurement.accounts.services import deactivate_user
from tests.procurement.accounts.factories import PASSWORD, UserFactory
from tests.services import services, wm
from tests.support.process import Process, answers


NEW = "cinq canards au bord du lac"
TRIES = 40
PROXIED = {"TRUSTED_PROXIES": "1"}


class Caller:
    """One browser, over a socket that leaves from the address one chooses."""

    def __init__(self, url, source="127.0.0.1", **headers):
        self.host, self.source, self.headers = urlsplit(url).netloc, source, headers
        self.cookies = {}

    def ask(self, name, form=None, **headers):
        """GET, or POST a form with the token of this browser. Returns the status."""
        link = http.client.HTTPConnection(self.host, timeout=60, source_address=(self.source, 0))
        head = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        head |= {"Accept": "text/html", **self.headers}
        head |= {key.replace("_", "-"): value for key, value in headers.items()}
        body = None
        if form is not None:
            head["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({"csrfmiddlewaretoken": self.token, **form})
        try:
            link.request("GET" if form is None else "POST", reverse(name), body, head)
            answer = link.getresponse()
            answer.read()
            for line in answer.headers.get_all("Set-Cookie") or ():
                for key, morsel in SimpleCookie(line).items():
                    self.cookies[key] = morsel.value
            return answer.status
        finally:
            link.close()

    @property
    def token(self):
        return next((value for key, value in self.cookies.items() if key.endswith("csrf")), "")

    def try_to(self, email, password="faux", **headers):
        if not self.token:
            self.ask("account_login", **headers)
        return self.ask("account_login", {"login": email, "password": password}, **headers)

    @property
    def is_in(self):
        return self.ask("account_profile") == 200

    def with_cookie(self, value):
        """The same browser, to which somebody gave this session."""
        other = Caller(f"//{self.host}", self.source)
        other.cookies["seance"] = value
        return other


@pytest.fixture
def caller(live_server_url):
    return lambda source="127.0.0.1", **headers: Caller(live_server_url, source, **headers)


# ── D02 ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.attaque("D02")
def test_forty_misses_from_one_place_then_a_good_one_then_again(caller):
    user = UserFactory()
    thief, elsewhere = caller("127.0.0.2"), caller("127.0.0.3")
    codes = [
        thief.try_to(f"x{n}@region.example", X_Forwarded_For=f"203.0.113.{n}") for n in range(9)
    ]
    assert thief.try_to(user.email, PASSWORD) == 302
    codes += [
        caller("127.0.0.2").try_to(f"y{n}@region.example", X_Forwarded_For=f"203.0.113.{n}")
        for n in range(TRIES - 9)
    ]
    assert codes == [200] * 10 + [429] * (TRIES - 10), "a good sign-in gives no new tries"
    assert caller("127.0.0.2").try_to(user.email, PASSWORD) == 429
    assert elsewhere.try_to(user.email, PASSWORD) == 302, "only that place is stopped"


@pytest.mark.attaque("D02")
def test_forty_misses_on_one_account_from_forty_places(caller):
    user, neighbour = UserFactory(), UserFactory()
    codes = [caller(f"127.0.1.{n + 1}").try_to(user.email) for n in range(TRIES)]
    assert codes == [200] * 5 + [429] * (TRIES - 5)
    late = caller("127.0.2.1")
    assert late.try_to(user.email, PASSWORD) == 429
    assert not late.is_in
    assert late.try_to(neighbour.email, PASSWORD) == 302, "only that account is stopped"


class TestBehindOneProxy:
    """Where one proxy is declared, what it adds is believed, and nothing that came before."""

    @pytest.fixture
    def site_options(self):
        return PROXIED

    @pytest.mark.attaque("D02")
    def test_the_last_address_counts_and_those_before_it_do_not(self, caller):
        def miss(number, place):
            said = f"203.0.113.{number}, {place}"
            return caller().try_to(f"x{number}@region.example", X_Forwarded_For=said)

        codes = [miss(number, "198.51.100.7") for number in range(TRIES)]
        assert codes == [200] * 10 + [429] * (TRIES - 10)
        assert miss(TRIES, "198.51.100.8") == 200


# ── D06 ─────────────────────────────────────────────────────────────────────────────────────────


def signed_in(caller, user, source="127.0.0.1", planted=""):
    found = caller(source)
    if planted:
        found.cookies["seance"] = planted
    assert found.try_to(user.email, PASSWORD) == 302
    assert found.is_in
    return found


@pytest.mark.attaque("D06")
def test_an_old_cookie_is_refused_at_the_first_request(caller):
    user = UserFactory()
    left = signed_in(caller, user)
    old = left.cookies["seance"]
    left.ask("account_logout", {})
    assert not left.with_cookie(old).is_in

    here, elsewhere = signed_in(caller, user), signed_in(caller, user, "127.0.0.2")
    old = here.cookies["seance"]
    assert here.ask("account_reauthenticate", {"password": PASSWORD}) == 302
    assert here.cookies["seance"] != old, "the key turns when one shows again who is there"
    assert here.is_in
    assert not here.with_cookie(old).is_in
    assert elsewhere.is_in

    old = here.cookies["seance"]
    choose = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.ask("account_change_password", choose) == 302
    assert here.cookies["seance"] != old, "the key turns with the password"
    assert here.is_in
    assert not here.with_cookie(old).is_in
    assert not elsewhere.is_in

    deactivate_user(by=None, user=user, motif="Départ")
    assert not here.is_in


@pytest.mark.attaque("D06")
def test_a_cookie_planted_before_sign_in_opens_nothing_after_it(caller):
    """One that somebody made up, one of an anonymous session that really exists."""
    user, thief, anonymous = UserFactory(), caller("127.0.0.2"), SessionStore()
    anonymous["vu"] = "oui"
    anonymous.create()
    for planted in ("a" * 32, anonymous.session_key):
        victim = signed_in(caller, user, planted=planted)
        assert victim.cookies["seance"] != planted
        assert not thief.with_cookie(planted).is_in


# ── D08 ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def secure_site(cloned_database):
    """The site as it is behind a proxy that ends TLS."""
    port = wm.free_port(services.valkey.port + 10)
    address = f"https://127.0.0.1:{port}"
    variables = services.environment(cloned_database, PUBLIC_URL=address, **PROXIED)
    process = Process("web", [*wm.WEB, f"--port={port}"], variables)
    process.start(lambda: answers(f"http://127.0.0.1:{port}/sante/vie/"))
    yield address
    process.stop()


@pytest.mark.attaque("D08")
def test_a_token_planted_by_a_neighbour_of_the_domain_is_not_the_token(secure_site):
    """It may plant cookies; over HTTPS ours bear a name that it cannot use."""
    user = UserFactory()

    def browser():
        said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
        return Caller(secure_site, **said, Origin=secure_site)

    victim = browser()
    assert victim.try_to(user.email, PASSWORD) == 302, "positive control: with our own token"
    assert set(victim.cookies) == {"__Host-csrf", "__Host-seance"}
    for planted in ("csrf", "csrftoken", "__Secure-csrf"):
        prey = browser()
        prey.cookies[planted] = "a" * 32
        form = {"login": user.email, "password": PASSWORD, "csrfmiddlewaretoken": "a" * 32}
        assert prey.ask("account_login", form) == 403, planted
    names = {"prenom": "Autre", "nom": "Nom"}
    assert victim.ask("account_profile", names) == 302, "positive control: from our own page"
    host = urlsplit(secure_site).netloc
    for foreign in ("https://voisin.region.example", f"http://{host}", f"https://{host}1", "null"):
        victim.headers["Origin"] = foreign
        assert victim.ask("account_profile", names) == 403, foreign

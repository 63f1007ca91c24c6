"""The real side of X21: a server process to kill, and the people who visit it over HTTP."""

import http.client
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import lxml.html

from procurement.accounts.models import User
from procurement.organisations.enums import Fonction
from procurement.organisations.models import Organisation
from tests.procurement.accounts.factories import UserFactory
from tests.procurement.organisations.factories import MembershipFactory, OrganisationFactory
from tests.support.client import Browser
from tests.support.faults import TOKEN, Ledger
from tests.support.process import Process, answers


PEOPLE = ("gaelle", "edith", "come", "maud", "omer", "juliette", "xavier", "adam")
"""gaelle opens the marché; juliette is of the legal department; xavier works elsewhere; adam
administers the platform. The others are colleagues who have no role until they are invited."""


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: str

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass
class Site:
    """A server process to kill, and the people who visit it."""

    process: Process
    ledger: Ledger
    organisation: Organisation
    people: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.process.url

    def ask(self, who: str, path: str, *, form: dict | None = None, send: dict | None = None):
        """GET, or POST a form or JSON, as a browser that follows nothing."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=40)
        head = {"Cookie": f"seance={self.sessions[who]}; csrf={TOKEN}", "X-CSRFToken": TOKEN}
        method, body = "GET" if form is None and send is None else "POST", None
        if form is not None:
            body = urlencode(form)
            head["Content-Type"] = "application/x-www-form-urlencoded"
        elif send is not None:
            body = json.dumps(send)
            head["Content-Type"] = "application/json"
        try:
            connection.request(method, path, body, head)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheader("Location", ""), answer.read().decode())
        finally:
            connection.close()

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.child.process.wait(10)

    def start(self) -> None:
        self.process.start(lambda: answers(self.url))


def settle_people(process: Process, folder: Path) -> Site:
    """The people of all the examples; each example has a marché of its own."""
    site = Site(process, Ledger(folder / "registre.jsonl"), OrganisationFactory())
    for name in PEOPLE:
        user = UserFactory(
            without_password=True,
            email=f"{name}-{uuid4().hex[:8]}@region.example",
            is_administrateur=name == "adam",
        )
        where = OrganisationFactory() if name == "xavier" else site.organisation
        fonction = {"juliette": Fonction.JURISTE, "adam": Fonction.ADMINISTRATEUR}
        MembershipFactory(
            organisation=where, user=user, fonction=fonction.get(name, Fonction.AGENT)
        )
        site.people[name] = user
        site.sessions[name] = Browser(user).cookies["seance"].value
    return site


def words_of(page: str) -> str:
    """What a person would read of an answer, for whoever mends."""
    if not page.lstrip().startswith("<"):
        return page[:600]
    found = lxml.html.fromstring(page).xpath("//main|//body")
    return " ".join(found[-1].text_content().split())[:1200] if found else ""

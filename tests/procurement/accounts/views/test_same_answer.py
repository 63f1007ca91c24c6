"""Nobody learns who has an account: thirty known and thirty unknown addresses at each door (D01)."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from procurement.jobs.models import Job
from tests.procurement.accounts.factories import PASSWORD, UserFactory
from tests.support.client import Browser, plain
from tests.support.equipe import make_equipe


pytestmark = [pytest.mark.django_db, pytest.mark.attaque("D01")]
TRIES = 30
NEW = {"prenom": "Zoé", "nom": "Petit", "password1": PASSWORD}
DOORS = {
    "account_login": lambda email: {"login": email, "password": "faux"},
    "account_signup": lambda email: {**NEW, "email": email},
    "account_reset_password": lambda email: {"email": email},
}
KNOWN = {"open": {}, "closed": {"whose_account_was_closed": True}}


def told(answers, email):
    """Statuses, addresses and words that a person receives, but what is proper to each request."""
    *hops, page = [*answers.redirect_chain, (answers.status_code, plain(answers))]
    return [*hops, (page[0], page[1].replace(email, "ADRESSE"))]


@pytest.mark.parametrize("kind", KNOWN)
@pytest.mark.parametrize("door", DOORS)
def test_thirty_known_and_thirty_unknown_addresses_are_answered_alike(new_visitor, door, kind):
    heard = {"known": [], "unknown": []}
    for number in range(TRIES):
        for who, answers in heard.items():
            email = f"inconnue{number}@region.example"
            if who == "known":
                email = UserFactory(**KNOWN[kind]).email
            cache.clear()  # how many tries one has is not what is looked at
            answer = new_visitor().send(door, DOORS[door](email), follow=True)
            answers.append(told(answer, email))
    first = heard["unknown"][0]
    assert first[-1][0] == 200
    assert heard == {"known": [first] * TRIES, "unknown": [first] * TRIES}


def test_who_invites_is_answered_alike():
    """Inviting is a door too: whoever may invite does not learn who has an account."""
    equipe, heard = make_equipe(), {"known": [], "unknown": []}
    browser = Browser(equipe.gestionnaire)
    url = reverse("marches:invitation_create", args=[equipe.marche.pk])
    for number in range(TRIES):
        for who, answers in heard.items():
            Job.objects.update(statut="fait")
            known = UserFactory(without_password=True).email
            email = known if who == "known" else f"inconnue{number}@region.example"
            answer = browser.post(url, {"email": email, "role": "editeur"}, follow=True)
            (message,) = answer.context["messages"]
            answers.append((answer.redirect_chain, str(message).replace(email, "ADRESSE")))
    first = heard["unknown"][0]
    assert heard == {"known": [first] * TRIES, "unknown": [first] * TRIES}


def test_time_tells_nothing_at_the_forgotten_password(new_visitor, mail_orders, same_time):
    known = UserFactory()

    def forget(email):
        cache.clear()
        visitor = new_visitor()
        visitor.open("account_login")
        return lambda: visitor.send("account_reset_password", {"email": email})

    assert same_time(
        lambda number: forget(known.email), lambda number: forget(f"x{number}@region.example")
    )
    assert len(mail_orders) >= 2 * TRIES


def test_time_tells_nothing_to_who_invites(same_time):
    equipe = make_equipe()
    browser = Browser(equipe.gestionnaire)
    url = reverse("marches:invitation_create", args=[equipe.marche.pk])
    asked = iter(range(10_000))

    def invite(email):
        Job.objects.update(statut="fait")
        return lambda: browser.post(url, {"email": email, "role": "editeur"})

    assert same_time(
        lambda number: invite(UserFactory(without_password=True).email),
        lambda number: invite(f"x{next(asked)}@region.example"),
    )


def test_a_door_that_works_harder_for_some_is_seen(same_time):
    """Positive control: one look at the account more than for an unknown address."""

    def work(rounds):
        return lambda: sum(range(rounds))

    assert not same_time(lambda _: work(300_000), lambda _: work(400_000))

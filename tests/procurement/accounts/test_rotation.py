"""SECRET_KEY changes and nobody is thrown out, as long as the former one stands in its fallbacks."""

import io
import json
import os
import subprocess
import sys

import pytest
from cryptography.fernet import InvalidToken
from django.core import signing
from django.core.management import call_command

from procurement.accounts.services import renew_factors
from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from tests.procurement.accounts.conftest import Visitor
from tests.procurement.accounts.factories import UserFactory
from tests.services import ROOT, services


FRESH = "une-nouvelle-clef-de-plus-de-cinquante-caracteres-tiree-au-hasard"


@pytest.fixture
def turn(settings):
    """Change the secret: `turn()` keeps the former one beside it, `turn(forget=True)` no more."""
    former = settings.SECRET_KEY

    def change(*, forget=False):
        settings.SECRET_KEY = FRESH
        settings.SECRET_KEY_FALLBACKS = [] if forget else [former]

    return change


def test_an_old_cookie_holds_while_the_secret_turns_and_not_after(db, turn):
    seen, unseen = Visitor(), Visitor()
    for browser in (seen, unseen):
        browser.sign_in(UserFactory())
    turn()
    assert seen.is_signed_in
    assert signing.loads(signing.dumps("lien", key=FRESH)) == "lien"
    turn(forget=True)
    assert seen.is_signed_in, "signed again by the new secret when it was seen"
    assert not unseen.is_signed_in


def test_a_secret_that_nobody_kept_opens_nothing(visitor, turn):
    """Positive control."""
    visitor.sign_in(UserFactory())
    assert visitor.is_signed_in
    turn(forget=True)
    assert not visitor.is_signed_in


def test_second_factors_are_encrypted_again_before_the_former_secret_goes(
    visitor, turn, code_clock
):
    user = UserFactory(with_application=True)
    turn()
    told = io.StringIO()
    call_command("renew_factors", json=True, stdout=told)
    done = user.authenticator_set.count()
    assert json.loads(told.getvalue()) == {"rechiffres": done, "illisibles": 0}
    last = list_entries(PLATFORM_CHAIN, limit=1)[0]
    assert (last.action, last.corps["details"]["rechiffrés"]) == ("accounts:factors:renewed", done)
    turn(forget=True)
    assert visitor.sign_in(user).url == "/"
    assert visitor.is_signed_in


def test_a_factor_that_no_known_secret_opens_is_counted_and_left_as_it_is(visitor, turn):
    """Positive control: without the command, the former secret takes the second factors with it."""
    user = UserFactory(with_application=True)
    before = [factor.data for factor in user.authenticator_set.order_by("pk")]
    turn(forget=True)
    with pytest.raises(InvalidToken):
        visitor.sign_in(user)
    assert renew_factors() == (0, len(before))
    assert [factor.data for factor in user.authenticator_set.order_by("pk")] == before


def test_several_former_secrets_are_read_from_one_variable():
    said = subprocess.run(
        [sys.executable, "-c", "from procurement import settings; print(settings.SECRET_KEY_FALLBACKS)"],
        env={**os.environ, **services.environment("postgres"), "SECRET_KEY_FALLBACKS": "premiere, seconde,"},
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said.strip() == "['premiere', 'seconde']"

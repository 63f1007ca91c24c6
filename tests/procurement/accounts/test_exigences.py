"""What docs/asvs.csv says of passwords, codes and sessions, and that no other test shows."""

import string

import pytest
from allauth.account import app_settings as account
from allauth.mfa import app_settings as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings as site
from django.urls import NoReverseMatch, reverse
from lxml import html

from procurement.accounts.models import User
from tests.procurement.accounts.factories import UserFactory


pytestmark = pytest.mark.django_db
LONG = f"  Une Phrase à moi, {'longue et ' * 12}sue  "


def test_a_platform_just_installed_has_no_account():
    assert not User.objects.exists()


def test_there_is_one_way_in_and_mail_alone_never_opens_it():
    """Neither another backend, nor a page of administration, nor a code by mail, nor a key alone."""
    assert site.AUTHENTICATION_BACKENDS == ["allauth.account.auth_backends.AuthenticationBackend"]
    assert {account.LoginMethod.EMAIL} == account.LOGIN_METHODS
    assert not account.LOGIN_BY_CODE_ENABLED
    assert set(mfa.SUPPORTED_TYPES) == {"totp", "webauthn", "recovery_codes"}
    assert not mfa.PASSKEY_LOGIN_ENABLED
    for name in ("admin:index", "account_request_login_code", "mfa_login_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_a_password_is_taken_sign_by_sign(new_visitor):
    """Neither trimmed, nor cut, nor brought to one case."""
    user = UserFactory(without_password=True)
    user.set_password(LONG)
    user.save()
    for rank, other in enumerate((LONG.strip(), LONG.lower(), LONG[:72], LONG[:-3], f"{LONG}x")):
        visitor = new_visitor(ip=f"192.0.2.{rank + 10}")
        if rank < 4:
            visitor.sign_in(user, other)
            assert not visitor.is_signed_in, other
    right = new_visitor(ip="192.0.2.99")
    right.sign_in(user, LONG)
    assert right.is_signed_in


@pytest.mark.parametrize(
    ("name", "signed_in"),
    [("account_login", False), ("account_signup", False), ("account_change_password", True)],
)
def test_a_password_is_masked_and_a_manager_may_fill_it(visitor, name, signed_in):
    if signed_in:
        visitor.sign_in(UserFactory())
    fields = html.fromstring(visitor.open(name).text).xpath(
        '//main//input[contains(@name, "password")][not(@type="hidden")]'
    )
    assert fields
    for field in fields:
        assert field.get("type") == "password"
        assert field.get("autocomplete") in {"current-password", "new-password"}
        assert not any(key.startswith("on") for key in field.attrib)


def test_codes_are_long_enough_live_thirty_seconds_and_are_not_kept_in_clear():
    assert mfa.TOTP_PERIOD == 30
    assert mfa.TOTP_TOLERANCE == 0
    user = UserFactory(with_application=True)
    codes = RecoveryCodes.activate(user).get_unused_codes()
    assert len(set(codes)) == mfa.RECOVERY_CODE_COUNT
    assert all(len(code) >= 8 for code in codes), "twenty bits at least"
    kept = " ".join(str(one.data) for one in Authenticator.objects.filter(user=user))
    assert user.totp_secret not in kept
    assert not any(code in kept for code in codes)


def test_the_key_of_a_session_is_drawn_anew_and_long_enough(new_visitor):
    """Thirty-two signs out of thirty-six: 165 bits, for 128 asked."""
    user, keys = UserFactory(), set()
    for rank in range(5):
        visitor = new_visitor(ip=f"192.0.2.{rank + 1}")
        visitor.sign_in(user)
        keys.add(visitor.cookies["seance"].value)
    assert len(keys) == 5
    for key in keys:
        assert len(key) == 32
        assert set(key) <= set(string.ascii_lowercase + string.digits)
    assert max(site.SESSION_COOKIE_AGE, 0) == 12 * 3600

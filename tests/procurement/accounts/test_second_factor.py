"""Setting up a second factor, with real commits: what follows it leaves after the commit (D07)."""

import pytest
from django.core import mail
from django.urls import reverse

from procurement.audit.selectors import list_entries
from procurement.audit.services import PLATFORM_CHAIN
from tests.procurement.accounts.conftest import Visitor
from tests.procurement.accounts.factories import UserFactory, totp_code


def test_the_whole_setting_up(cloned_database):
    administrator = UserFactory(platform_administrator=True)
    signed_in = Visitor()
    signed_in.sign_in(administrator)
    assert "/confirmer-identite/" in signed_in.open("mfa_activate_totp").url
    assert signed_in.confirm_identity().status_code == 302
    page = signed_in.open("mfa_activate_totp")
    assert "data:image/svg+xml;base64," in page.text
    administrator.totp_secret = signed_in.session["mfa.totp.secret"]
    answer = signed_in.send("mfa_activate_totp", {"code": totp_code(administrator)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    assert len(signed_in.open("mfa_view_recovery_codes").context["unused_codes"]) == 10
    assert signed_in.open("account_profile").status_code == 200
    assert "Double authentification activée" in [message.subject for message in mail.outbox]
    tags = [entry.action for entry in list_entries(PLATFORM_CHAIN)]
    assert {"accounts:factor:added", "accounts:session:opened", "accounts:user:created"} <= set(
        tags
    )
    # The secret is not kept in clear.
    kept = administrator.authenticator_set.get(type="totp").data["secret"]
    assert administrator.totp_secret not in kept


@pytest.mark.attaque("D07")
def test_another_session_opened_before_must_prove_it_as_well(cloned_database, code_clock):
    administrator = UserFactory(platform_administrator=True)
    old, new = Visitor(), Visitor(ip="192.0.2.9")
    old.sign_in(administrator)
    new.sign_in(administrator)
    new.confirm_identity()
    new.open("mfa_activate_totp")
    administrator.totp_secret = new.session["mfa.totp.secret"]
    new.send("mfa_activate_totp", {"code": totp_code(administrator)})
    assert new.open("account_profile").status_code == 200
    answer = old.open("account_profile")
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    code_clock.show_next_codes()
    assert old.confirm_identity(administrator).status_code == 302
    assert old.open("account_profile").status_code == 200

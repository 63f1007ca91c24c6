import pytest

from procurement.accounts.checks import (
    check_hosts_and_demo,
    check_limits_are_shared,
    check_second_factor_has_no_bypass,
)


def ids(found):
    return [message.id for message in found]


def test_sound_settings_say_nothing():
    assert not check_limits_are_shared()
    assert not check_second_factor_has_no_bypass()


def test_a_cache_of_one_process_is_refused(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert ids(check_limits_are_shared()) == ["accounts.E001"]


@pytest.mark.parametrize(
    "name",
    ["MFA_TOTP_INSECURE_BYPASS_CODE", "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", "MFA_TRUST_ENABLED"],
)
def test_a_way_around_the_second_factor_is_refused(settings, name):
    setattr(settings, name, "123456")
    assert ids(check_second_factor_has_no_bypass()) == ["accounts.E002"]


@pytest.mark.attaque("D03")
def test_every_host_and_the_demonstration_do_not_pass_a_deployment(settings):
    settings.ALLOWED_HOSTS, settings.DEMO, settings.HTTPS = ["*"], True, True
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert ids(check_hosts_and_demo()) == ["accounts.E003", "accounts.E004", "accounts.W001"]


def test_mails_written_in_files_do_not_pass_a_deployment(settings):
    settings.DEMO, settings.ALLOWED_HOSTS, settings.ALLAUTH_TRUSTED_PROXY_COUNT = False, ["a"], 1
    assert not check_hosts_and_demo()
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert ids(check_hosts_and_demo()) == ["accounts.E005"]

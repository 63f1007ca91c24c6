import pytest

from procurement.accounts.templatetags.appareils import appareil


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537.36 Edg/140",
            "Edge sur Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18 Safari/604",
            "Safari sur iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/140 Mobile Safari",
            "Chrome sur Android",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Firefox/140", "Firefox sur Mac"),
        ("", "Navigateur inconnu"),
    ],
)
def test_a_device_in_words(user_agent, words):
    assert appareil(user_agent) == words

"""Name a device in words people recognise."""

from django import template


register = template.Library()

# In this order: most browsers also claim to be Chrome or Safari.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "Chromebook",
    "Linux": "Linux",
}


@register.filter
def appareil(user_agent: str) -> str:
    """Turn what a browser says of itself into « Firefox sur Windows ».

    >>> appareil("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox sur Windows'
    >>> appareil("curl/8.1")
    'Navigateur inconnu'
    """
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    if not browser and not system:
        return "Navigateur inconnu"
    return f"{browser or 'Navigateur inconnu'} sur {system}" if system else browser

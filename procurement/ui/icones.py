"""The sprite of icons built into static/dist: which names it holds."""

import re
from functools import cache

from django.conf import settings


SPRITE = "dist/icons.svg"


@cache
def list_icones() -> frozenset[str]:
    """Return the names of the icons in the sprite (bootstrap-icons, without the « i- » prefix)."""
    text = (settings.BASE_DIR / "static" / SPRITE).read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="i-([a-z0-9-]+)"', text))

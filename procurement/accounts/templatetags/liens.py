"""Links in a mail: those of the platform, and no other."""

import re

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


register = template.Library()


@register.filter
def liens_de_la_plateforme(text: str) -> SafeString:
    """Make links of the addresses of the platform; every other word is a word.

    Not urlize: a name such as « gagnez.com » would leave as a link, in a mail that we sign.
    """
    ours = re.escape(settings.PUBLIC_URL)
    # The bare address does not go on as another name: « https://ici.example.com ».
    parts = re.split(rf"({ours}(?:/(?:[^\s<>«»]*[^\s<>«».,;:!?)])?|(?![\w.:-])))", text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{0}">{0}</a>', part) if rank % 2 else part,)
            for rank, part in enumerate(parts)
        ),
    )

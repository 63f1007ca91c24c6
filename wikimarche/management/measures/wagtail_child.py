"""Wagtail's own comparison of two states of one text. Run alone, by the Python of its own environment.

In: one JSON object, {"limite": CPU seconds, "riche": [HTML, HTML], "blocs": [[[id, HTML], …], […]]}.
Out: one JSON object with the version, and for each way a Wagtail site would hold the text {"secondes":
CPU, "borne": stopped at the limit, "marques": share of the signs shown that are told as changed}.
No code of the platform is imported: this file only knows Wagtail and the standard library.
"""

import json
import re
import signal
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings


class Late(Exception):
    """The limit is reached; what was measured is less than the whole."""


def _stop(*_: object) -> None:
    raise Late


def clock(work: Callable[[], str], limit: float) -> dict[str, Any]:
    """CPU seconds of one comparison, stopped at the limit."""
    html = ""
    started = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        html = work()
    except Late:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    seconds = time.process_time() - started
    return {"secondes": round(seconds, 3), "borne": not html, "marques": share_marked(html)}


def share_marked(html: str) -> float | None:
    """Signs told as added or withdrawn, over all those shown."""
    shown = len(re.sub("<[^>]*>", "", html))
    marked = re.findall('<span class="(?:addition|deletion)">(.*?)</span>', html, re.DOTALL)
    return round(sum(map(len, marked)) / shown, 3) if shown else None


def main() -> None:
    """Compare as one rich text, then as a stream of one block per article."""
    settings.configure(
        INSTALLED_APPS=[
            "wagtail.admin", "wagtail.users", "wagtail.documents", "wagtail.images", "wagtail.embeds",
            "wagtail", "modelcluster", "taggit", "django.contrib.auth", "django.contrib.contenttypes",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        WAGTAIL_SITE_NAME="mesure",
        WAGTAILADMIN_BASE_URL="http://localhost",
        STATIC_URL="/static/",
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        USE_TZ=True,
    )  # fmt: skip
    django.setup()
    from wagtail import VERSION, blocks  # noqa: PLC0415 - after the settings
    from wagtail.admin.compare import (  # noqa: PLC0415
        RichTextFieldComparison,
        StreamFieldComparison,
    )
    from wagtail.fields import RichTextField, StreamField  # noqa: PLC0415

    signal.signal(signal.SIGVTALRM, _stop)
    texts = json.load(sys.stdin)
    riche, flux = RichTextField(), StreamField([("article", blocks.RichTextBlock())])
    for field in (riche, flux):
        field.set_attributes_from_name("corps")

    def as_stream(articles: list[list[str]]) -> SimpleNamespace:
        rows = [{"type": "article", "value": html, "id": key} for key, html in articles]
        return SimpleNamespace(corps=flux.stream_block.to_python(rows))

    def compare_riche() -> str:
        before, after = (SimpleNamespace(corps=html) for html in texts["riche"])
        return str(RichTextFieldComparison(riche, before, after).htmldiff())

    def compare_flux(count: int | None = None) -> str:
        before, after = (as_stream(articles[:count]) for articles in texts["blocs"])
        return str(StreamFieldComparison(flux, before, after).htmldiff())

    compare_flux(1)  # imports and registries are not what is measured
    answer = {
        "version": ".".join(str(part) for part in VERSION[:3]),
        "blocs": clock(compare_flux, texts["limite"]),
        "riche": clock(compare_riche, texts["limite"]),
    }
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()

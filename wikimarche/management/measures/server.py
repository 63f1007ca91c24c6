"""The site as uvicorn serves it in production, with its floors beside it.

/mesure/vide/ is the least this server and Django can answer: the same threads, no middleware.
"""

import os
from typing import Any

import django
from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string


EMPTY = "/mesure/vide/"

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
django.setup()
settings.ROOT_URLCONF = "wikimarche.management.measures.urls"
site = import_string("procurement.asgi.application")
# A handler reads the list of middleware when it is made.
settings.MIDDLEWARE, whole = [], settings.MIDDLEWARE
empty: Any = WSGIMiddleware(get_wsgi_application(), workers=8)  # type: ignore[arg-type]
settings.MIDDLEWARE = whole


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Give the empty answer its handler without middleware, and the rest the site."""
    chosen = empty if scope.get("path") == EMPTY else site
    await chosen(scope, receive, send)

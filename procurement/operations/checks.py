"""System checks: how the site is served, and where its traces go."""

from typing import Any

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.checks import Error, Warning as CheckWarning, register
from django.utils.module_loading import import_string


@register("operations", deploy=True)
def check_connections_do_not_leak(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A connection kept belongs to a thread that serves again; under ASGI each request has its own."""
    served = import_string(settings.ASGI_APPLICATION)
    http = getattr(served, "application_mapping", {}).get("http")
    if not settings.DATABASES["default"]["CONN_MAX_AGE"] or isinstance(http, WSGIMiddleware):
        return []
    return [
        Error(
            "Le site est servi en ASGI avec des connexions gardées\u202f: la base finirait par n’en plus accepter.",
            hint="Servir HTTP par WSGI (procurement/asgi.py), ou mettre CONN_MAX_AGE à 0.",
            id="operations.E001",
        )
    ]


@register("operations", deploy=True)
def check_traces_are_copied(app_configs: Any, **kwargs: Any) -> list[CheckWarning]:
    """Who takes the machine takes its traces: a copy is elsewhere. Nobody can see it from here but who says so."""
    if settings.LOG_COPY:
        return []
    return [
        CheckWarning(
            "Rien ne dit que les traces du serveur sont recopiées sur une autre machine.",
            hint="Les recopier, puis dire où dans LOG_COPY\u202f; voir UPGRADE.md.",
            id="operations.W001",
        )
    ]

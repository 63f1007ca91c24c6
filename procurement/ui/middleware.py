"""Middleware of the pages: each request is told, what a person reads stays out of every cache."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

from procurement.ui.logs import new_request_id, saying


requests = logging.getLogger("requetes")
REQUEST_ID = "X-Request-ID"


class RequestLogMiddleware:
    """Number each request, give the number back, and write one line about it.

    The address stands as its pattern, without its query: it may hold a secret link or a search.
    A number that the browser sends is not taken.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then tell."""
        number, begun = new_request_id(), time.perf_counter()
        with saying(requete=number):
            response = self.get_response(request)
            response[REQUEST_ID] = number
            if not request.path_info.startswith(settings.STATIC_URL) or response.status_code >= 500:
                self._tell(request, response, round((time.perf_counter() - begun) * 1000))
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, duration: int) -> None:
        match = request.resolver_match
        facts: dict[str, object] = {
            "methode": request.method,
            "adresse": f"/{match.route}" if match else "",
            "statut": response.status_code,
            "ms": duration,
        }
        # Only a person whom the page has already asked for: no query is added for the log.
        user = getattr(request, "_cached_user", None)
        if user is not None and user.is_authenticated:
            facts["acteur"] = str(user.pk)
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        requests.log(level, "requête", extra={"faits": facts})


class FeaturesMiddleware:
    """Close what a browser could lend to a page: none of ours asks for any, but security keys."""

    FEATURES = (
        "camera", "microphone", "geolocation", "payment", "usb", "serial", "hid", "midi",
        "display-capture", "accelerometer", "gyroscope", "magnetometer", "browsing-topics",
    )  # fmt: skip
    VALUE = ", ".join(f"{name}=()" for name in FEATURES)

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then close them."""
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", self.VALUE)
        return response


class PrivatePagesMiddleware:
    """Mark every answer to a browser that carries a session « private, no-store ».

    The cookie decides, not the user: no query is added to a page that needs none.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then close the caches."""
        response = self.get_response(request)
        name = settings.SESSION_COOKIE_NAME
        if name in request.COOKIES or name in response.cookies:
            patch_cache_control(response, private=True, no_store=True)
        return response

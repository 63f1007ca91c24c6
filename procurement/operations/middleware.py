"""Nobody waits long for a database that says nothing."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from procurement.operations.services import watch
from procurement.ui.unavailable import unavailable


class PatienceMiddleware:
    """Watch over each request; while the database is silent, answer at once that it is.

    A request cut off finds its connection closed: the error becomes a page by ``server_error``.
    The probes are let through: they say so in their own form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say that one cannot."""
        if watch.silent and not request.path_info.startswith("/sante/"):
            return unavailable(request)
        with watch.waiting():
            return self.get_response(request)

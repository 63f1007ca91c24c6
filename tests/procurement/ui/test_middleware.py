"""What a signed-in person reads stays out of caches."""

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from procurement.ui.middleware import PrivatePagesMiddleware


def _answer(*, cookie: bool, header: str = ""):
    request = RequestFactory().get("/")
    if cookie:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"

    def view(_):
        response = HttpResponse("page")
        if header:
            response["Cache-Control"] = header
        return response

    return PrivatePagesMiddleware(view)(request).headers.get("Cache-Control", "")


def test_page_of_a_session_is_private():
    assert _answer(cookie=True) == "private, no-store"


def test_public_cannot_win_over_a_session():
    assert "public" not in _answer(cookie=True, header="public, max-age=60")


def test_page_without_session_is_left_alone():
    assert _answer(cookie=False) == ""


def test_session_opened_by_the_answer_is_private():
    def view(_):
        response = HttpResponse("page")
        response.set_cookie(settings.SESSION_COOKIE_NAME, "x")
        return response

    response = PrivatePagesMiddleware(view)(RequestFactory().get("/"))
    assert response["Cache-Control"] == "private, no-store"

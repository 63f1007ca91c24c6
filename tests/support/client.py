"""A browser without a screen: in this process, or on a site that is served."""

import json
import re
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.test import Client


TOKEN = "a" * 32
"""Of the forms: the same in the cookie and in the header, as the editor sends it."""


class Wire:
    """Carry what a Client asks to a served site, by a socket, and its answer back.

    The site reads the head and the body that a browser would send, behind its own middlewares,
    limits and headers. heard: status and address of every answer.
    """

    def __init__(self, url: str, heard: list[tuple[int, str]], *, token: str) -> None:
        self.place, self.heard, self.token = urlsplit(url).netloc, heard, token

    def __call__(self, environ: dict) -> HttpResponse:
        method, address = environ["REQUEST_METHOD"], environ["wire.path"]
        if environ["QUERY_STRING"]:
            address += f"?{environ['QUERY_STRING']}"
        body = environ["wsgi.input"].read() if environ["wsgi.input"] else b""
        link = HTTPConnection(self.place, timeout=60)
        try:
            link.request(method, address, body or None, self.head_of(environ))
            found = link.getresponse()
            answer = HttpResponse(found.read(), status=found.status)
        finally:
            link.close()
        del answer["Content-Type"]
        for name, value in found.getheaders():
            if name.lower() == "set-cookie":
                answer.cookies.load(value)
            else:
                answer[name] = value
        answer.url = answer.get("Location")
        answer.wsgi_request = WSGIRequest(environ)
        self.heard.append((answer.status_code, f"{method} {address}"))
        return answer

    def head_of(self, environ: dict) -> dict[str, str]:
        """Name the headers as on the wire; the token of the forms is added, where one is kept."""
        head = {
            name[5:].replace("_", "-").title(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                head[name.replace("_", "-").title()] = str(environ[name])
        if self.token:
            cookies = [head["Cookie"]] if head.get("Cookie") else []
            head["Cookie"] = "; ".join([*cookies, f"csrf={self.token}"])
            head.setdefault("X-Csrftoken", self.token)
        return head


class Browser(Client):
    """One browser of one person, who is signed in; server errors are answers, not exceptions.

    listener: called with each answer, before the test sees it.
    url: of a served site; without one, the site answers in this process.
    """

    def __init__(self, user=None, *, listener=None, url="", heard=None, **options):
        super().__init__(raise_request_exception=False, **options)
        self.listener = listener
        if url:
            token = "" if options.get("enforce_csrf_checks") else TOKEN
            self.handler = Wire(url, [] if heard is None else heard, token=token)
        if user is not None:
            self.force_login(user)

    def generic(self, method, path, *args, **extra):
        """The address leaves as it was written: encoded dots and slashes included."""
        written = quote(str(path).partition("?")[0], safe="/%:;=,&+~!$'()*@")
        return super().generic(method, path, *args, **{"wire.path": written, **extra})

    def request(self, **request):
        """Every request of the client passes here."""
        answer = super().request(**request)
        if self.listener:
            self.listener(answer)
        return answer

    def send_json(self, url, data, **extra):
        """Post JSON, a value or raw text, as the editor does."""
        body = data if isinstance(data, str | bytes) else json.dumps(data)
        return self.post(url, body, content_type="application/json", **extra)


def give_session(page, url, user):
    """A page of a real browser is that of a person, without the form of the sign-in."""
    cookies = Browser(user).cookies.items()
    page.context.add_cookies([{"name": n, "value": one.value, "url": url} for n, one in cookies])


def plain(response):
    """The body without what changes at each answer: tokens, address of the page, request number."""
    text = response.content.decode().replace(response["X-Request-ID"], "NUMERO")
    text = re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]*"', r'\1=""', text)
    text = text.replace(response.wsgi_request.path, "/ICI/")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)

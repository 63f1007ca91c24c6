"""A browser without a screen."""

import json
import re

from django.test import Client


class Browser(Client):
    """One browser of one person, who is signed in; server errors are answers, not exceptions.

    listener: called with each answer, before the test sees it.
    """

    def __init__(self, user=None, *, listener=None, **options):
        super().__init__(raise_request_exception=False, **options)
        self.listener = listener
        if user is not None:
            self.force_login(user)

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

"""The network that a browser of the tests loses."""

from playwright.sync_api import BrowserContext


STOPS_ALL = """{ const send = window.fetch;
  window.fetch = (address, options) => send(address, { ...options, keepalive: false }); }"""
"""Played before the scripts of a page. The outage that Chromium plays (`set_offline`) now and then lets
pass a request that may outlive its page: it leaves by another way. A real outage stops those too."""


def lose_network(context: BrowserContext) -> None:
    """What its pages, already open, send from now on reaches nobody."""
    for page in context.pages:
        page.evaluate(f"() => {STOPS_ALL}")
    context.set_offline(True)

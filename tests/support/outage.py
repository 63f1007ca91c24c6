"""The network that a browser of the tests loses."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, Route


STOPS_ALL = """{ const send = window.fetch;
  window.fetch = (address, options) => send(address, { ...options, keepalive: false }); }"""
"""Played before the scripts of a page. The outage that Chromium plays (`set_offline`) now and then lets
pass a request that may outlive its page: it leaves by another way. A real outage stops those too."""

PROBE = re.compile(r"\?en-place$")


def lose_network(context: BrowserContext) -> None:
    """What its pages, already open, send from now on reaches nobody."""
    for page in context.pages:
        page.evaluate(f"() => {STOPS_ALL}")
    context.set_offline(True)


def intercept(
    page: Page, addresses: str | re.Pattern[str], handler: Callable[[Route], object]
) -> None:
    """`page.route`, in force when this returns.

    On a page that is open already, Chromium tells the renderer of an interception by another way than it tells it
    of a key: on a slow machine the request of that key may leave first, and be answered.
    """
    page.route(PROBE, lambda route: route.fulfill(body="en place"))
    page.route(addresses, handler)
    page.wait_for_function(
        """async () => {
          const { src } = document.querySelector("script[src]");
          const answer = await fetch(`${src}?en-place`, { cache: "no-store" });
          return (await answer.text()) === "en place";
        }"""
    )

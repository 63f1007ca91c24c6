"""The network that a browser of the tests loses."""

STOPS_ALL = """{ const send = window.fetch;
  window.fetch = (address, options) => send(address, { ...options, keepalive: false }); }"""
"""Played before the scripts of a page. The outage that Chromium plays (`set_offline`) now and then lets
pass a request that may outlive its page: it leaves by another way. A real outage stops those too."""

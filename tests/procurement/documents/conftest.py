import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from procurement.documents import registry


@pytest.fixture
def listener():
    """Listen on loopback; `heard` holds every path that was asked for."""
    heard = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(self.path)
            if self.path.startswith("/redirect"):
                self.send_response(302)
                self.send_header("Location", self.path.partition("?")[2])
            else:
                self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    server.heard = heard
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Register a program written in the test: program("name", "def main(stdin, stdout): …")."""
    monkeypatch.setattr(registry, "_programs", dict(registry._programs))

    def add(name, source):
        path = tmp_path / f"{name}.py"
        path.write_text(source)
        registry.register_program(name, path)
        return name

    return add

"""Reports what a child can reach, seen from inside."""

import json
import os
import socket
import sys
import urllib.request


def _can(action, *args) -> bool:
    try:
        reached = action(*args)
    except OSError:
        return False
    reached.close()
    return True


def main(stdin, stdout) -> None:
    """stdin: JSON {"port": int, "file": path}. Answers what could be reached, as JSON."""
    asked = json.loads(stdin.read() or b"{}")
    port, path = asked.get("port", 9), asked.get("file", "/etc/passwd")
    answer = {
        "doors": json.loads(sys.argv[1]),
        "network": _can(socket.create_connection, ("127.0.0.1", port), 2),
        "url": _can(urllib.request.urlopen, f"http://127.0.0.1:{port}/", None, 2),
        "file": _can(open, path),
        "cwd": os.listdir("."),
        "environment": sorted(os.environ),  # noqa: TID251
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
    }
    stdout.write(json.dumps(answer).encode())

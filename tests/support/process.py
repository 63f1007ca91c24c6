"""A process of the site, started as in production, there to be killed.

It writes no health journal unless it is asked to (``--lifespan=on``): a minute that passes, or an hour
that is sealed, would be a row more in what other tests count.
"""

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from tests.services import services, wm


class Process:
    """A process of the site, started as in production on the database of the test."""

    def __init__(self, name: str, argv: list[str], env: dict[str, str]) -> None:
        self.log = services.data / f"{name}-{time.monotonic_ns()}.log"
        if "uvicorn" in argv and not any(word.startswith("--lifespan") for word in argv):
            argv = [*argv, "--lifespan=off"]
        self.child = wm.Child(name, [sys.executable, "-m", *argv], {**os.environ, **env}, self.log)

    @property
    def pid(self) -> int:
        """The process to kill in a test of faults."""
        return self.child.process.pid

    def start(self, is_ready: Callable[[], bool]) -> None:
        """Start, or start again, and wait."""
        self.child.start()
        self.child.wait_ready(is_ready, seconds=40)

    def stop(self) -> None:
        """Stop as the supervisor does."""
        self.child.stop()


def answers(url: str) -> bool:
    """Tell whether the site answers, whatever it answers."""
    try:
        urllib.request.urlopen(url, timeout=5).close()  # noqa: S310
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True

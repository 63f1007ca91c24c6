"""Who writes the health journal: a thread of each web process, as long as people may ask it something.

Valkey, beat and the worker have no part in it: without them the minutes are there, and say so. A
process that is killed, hung or stopped writes nothing, and its minutes are gaps.
"""

import datetime
import logging
import threading
import time
from collections.abc import Callable

from django.db import connections

from procurement.operations.enums import EtatSante, Organe
from procurement.operations.selectors import Constat
from procurement.operations.services.minutes import note_minute, present
from procurement.operations.services.patience import watch


logger = logging.getLogger(__name__)

TURN = 10.0
"""Seconds that the site has to take a request of its own: beyond, people are not served either."""
FAREWELL = 5.0
"""Seconds that a minute begun has to end when the process stops."""
SHORTEST = 1.0
"""Seconds between two minutes at least, however long the first one took."""


class MinuteWriter:
    """Note the minute at once, then each minute of the database just after it begins.

    take_turn: pass where a request passes, within this many seconds, or raise TimeoutError. Several
    processes write the same minute without harm: it is unique, and the first one stands.
    """

    def __init__(
        self,
        take_turn: Callable[[float], object],
        *,
        clock: Callable[[], datetime.datetime] = present,
    ) -> None:
        self._take_turn, self._clock = take_turn, clock
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin. Called by the server once it serves, never by a command or by the worker."""
        self._thread = threading.Thread(target=self._run, name="minutes", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, with the minute that is being written."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(FAREWELL)

    def _run(self) -> None:
        pause = 0.0
        while not self._over.wait(pause):
            pause = self.write()

    def write(self) -> float:
        """Note the minute that runs; return the seconds until the next one has begun. Never raises."""
        begun, late = time.monotonic(), 0.0
        try:
            with watch.waiting():
                instant = self._clock()
            late = instant.second + instant.microsecond / 1e6
            turn = self._look_at_web()
            with watch.waiting():
                note_minute(turn, instant=instant)
        except Exception:
            logger.exception("A minute of the health journal is not written.")
        finally:
            # A minute is long for a line of the database, and this thread has no request to end it.
            connections.close_all()
        return max(SHORTEST, 61 - late - (time.monotonic() - begun))

    def _look_at_web(self) -> Constat:
        """Whether a request would be taken now."""
        begun = time.monotonic()
        try:
            self._take_turn(TURN)
        except TimeoutError:
            words = f"Le site n’a pris aucune demande pendant {TURN:.0f}\u00a0s."
            return Constat(Organe.WEB, EtatSante.EN_PANNE, words)
        waited = round((time.monotonic() - begun) * 1000, 1)
        return Constat(
            Organe.WEB,
            EtatSante.EN_MARCHE,
            "Le site prend les demandes.",
            mesures={"attente_ms": waited},
        )

"""One process: WSGI (8 threads) for HTTP, so that database connections persist without leaking.

From its start to its end it writes the health journal, minute by minute.
"""

import asyncio
import gc
import os
from typing import Any

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter
from django.core.wsgi import get_wsgi_application


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
wsgi: Any = get_wsgi_application()
http = WSGIMiddleware(wsgi, workers=8)


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Hear from the server that it starts, then that it stops; a command or a test hears nothing."""
    from procurement.operations.services import MinuteWriter  # noqa: PLC0415 - once the applications are ready

    loop = asyncio.get_running_loop()

    async def queue_up() -> None:
        """Wait for one of the threads that serve people."""
        await loop.run_in_executor(http.executor, bool)

    def take_turn(seconds: float) -> None:
        turn = asyncio.run_coroutine_threadsafe(queue_up(), loop)
        try:
            turn.result(seconds)
        finally:
            turn.cancel()

    writer = MinuteWriter(take_turn)
    await receive()
    writer.start()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await loop.run_in_executor(None, writer.stop)
    await send({"type": "lifespan.shutdown.complete"})


application = ProtocolTypeRouter({"http": http, "lifespan": lifespan})
# What was loaded to start lives as long as the process: the collector need not walk it in a page.
gc.collect()
gc.freeze()

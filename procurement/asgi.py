"""One process: WSGI (8 threads) for HTTP, so that database connections persist without leaking."""

import gc
import os
from typing import Any

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter
from django.core.wsgi import get_wsgi_application


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
wsgi: Any = get_wsgi_application()
application = ProtocolTypeRouter({"http": WSGIMiddleware(wsgi, workers=8)})
# What was loaded to start lives as long as the process: the collector need not walk it in a page.
gc.collect()
gc.freeze()

"""One process: WSGI (8 threads) for HTTP, so that database connections persist without leaking."""

import os

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter

from procurement.wsgi import application as wsgi_application


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
application = ProtocolTypeRouter({"http": WSGIMiddleware(wsgi_application, workers=8)})

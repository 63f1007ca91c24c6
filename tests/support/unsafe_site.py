"""The site with one guarantee taken away, named by UNSAFE: what the tests of faults must catch.

early    « enregistré » is answered before anything is committed
health   a connection is reused without asking whether it still stands
version  the base of a save is not looked at: the last one who writes covers what others wrote
forget   an image that the antivirus has not judged is acknowledged, and thrown away
patience the antivirus is waited for as long as it likes
bell     Valkey is waited for as long as it likes
limits   how often a password was tried is kept in Valkey, as a cache usually is
bounds   neither the fields of a form nor its files are counted
"""

import io
import json
import os
import queue
import threading
import time
from functools import partial
from types import SimpleNamespace
from uuid import uuid4

from a2wsgi import WSGIMiddleware
from celery import current_app
from channels.routing import ProtocolTypeRouter
from django.conf import settings

from procurement.wsgi import application as site
from wikimarche.domain.authority import commit_steps
from wikimarche.services import edits, images as services_of_images
from wikimarche.views import images


UNSAFE = os.environ["UNSAFE"]
if UNSAFE == "health":
    settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] = False

if UNSAFE == "bell":
    options = current_app.conf.broker_transport_options
    options |= {name: None for name in options if "timeout" in name and "socket" in name}

if UNSAFE == "limits":
    place = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES["default"] = {"BACKEND": place, "LOCATION": settings.REDIS_URL}

if UNSAFE == "bounds":
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = settings.DATA_UPLOAD_MAX_NUMBER_FILES = None

texts: dict = {}


def cover(article, commit_id, steps, missing):
    """Write the text as its author saw it, with what he typed, over whatever came since."""
    base = article.numero - len(missing)
    texts.setdefault((article.pk, article.numero), article.corps)
    done = commit_steps(texts[article.pk, base], steps, seed=str(commit_id))
    texts[article.pk, article.numero + 1] = done.doc
    return done.doc, done.steps, []


if UNSAFE == "version":
    edits.place_steps = cover

if UNSAFE == "patience":
    services_of_images.analyse_received = partial(services_of_images.analyse_received, patience=600)


def forget(*, content, **_said):
    """Answer as for an image that waits, and keep nothing of it."""
    return SimpleNamespace(pk=uuid4(), fichier=SimpleNamespace(statut="analyse_indisponible"))


if UNSAFE == "forget":
    images.add_image = forget

later: queue.Queue = queue.Queue()


def work():
    """Save what was promised, half a second too late."""
    while True:
        instant, environ = later.get()
        time.sleep(max(0, instant + 0.5 - time.monotonic()))
        for _ in site(environ, lambda *_: None):
            pass


def early(environ, start_response):
    """Promise, then save."""
    if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].endswith("/commits/"):
        return site(environ, start_response)
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    later.put((time.monotonic(), {**environ, "wsgi.input": io.BytesIO(body)}))
    told = json.dumps({"numero": json.loads(body)["base"] + 1, "dropped": []}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [told]


if UNSAFE == "early":
    threading.Thread(target=work, daemon=True).start()
wsgi = early if UNSAFE == "early" else site
application = ProtocolTypeRouter({"http": WSGIMiddleware(wsgi, workers=8)})

"""The site as uvicorn serves it in production, with the floor page beside the others."""

import os

import django
from django.conf import settings
from django.utils.module_loading import import_string


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "procurement.settings")
django.setup()
settings.ROOT_URLCONF = "wikimarche.management.measures.urls"
application = import_string("procurement.asgi.application")

"""Queries of one page, counted in this process."""

from django.conf import settings
from django.test import Client

from wikimarche.management.measures.rows import counted_queries
from wikimarche.management.measures.scenes import Scene


def count_page(scene: Scene, path: str) -> int:
    """Queries of a page for the éditeur, once her session is warm."""
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(scene.editeur, settings.AUTHENTICATION_BACKENDS[0])
    client.get(path)
    with counted_queries() as count:
        client.get(path)
    return count[0]

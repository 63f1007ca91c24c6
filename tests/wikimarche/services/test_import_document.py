"""Importing a document, and importing it again."""

import pytest

from tests.wikimarche.factories import PieceFactory
from wikimarche.models import Article
from wikimarche.services import import_document


pytestmark = pytest.mark.django_db

DOCUMENT = """# Objet

Le titulaire nettoie les locaux, selon l’article [2](#prix).

# Prix {#prix}

Les prix sont fermes.
""".encode()


def renvois(piece):
    found = []
    for article in Article.objects.filter(piece=piece):
        for block in article.corps["content"]:
            found += [
                node["attrs"]["article"]
                for node in block.get("content", [])
                if node["type"] == "renvoi"
            ]
    return found


def bring(piece):
    by = piece.marche.participations.first().user
    return import_document(by=by, piece=piece, content=DOCUMENT, nom="cctp.md")


def test_a_document_imported_twice_refers_to_its_own_articles():
    first = PieceFactory()
    second = PieceFactory(marche=first.marche)
    bring(first)
    bring(second)

    for piece in (first, second):
        (target,) = renvois(piece)
        assert Article.objects.get(pk=target).piece == piece
        assert Article.objects.get(pk=target).titre == "Prix"


def test_the_report_counts_what_was_read():
    importation = bring(PieceFactory())

    assert importation.rapport["articles"] == 2
    assert importation.rapport["renvois"] == 1
    assert importation.get_statut_display() == "Accepté"

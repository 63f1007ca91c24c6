"""Importing a document, and importing it again."""

import io

import docx
import PIL.Image
import pytest

from procurement.access.services import Conflict
from procurement.documents.services import open_judged
from tests.wikimarche.factories import PieceFactory
from wikimarche.domain.importing import ImportRefused
from wikimarche.models import Article, Image
from wikimarche.services import import_document, importations


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


def bring(piece, content=DOCUMENT, nom="cctp.md"):
    by = piece.marche.participations.first().user
    return import_document(by=by, piece=piece, content=content, nom=nom)


def bring_image(piece, content):
    made, target = docx.Document(), io.BytesIO()
    made.add_heading("Objet", 1)
    made.add_picture(io.BytesIO(content))
    made.save(target)
    return bring(piece, target.getvalue(), "cctp.docx")


def photograph():
    target = io.BytesIO()
    PIL.Image.new("RGB", (40, 30), "#335577").save(target, "JPEG")
    return target.getvalue()


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


def test_an_image_that_is_refused_is_said():
    piece = PieceFactory()
    importation = bring_image(piece, photograph()[:-30])

    left = importation.rapport["non_reconnu"]["image_refusee"]
    assert left["nombre"] == 1
    assert left["exemple"].endswith("Cette image est tronquée.")
    assert not Image.objects.filter(piece=piece).exists()


def test_an_image_followed_by_something_else_comes_without_it():
    """Phones write after the end of their photographs."""
    piece = PieceFactory()
    importation = bring_image(piece, photograph() + b"SEFH<script>1</script>SEFT")

    assert "image_refusee" not in importation.rapport["non_reconnu"]
    (image,) = Image.objects.filter(piece=piece)
    with open_judged(image.fichier) as stored:
        assert stored.read() == photograph()


def test_a_document_of_more_articles_than_a_piece_may_have_is_refused(monkeypatch):
    monkeypatch.setattr(importations, "MAX_ARTICLES", 1)
    piece = PieceFactory()
    with pytest.raises(
        ImportRefused, match="se découpe en 2 articles\u202f; une pièce en a au plus 1"
    ):
        bring(piece)
    assert not Article.objects.filter(piece=piece).exists()


def test_a_second_document_does_not_lead_beyond_the_limit(monkeypatch):
    monkeypatch.setattr(importations, "MAX_ARTICLES", 3)
    piece = PieceFactory()
    bring(piece)
    with pytest.raises(Conflict, match=r"Une pièce a au plus 3 articles\."):
        bring(piece)
    assert Article.objects.filter(piece=piece).count() == 2


def test_an_image_that_no_file_holds_is_told_absent_and_not_empty():
    piece = PieceFactory()
    importation = bring(piece, b"# Plan\n\n![Plan du site](absente.png)\n")
    assert list(importation.rapport["non_reconnu"]) == ["image_absente_du_fichier"]
    assert importation.rapport["images"] == 0
    assert "[Plan du site]" in str(Article.objects.get(piece=piece).corps)
    assert not Image.objects.filter(piece=piece).exists()

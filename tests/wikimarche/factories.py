"""Pièces and articles, made by the services. Traits are named as situations."""

from uuid import uuid4

import factory

from procurement.audit.services import recording
from tests.procurement.marches.factories import MarcheFactory, gestionnaire_of
from tests.wikimarche.domain.factories import doc, insert, p
from wikimarche.enums import TypePiece
from wikimarche.models import Article, Piece
from wikimarche.services import (
    add_article,
    commit_edit,
    create_piece,
    retire_article,
    submit_piece,
    withdraw_piece,
)


class PieceFactory(factory.django.DjangoModelFactory):
    """A draft without article."""

    class Meta:
        model = Piece
        skip_postgeneration_save = True

    marche = factory.SubFactory(MarcheFactory)
    type = TypePiece.CCTP

    @classmethod
    def _create(cls, model_class, *args, marche, by=None, **kwargs):
        piece = create_piece(*args, by=by or gestionnaire_of(marche), marche=marche, **kwargs)
        piece.marche = marche
        return piece

    @factory.post_generation
    def sent_to_review(self, create, extracted, **kwargs):
        if extracted:
            submit_piece(by=gestionnaire_of(self.marche), piece=self)
            self.refresh_from_db()

    @factory.post_generation
    def frozen(self, create, extracted, **kwargs):
        """Withdrawn from the marché: its text does not change any more."""
        if extracted:
            withdraw_piece(by=gestionnaire_of(self.marche), piece=self)
            self.refresh_from_db()


class ArticleFactory(factory.django.DjangoModelFactory):
    """An article at the end of its pièce, of one paragraph: `texte="…"`, or `corps=doc(…)`."""

    class Meta:
        model = Article
        skip_postgeneration_save = True

    piece = factory.SubFactory(PieceFactory)
    titre = factory.Sequence(lambda n: f"Article {n}")
    texte = "Le titulaire nettoie les locaux."

    @classmethod
    def _create(cls, model_class, *args, piece, texte, by=None, corps=None, **kwargs):
        return add_article(
            *args,
            by=by or gestionnaire_of(piece.marche),
            piece=piece,
            corps=corps or doc(p(texte, id=f"b{uuid4().hex[:9]}")),
            **kwargs,
        )

    @factory.post_generation
    def out_of_the_text(self, create, extracted, **kwargs):
        if extracted:
            by = gestionnaire_of(self.piece.marche)
            retire_article(by=by, article=self, motif=kwargs.get("motif", "Sans objet"))
            self.refresh_from_db()


def unnumber(article):
    """Make front matter of an article, as an importation does."""
    with recording(
        by=gestionnaire_of(article.piece.marche), tag="wikimarche:article:moved", obj=article
    ):
        article.numerote = False
        article.save(update_fields=["numerote"])
    return article


def type_words(by, article, words, *, at=1, **kwargs):
    """Type words in an article as its editor sends them; the base is its last version by default."""
    article.refresh_from_db(fields=["numero"])
    asked = {"commit_id": uuid4(), "precedent": None, "base": article.numero, "titre": None}
    asked |= {"steps": [insert(at, words)], **kwargs}
    answer = commit_edit(by=by, article=article, **asked)
    article.refresh_from_db()
    return answer

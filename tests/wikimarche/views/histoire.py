"""A history of a pièce in which everything changes, and what its reader sees."""

import json

from tests.wikimarche.factories import ArticleFactory, type_words
from wikimarche.models import Article
from wikimarche.selectors import (
    last_version,
)
from wikimarche.services import (
    move_article,
    name_version,
    restore_article,
    retire_article,
)


def write_a_history(equipe):
    """Ten versions of every kind. Returns {numero: state at that moment}."""
    by, kept = equipe.person(), {}

    def keep():
        kept[last_version(equipe.piece).numero] = present(equipe.piece)

    keep()
    acts = [
        lambda: type_words(by, equipe.article, "Un. "),
        lambda: type_words(equipe.gestionnaire, equipe.second, "Deux. "),
        lambda: ArticleFactory(piece=equipe.piece, titre="Troisième"),
        lambda: type_words(by, equipe.article, "Trois. ", titre="Nouveaux délais"),
        lambda: move_article(by=by, article=equipe.article, parent=equipe.second.pk, after=None),
        lambda: name_version(by=by, piece=equipe.piece, nom="Nommée"),
        lambda: retire_article(by=by, article=equipe.second, motif="Doublon"),
        lambda: restore_article(by=by, article=equipe.article, numero=3),
    ]
    for act in acts:
        act()
        keep()
    return kept


def present(piece):
    rows = Article.objects.filter(piece=piece)
    return {
        row.pk: (
            row.parent_id,
            row.rang,
            row.titre,
            json.dumps(row.corps, sort_keys=True),
            row.statut,
        )
        for row in rows
    }

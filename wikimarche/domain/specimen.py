"""Pièces made by rule, of any size, for benchmarks and tests. Same seed, same pièce; no real text."""

import random
from dataclasses import replace
from typing import Final
from uuid import UUID

from wikimarche.domain.comparison import ArticleState, PieceState
from wikimarche.domain.rank import rank_between, spread_ranks
from wikimarche.domain.repair import new_block_id
from wikimarche.domain.schema import Json


_WORDS: Final = [
    "le",
    "titulaire",
    "remet",
    "chaque",
    "année",
    "un",
    "relevé",
    "des",
    "produits",
    "consommés",
    "en",
    "litres",
    "et",
    "par",
    "site",
    "sous",
    "réserve",
    "des",
    "stipulations",
    "du",
    "présent",
    "cahier",
    "les",
    "prestations",
    "sont",
    "exécutées",
    "dans",
    "un",
    "délai",
    "de",
    "quinze",
    "jours",
    "à",
    "compter",
    "de",
    "la",
    "notification",
    "du",
    "bon",
    "de",
    "commande",
    "la",
    "personne",
    "publique",
    "peut",
    "prononcer",
    "une",
    "pénalité",
    "lorsque",
    "les",
    "exigences",
    "environnementales",
    "prévues",
    "ne",
    "sont",
    "pas",
    "respectées",
    "toute",
    "modification",
    "fait",
    "l’objet",
    "d’un",
    "avenant",
    "signé",
    "des",
    "deux",
    "parties",
    "après",
    "avis",
    "du",
    "service",
    "achats",
    "la",
    "vérification",
    "porte",
    "sur",
    "la",
    "qualité",
    "le",
    "conditionnement",
    "et",
    "la",
    "traçabilité",
    "des",
    "fournitures",
    "livrées",
    "au",
    "magasin",
    "central",
    "de",
    "la",
    "région",
    "aux",
    "heures",
    "ouvrables",
    "convenues",
    "avec",
    "l’acheteur",
    "qui",
    "dispose",
    "de",
    "huit",
    "jours",
    "pour",
    "émettre",
    "une",
    "réserve",
    "écrite",
    "et",
    "motivée",
]


def _uuid(rng: random.Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)


def _sentence(rng: random.Random, chars: int) -> str:
    parts: list[str] = []
    size = 0
    while size < chars:
        words = rng.choices(_WORDS, k=rng.randint(9, 22))
        text = " ".join(words).capitalize() + rng.choice((".", ".", "\u202f;"))
        parts.append(text)
        size += len(text) + 1
    return " ".join(parts)


def _paragraph(text: str, identifier: str) -> Json:
    return {
        "type": "paragraph",
        "attrs": {"id": identifier},
        "content": [{"type": "text", "text": text}],
    }


def _table(rng: random.Random, identifier: str) -> Json:
    def cell(kind: str, text: str) -> Json:
        attrs = {"colspan": 1, "rowspan": 1, "align": None}
        return {
            "type": kind,
            "attrs": attrs,
            "content": [
                {
                    "type": "paragraph",
                    "attrs": {"id": None},
                    "content": [{"type": "text", "text": text}],
                }
            ],
        }

    rows = [[cell("table_header", head) for head in ("Produit", "Exigence", "Preuve")]]
    rows += [
        [
            cell("table_header", f"Produit {row}"),
            cell("table_cell", f"{rng.randint(10, 90)}\u00a0% de matière recyclée"),
            cell("table_cell", rng.choice(("Écolabel", "Attestation", "Fiche technique"))),
        ]
        for row in range(1, 5)
    ]
    return {
        "type": "table",
        "attrs": {"id": identifier},
        "content": [{"type": "table_row", "content": row} for row in rows],
    }


def generate_piece(*, chars: int, seed: int = 1, article_chars: int = 1000) -> PieceState:
    """Make a pièce of about chars characters: chapters of ten articles, a table in one article of ten."""
    rng = random.Random(seed)  # noqa: S311 - not a secret
    articles: list[ArticleState] = []
    total = 0
    chapters = spread_ranks(max(1, chars // article_chars // 10 + 1))
    for rang in chapters:
        chapter = _uuid(rng)
        blocks: list[Json] = [_paragraph(_sentence(rng, 80), new_block_id(str(chapter), 0))]
        corps = {"type": "doc", "content": blocks}
        articles.append(ArticleState(chapter, None, rang, _sentence(rng, 20)[:40], corps))
        for rank in spread_ranks(10):
            identifier = _uuid(rng)
            size = 0
            blocks = []
            while size < article_chars:
                text = _sentence(rng, rng.randint(150, 450))
                blocks.append(_paragraph(text, new_block_id(str(identifier), len(blocks))))
                size += len(text)
            if rng.random() < 0.1:
                blocks.append(_table(rng, new_block_id(str(identifier), len(blocks))))
            total += size
            titre = _sentence(rng, 20)[:50]
            corps = {"type": "doc", "content": blocks}
            articles.append(ArticleState(identifier, chapter, rank, titre, corps))
            if total >= chars:
                return PieceState(tuple(articles))
    return PieceState(tuple(articles))


def revise_piece(
    piece: PieceState, *, words: float = 0.03, moves: int = 10, seed: int = 2
) -> PieceState:
    """Rewrite a share of the words, in every paragraph alike, and move some articles elsewhere."""
    rng = random.Random(seed)  # noqa: S311 - not a secret
    articles = [replace(a, corps=_revise(a.corps, words, rng)) for a in piece.articles]
    chapters = [a.id for a in articles if a.parent is None]
    leaves = [place for place, a in enumerate(articles) if a.parent is not None]
    for place in rng.sample(leaves, min(moves, len(leaves))):
        target = rng.choice(chapters)
        last = max((a.rang for a in articles if a.parent == target), default=None)
        articles[place] = replace(articles[place], parent=target, rang=rank_between(last, None))
    return PieceState(tuple(articles))


def _revise(node: Json, share: float, rng: random.Random) -> Json:
    if "text" in node:
        words = node["text"].split(" ")
        changed = [rng.choice(_WORDS) if rng.random() < share else word for word in words]
        return {**node, "text": " ".join(changed)}
    if "content" in node:
        return {**node, "content": [_revise(child, share, rng) for child in node["content"]]}
    return node

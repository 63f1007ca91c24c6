"""People, a marché and pièces of any length, made through the services wherever they are fast enough.

A long history is added by batches in the form the services give it. Nothing is switched off: every
trigger judges each batch at its commit, and `verify` reads the result back.
"""

import json
import random
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib.contenttypes.models import ContentType
from django.core import serializers
from django.db import connection, transaction
from django.utils import timezone

from procurement.accounts.models import User
from procurement.accounts.services import create_user
from procurement.audit.domain.canonique import canonical_json
from procurement.audit.services import recording
from procurement.marches.enums import RoleParticipation
from procurement.marches.models import Marche
from procurement.marches.services import accept_invitation, create_marche, invite_participant
from procurement.organisations.enums import TypeOrganisation
from procurement.organisations.models import Organisation
from procurement.organisations.services import add_member, create_organisation
from wikimarche.domain.anchors import fils_of_steps
from wikimarche.domain.canonical import canonical_hash, hash_lines, plain_text, steps_hash
from wikimarche.domain.comparison import PieceState
from wikimarche.domain.specimen import generate_piece
from wikimarche.enums import GenreFil, GenreVersion, GesteFil, TypePiece
from wikimarche.models import Article, Commentaire, Fil, Piece, Version
from wikimarche.permissions import Action
from wikimarche.services import create_piece
from wikimarche.services.versions import article_line, writing


BATCH = 500
CITED = "un mot"
SAID = "Faut-il garder ce mot\u202f? Le marché précédent en disait un autre."
SESSION = 10
"""Versions of one work session in a generated history."""


@dataclass
class Scene:
    """A marché, its gestionnaire and an éditeur who signs in."""

    marche: Marche
    gestionnaire: User
    editeur: User
    mot_de_passe: str


def set_scene() -> Scene:
    """Open a marché in an empty database."""
    mot_de_passe = f"mesure {uuid4()}"
    organisation = create_organisation(
        by=None, nom="Région de mesure", type=TypeOrganisation.ACHETEUR, siret="13000766900018"
    )
    ana = _member(organisation, "ana@region.example", "Ana", None)
    bea = _member(organisation, "bea@region.example", "Béa", mot_de_passe)
    marche = create_marche(by=ana, organisation=organisation, objet="Marché de mesure")
    invitation = invite_participant(
        by=ana, marche=marche, email=bea.email, role=RoleParticipation.EDITEUR
    )
    accept_invitation(by=bea, invitation=invitation)
    return Scene(marche, ana, bea, mot_de_passe)


def _member(organisation: Organisation, email: str, prenom: str, mot_de_passe: str | None) -> User:
    user = create_user(by=None, email=email, prenom=prenom, nom="Mesure", password=mot_de_passe)
    add_member(by=None, organisation=organisation, user=user)
    return user


def add_piece(scene: Scene, *, articles: int, chars: int, comments: int = 0) -> Piece:
    """Create a pièce of exactly this many articles, as an import does: one version."""
    seed = Piece.objects.count() + 1
    state = generate_piece(chars=chars, article_chars=max(200, chars // articles), seed=seed)
    missing = articles - len(state.articles)
    if missing > 0:
        extra = generate_piece(chars=missing * 1200, seed=1000 + seed, article_chars=1000).articles
        extra = tuple(replace(article, rang=f"z{article.rang}") for article in extra)
        state = PieceState(state.articles + extra)
    return write_piece(scene, PieceState(state.articles[:articles]), comments=comments)


def count_chars(piece: Piece) -> int:
    """Characters of the text of a pièce as it is, titles included."""
    articles = Article.objects.filter(piece=piece).values_list("titre", "corps")
    return sum(len(titre) + len(plain_text(corps)) for titre, corps in articles)


def write_piece(scene: Scene, state: PieceState, *, comments: int = 0) -> Piece:
    """Create a pièce from a generated state, as an import does."""
    piece = create_piece(by=scene.gestionnaire, marche=scene.marche, type=TypePiece.CCTP)
    share = comments // len(state.articles)
    rows = [
        Article(
            id=article.id,
            piece=piece,
            parent_id=article.parent,
            rang=article.rang,
            titre=article.titre,
            corps=comment_text(article.corps, share) if share else article.corps,
        )
        for article in state.articles
    ]
    with writing(
        by=scene.gestionnaire,
        piece=piece,
        action=Action.PIECE_IMPORT,
        on=None,
        tag="wikimarche:piece:imported",
        genre=GenreVersion.IMPORT,
        nom="Import",
        structure=True,
    ) as version:
        version.add_articles(rows)
    _say_in_threads(scene, piece, rows)
    return piece


def _say_in_threads(scene: Scene, piece: Piece, rows: list[Article]) -> None:
    """Open the thread of each anchor of the text, with its first words, by acts of a batch each."""
    threads = [
        Fil(
            id=found,
            piece=piece,
            article=article,
            genre=GenreFil.QUESTION,
            citation=CITED,
            version=1,
            rang=0,
            auteur=scene.editeur,
        )
        for article in rows
        for found in fils_of_steps(article.corps)
    ]
    for start in range(0, len(threads), BATCH):
        with recording(by=scene.editeur, tag="wikimarche:fil:opened", obj=piece):
            for rang, fil in enumerate(threads[start : start + BATCH], start + 1):
                fil.rang = rang
                fil.save(force_insert=True)
                Commentaire(fil=fil, geste=GesteFil.DIT, texte=SAID, auteur=scene.editeur).save(
                    force_insert=True
                )


def comment_text(corps: dict[str, Any], count: int) -> dict[str, Any]:
    """Anchor this many threads on words of the first paragraphs."""
    blocks = []
    for block in corps["content"]:
        text = block["content"][0].get("text", "") if block["type"] == "paragraph" else ""
        words = text.split(" ")
        here = min(count, len(words) // 2)
        if not here:
            blocks.append(block)
            continue
        count -= here
        content: list[dict[str, Any]] = []
        for word in words[:here]:
            mark = {"type": "comment", "attrs": {"fil": str(uuid4())}}
            content += [
                {"type": "text", "text": word, "marks": [mark]},
                {"type": "text", "text": " "},
            ]
        content.append({"type": "text", "text": " ".join(words[here:])})
        blocks.append({**block, "content": content})
    return {**corps, "content": blocks}


def type_one_sign(article: Article, sign: str) -> list[dict[str, Any]]:
    """Steps that replace the last sign of the first paragraph: the text keeps its length, and changes."""
    texts = [node["text"] for node in article.corps["content"][0]["content"]]
    end = sum(map(len, texts))
    slice_ = {"content": [{"type": "text", "text": _other_sign(texts[-1], sign)}]}
    return [{"stepType": "replace", "from": end, "to": end + 1, "slice": slice_}]


def _other_sign(text: str, sign: str) -> str:
    return sign.swapcase() if text.endswith(sign) else sign


def _retype(article: Article, sign: str) -> dict[str, Any]:
    """The body after type_one_sign."""
    first, *others = article.corps["content"]
    *before, last = first["content"]
    last = {**last, "text": last["text"][:-1] + _other_sign(last["text"], sign)}
    return {**article.corps, "content": [{**first, "content": [*before, last]}, *others]}


def lengthen_history(piece: Piece, authors: list[User], *, versions: int) -> None:
    """Add versions until the pièce has this many: sessions of ten commits, over all its articles."""
    articles = list(Article.objects.filter(piece=piece).order_by("id"))
    last = Version.objects.filter(piece=piece).order_by("-numero").values_list("numero", flat=True)
    numero = last[0]
    lines = {article.pk: article_line(article) for article in articles}
    rng = random.Random(numero)  # noqa: S311 - not a secret
    while numero < versions:
        count = min(BATCH, versions - numero)
        with transaction.atomic():
            _add_batch(piece, articles, authors, lines, rng, numero, count)
        numero += count
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _add_batch(
    piece: Piece,
    articles: list[Article],
    authors: list[User],
    lines: dict[UUID, str],
    rng: random.Random,
    numero: int,
    count: int,
) -> None:
    now, kind = timezone.now(), ContentType.objects.get_for_model(Article).pk
    commits: list[dict[str, Any]] = []
    changed: dict[UUID, Article] = {}
    session = 0
    for place in range(numero + 1, numero + count + 1):
        if place == numero + 1 or place % SESSION == 0:
            article, author, session = rng.choice(articles), rng.choice(authors), place
        sign = rng.choice("abcdefghijklmnopqrstuvwxyz")
        steps = type_one_sign(article, sign)
        article.corps = _retype(article, sign)
        article.empreinte = canonical_hash(article.titre, article.corps)
        article.numero += 1
        changed[article.pk] = article
        lines[article.pk] = article_line(article)
        commits.append(
            {
                "numero": place,
                "seance": session,
                "article": article.pk,
                "article_numero": article.numero,
                "titre": str(article),
                "auteur": author,
                "operation": uuid4(),
                "pas": json.dumps(steps),
                "donnees": serializers.serialize("json", [article], fields=FIELDS),
                "empreinte": hash_lines(lines[pk] for pk in sorted(lines)),
            }
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reversion_revision (date_created, user_id, comment)"
            " SELECT %s, u, c FROM unnest(%s::uuid[], %s::text[]) AS t(u, c)"
            " RETURNING id, comment",
            [now, [c["auteur"].pk for c in commits], [str(c["operation"]) for c in commits]],
        )
        revisions = {comment: pk for pk, comment in cursor.fetchall()}
        for c in commits:
            c["revision"] = revisions[str(c["operation"])]
        cursor.execute(
            "INSERT INTO reversion_version"
            " (object_id, content_type_id, db, format, serialized_data, object_repr, revision_id)"
            " SELECT o, %s, 'default', 'json', d, r, v"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS t(o, d, r, v)"
            " RETURNING id, revision_id",
            [kind, *_columns(commits, "article", "donnees", "titre", "revision", text=True)],
        )
        versions = {revision: pk for pk, revision in cursor.fetchall()}
        cursor.execute(
            "INSERT INTO wikimarche_commit"
            " (id, revision_id, article_id, numero, base, pas, ecartes, auteur_id)"
            " SELECT gen_random_uuid(), r, a, n, n - 1, p, '[]', u"
            " FROM unnest(%s::bigint[], %s::uuid[], %s::int[], %s::jsonb[], %s::uuid[])"
            " AS t(r, a, n, p, u)",
            [*_columns(commits, "revision", "article", "article_numero", "pas"),
             [c["auteur"].pk for c in commits]],
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO wikimarche_version (revision_id, piece_id, numero, genre, nom, resume,"
            " article_id, structure, seance, empreinte, auteur_id, operation)"
            " SELECT r, %s, n, 'auto', '', '', a, false, s, e, u, o"
            " FROM unnest(%s::bigint[], %s::int[], %s::uuid[], %s::int[], %s::text[], %s::uuid[],"
            " %s::uuid[]) AS t(r, n, a, s, e, u, o)",
            [piece.pk, *_columns(commits, "revision", "numero", "article", "seance", "empreinte"),
             [c["auteur"].pk for c in commits], [c["operation"] for c in commits]],
        )  # fmt: skip
        cursor.execute(
            "SELECT journal_ajouter_lot(%s::uuid[], %s::text[], %s::text[], %s::text[],"
            " %s::uuid[], %s::bigint[], %s::text[])",
            [
                [piece.marche_id] * len(commits),
                [f"acheteur:{c['auteur'].pk}" for c in commits],
                ["wikimarche:article:edited"] * len(commits),
                [f"wikimarche_article:{c['article']}" for c in commits],
                [c["operation"] for c in commits],
                [versions[c["revision"]] for c in commits],
                [
                    canonical_json(
                        {
                            "acteur": {"nom": c["auteur"].get_full_name()},
                            "libelle": c["titre"],
                            "details": {
                                "article": c["titre"],
                                "pas": 1,
                                "empreinte_pas": steps_hash(json.loads(c["pas"])),
                                "enregistrement": c["article_numero"],
                                "version_faite": c["numero"],
                                "seance": c["seance"],
                                "genre": "auto",
                                "empreinte_piece": c["empreinte"],
                            },
                            "revision": {"date": now},
                        }
                    )
                    for c in commits
                ],
            ],
        )
    Article.objects.bulk_update(changed.values(), ["corps", "empreinte", "numero"], batch_size=100)


FIELDS = [field.name for field in Article._meta.local_fields if not field.primary_key]


def _columns(commits: list[dict[str, Any]], *names: str, text: bool = False) -> list[list[Any]]:
    columns = [[commit[name] for commit in commits] for name in names]
    if text:
        columns = [[str(v) if isinstance(v, UUID) else v for v in column] for column in columns]
    return columns

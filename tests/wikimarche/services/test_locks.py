"""What the gate decided does not count any more under the lock: roles and states are read there again."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import connection, transaction

from procurement.access.services import AccessRefused
from procurement.access.services.decide import remembering_roles
from procurement.marches.enums import RoleParticipation, StatutMarche
from procurement.marches.services import change_role, end_participation, move_marche
from procurement.marches.workflow import ORDER
from tests.procurement.documents.builders import png
from tests.support.client import Browser
from tests.support.equipe import Equipe, commits_url, state_of, words
from tests.wikimarche.domain.factories import insert
from tests.wikimarche.factories import PieceFactory
from wikimarche import services
from wikimarche.domain.anchors import Bord, Passage
from wikimarche.domain.canonical import plain_text
from wikimarche.enums import GenreFil, StatutPiece, TypePiece
from wikimarche.models import Article, Importation, Piece, Version
from wikimarche.permissions import (
    _get_article,
    _get_commentaire,
    _get_fil,
    _get_importation,
    _get_piece,
)


MARKDOWN = b"# Objet\n\nLe titulaire nettoie.\n\n# Prix\n\nLes prix sont fermes.\n"
STATES = {
    "reopen_piece": lambda equipe, by: services.submit_piece(by=by, piece=equipe.piece),
    "reinstate_piece": lambda equipe, by: services.withdraw_piece(by=by, piece=equipe.piece),
}
"""What must have been done before a verb has anything to do."""


def commit_of(equipe):
    return {"commit_id": uuid4(), "precedent": None, "base": 0, "steps": [insert(1, "x")]}


def draft(equipe):
    """A document read and not yet accepted, by the gestionnaire."""
    by = equipe.gestionnaire
    made, _ = services.receive_document(
        by=by, piece=equipe.piece, content=MARKDOWN, nom=f"{uuid4()}.md"
    )
    services.read_document(by=by, importation=made)
    return made


def third(equipe):
    return services.add_article(by=equipe.gestionnaire, piece=equipe.piece, titre="Troisième")


def retired(equipe):
    article = third(equipe)
    services.retire_article(by=equipe.gestionnaire, article=article, motif="Doublon")
    return article


def merged(equipe):
    article = third(equipe)
    services.merge_article(by=equipe.gestionnaire, article=article)
    return article


def cut_off(equipe):
    return services.split_article(by=equipe.gestionnaire, article=equipe.article, position=5)


def nested(equipe):
    article = third(equipe)
    services.indent_article(by=equipe.gestionnaire, article=article)
    return article


def thread(equipe):
    """A comment of the éditeur, open."""
    by = equipe.person("editeur")
    return services.open_fil(by=by, article=equipe.article, genre=GenreFil.QUESTION, texte="Oui ?")


def anchored_thread(equipe):
    """A comment of the éditeur on some words."""
    bloc = equipe.article.corps["content"][0]["attrs"]["id"]
    return services.open_fil(
        by=equipe.person("editeur"),
        article=equipe.article,
        genre=GenreFil.QUESTION,
        texte="Oui ?",
        passage=Passage(Bord(bloc, 0, 0), Bord(bloc, 0, 2)),
        base=0,
    )


def closed_thread(equipe):
    return services.resolve_fil(by=equipe.gestionnaire, fil=thread(equipe), texte="Oui.")


def said(equipe):
    return thread(equipe).commentaires.get()


def masked(equipe):
    """A comment of the commentateur: nobody unmasks her own."""
    by, author = equipe.gestionnaire, equipe.person("commentateur")
    fil = services.open_fil(
        by=author, article=equipe.article, genre=GenreFil.QUESTION, texte="Oui ?"
    )
    dit = fil.commentaires.get()
    return services.mask_commentaire(by=by, commentaire=dit, motif="Hors sujet")


def one_of_two(equipe):
    """The first pièce of a marché that has another."""
    services.create_piece(by=equipe.gestionnaire, marche=equipe.marche, type=TypePiece.AE)
    return equipe.piece


PIECE = ("piece", lambda equipe: equipe.piece)
ARTICLE = ("article", lambda equipe: equipe.article)
SECOND = ("article", lambda equipe: equipe.second)
DRAFT = ("importation", draft)
FIL = ("fil", thread)
SAID = ("commentaire", said)

WRITING = {
    "abandon_importation": (DRAFT, {}),
    "accept_importation": (DRAFT, {}),
    "add_article": (PIECE, {"titre": "Neuf"}),
    "add_image": (PIECE, {"content": png(4, 4), "nom": "a.png"}),
    "commit_after": (ARTICLE, {**commit_of(None), "before": commit_of}),
    "commit_edit": (ARTICLE, commit_of(None)),
    "correct_commentaire": (SAID, {"texte": "Non ?"}),
    "correct_importation": (
        DRAFT,
        {
            "numero": 1,
            "operation": lambda equipe: {
                "op": "fusionner",
                "article": Importation.objects.get().decoupage["articles"][1]["id"],
            },
        },
    ),
    "import_document": (PIECE, {"content": MARKDOWN, "nom": "a.md"}),
    "import_received": (
        PIECE,
        {
            "received": lambda equipe: services.judge_received(
                by=equipe.gestionnaire, chain=equipe.marche.pk, content=MARKDOWN, nom="a.md"
            )
        },
    ),
    "indent_article": (SECOND, {}),
    "mask_commentaire": (SAID, {"motif": "Hors sujet"}),
    "merge_article": (SECOND, {}),
    "move_article": (SECOND, {"parent": None, "after": None}),
    "move_down": (ARTICLE, {}),
    "move_piece": (("piece", one_of_two), {"up": False}),
    "move_up": (SECOND, {}),
    "name_version": (PIECE, {"nom": "Relue"}),
    "open_fil": (ARTICLE, {"genre": GenreFil.QUESTION, "texte": "Oui ?"}),
    "open_fil_of_piece": (PIECE, {"genre": GenreFil.QUESTION, "texte": "Oui ?"}),
    "outdent_article": (("article", nested), {}),
    "read_document": (
        (
            "importation",
            lambda equipe: services.receive_document(
                by=equipe.gestionnaire, piece=equipe.piece, content=MARKDOWN, nom="a.md"
            )[0],
        ),
        {},
    ),
    "receive_document": (PIECE, {"content": MARKDOWN, "nom": "a.md"}),
    "reinstate_article": (("article", retired), {}),
    "reinstate_piece": (PIECE, {}),
    "remove_citation": (("fil", anchored_thread), {"motif": "Donnée personnelle"}),
    "rename_piece": (PIECE, {"titre": "Autre"}),
    "reopen_fil": (("fil", closed_thread), {}),
    "reopen_piece": (PIECE, {}),
    "reply_to_fil": (FIL, {"texte": "Oui."}),
    "resolve_fil": (FIL, {"texte": "Oui."}),
    "restore_article": (ARTICLE, {"numero": 1}),
    "restore_piece": (PIECE, {"numero": 1}),
    "retire_article": (SECOND, {"motif": "Doublon"}),
    "set_numbering": (ARTICLE, {"numerote": False}),
    "split_article": (ARTICLE, {"position": 5}),
    "submit_piece": (PIECE, {}),
    "undo_correction": (DRAFT, {}),
    "unmask_commentaire": (("commentaire", masked), {}),
    "unmerge_article": (("article", merged), {}),
    "unsplit_article": (("article", cut_off), {}),
    "withdraw_piece": (PIECE, {}),
}
"""Every service that writes a pièce, what it bears on, and the rest of what it asks."""

ELSEWHERE = {
    "create_piece": "bears on the marché: tested below",
    "ask_export": "writes no pièce: an event and a job, which checks the right again",
    "record_export": "an event of the journal",
    "show_presence": "of no value as evidence",
    "follow_verdict": "of the platform, for nobody",
    "refuse_importation": "of the platform, for nobody",
    "judge_received": "reads a file",
    "title_of": "reads",
    "commits_since": "reads",
}
FROZEN_TOO = {"name_version", "mask_commentaire", "unmask_commentaire", "remove_citation"}
"""Allowed whatever the step of the marché: a name, a comment change no text."""
FREED = {"withdraw_piece", "reinstate_piece", "reopen_piece", "submit_piece"}
"""They move the state of the pièce itself: only the step of the marché stops them."""

READERS = {
    "piece": _get_piece,
    "article": _get_article,
    "importation": _get_importation,
    "fil": _get_fil,
    "commentaire": _get_commentaire,
}


@pytest.fixture(params=WRITING)
def asked(request, equipe):
    """A call of a service with what its gate read, by a person who could do it at that moment."""
    name = request.param
    (key, make), more = WRITING[name]
    if name in STATES:
        STATES[name](equipe, equipe.gestionnaire)
    obj = READERS[key](make(equipe).pk)
    by = equipe.person("gestionnaire" if name.endswith("_piece") else "editeur")
    more = {word: give(equipe) if callable(give) else give for word, give in more.items()}
    return name, by, lambda: getattr(services, name)(by=by, **{key: obj}, **more)


def whole_state(equipe):
    pieces = list(Piece.objects.values_list("pk", "rang", "statut"))
    return state_of(equipe.piece), Importation.objects.count(), pieces


def refusal_of(act, equipe):
    before = whole_state(equipe)
    with remembering_roles(), pytest.raises(AccessRefused) as refusal:
        act()
    assert before == whole_state(equipe)
    return refusal.value


def test_the_table_names_every_service():
    """Repair: a new verb on pièces goes through « writing » or « hold_piece »; give it a row above."""
    assert set(WRITING) | set(ELSEWHERE) == {name for name in services.__all__ if name[0].islower()}


def demote(equipe, by):
    participation = equipe.participation(by)
    change_role(
        by=equipe.gestionnaire, participation=participation, role=RoleParticipation.OBSERVATEUR
    )


def put_out(equipe, by):
    end_participation(by=equipe.gestionnaire, participation=equipe.participation(by))


def limit_elsewhere(equipe, by):
    change_role(
        by=equipe.gestionnaire,
        participation=equipe.participation(by),
        role=RoleParticipation.EDITEUR,
        portee=PieceFactory(marche=equipe.marche).pk,
    )


def withdraw(equipe, _by):
    services.withdraw_piece(by=equipe.gestionnaire, piece=equipe.piece)


def publish(equipe, _by=None):
    for statut in ORDER[1 : ORDER.index(StatutMarche.PUBLICATION) + 1]:
        move_marche(by=equipe.gestionnaire, marche=equipe.marche, statut=statut)


def test_what_changed_since_the_gate_counts(asked, equipe):
    """Refused in each situation, then done: on the same objects, which the gate had read before."""
    name, by, act = asked
    situations = {demote: (403, ""), put_out: (404, ""), limit_elsewhere: (404, "")}
    if name.startswith("commit"):
        situations |= {put_out: (403, ""), limit_elsewhere: (403, "")}
    if name not in FROZEN_TOO:
        situations[publish] = (409, "«\u202fPublication\u202f»")
        if name not in FREED:
            situations[withdraw] = (409, f"«\u202f{StatutPiece.RETIRE.label}\u202f»")
    for change, (status, words_said) in situations.items():
        here = transaction.savepoint()
        change(equipe, by)
        refusal = refusal_of(act, equipe)
        assert refusal.status == status, (change, refusal.reason)
        if status == 409:
            assert refusal.code == "fige"
            assert words_said in refusal.reason
        transaction.savepoint_rollback(here)
    act()


def test_a_piece_is_not_added_to_a_marche_published_since(equipe):
    by, marche = equipe.person(), equipe.piece.marche
    services.create_piece(by=by, marche=marche, type=TypePiece.CCAP)
    publish(equipe)
    with pytest.raises(AccessRefused) as refusal:
        services.create_piece(by=by, marche=marche, type=TypePiece.AE)
    assert refusal.value.status == 409
    assert Piece.objects.filter(marche=marche).count() == 2


# ── Two sessions, really committed ──────────────────────────────────────────────────────────────


class Kept:
    """The row of a pièce, held by another session until « release »."""

    def __init__(self, connection, piece):
        self.connection = connection
        connection.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM wikimarche_piece WHERE id = %s FOR UPDATE", [str(piece.pk)]
            )

    def release(self):
        self.connection.rollback()


def waiting_sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def while_they_wait(kept, asks, act):
    """Send these requests, each in its session; act once all wait for the pièce; then release it."""
    answers = {}

    def ask(name, send):
        answers[name] = send()

    threads = [threading.Thread(target=ask, args=pair) for pair in asks.items()]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 30
    while waiting_sessions() < len(threads):
        assert time.monotonic() < until, answers
        time.sleep(0.02)
    act()
    kept.release()
    for thread in threads:
        thread.join(60)
    return {name: answer.status_code for name, answer in answers.items()}


def requests_of(equipe: Equipe, person):
    """A commit, a restoration, a retirement, a name: each from its own browser."""

    def post(path, **data):
        return lambda: Browser(person).post(path, data)

    piece, article = equipe.piece, equipe.article
    return {
        "commit": lambda: Browser(person).send_json(commits_url(article), words("Ici, ")),
        "restore": post(f"/pieces/{piece.pk}/versions/1/restaurer/"),
        "retire": post(f"/articles/{equipe.second.pk}/retirer/", motif="Doublon"),
        "submit": post(f"/pieces/{piece.pk}/relire/"),
    }


def test_demoted_while_four_requests_wait(equipe_durable, connect_as):
    equipe = equipe_durable
    person = equipe.person()
    before = state_of(equipe.piece)

    kept = Kept(connect_as("postgres"), equipe.piece)
    codes = while_they_wait(kept, requests_of(equipe, person), lambda: demote(equipe, person))
    assert set(codes.values()) == {403}, codes
    assert state_of(equipe.piece) == before


def test_published_while_four_requests_wait(equipe_durable, connect_as):
    equipe = equipe_durable
    before = state_of(equipe.piece)
    kept = Kept(connect_as("postgres"), equipe.piece)
    codes = while_they_wait(kept, requests_of(equipe, equipe.person()), lambda: publish(equipe))
    assert set(codes.values()) == {409}, codes
    assert state_of(equipe.piece) == before


def test_nothing_changed_while_they_wait(equipe_durable, connect_as):
    """On the same fixture, what waited and is still allowed is written."""
    equipe = equipe_durable
    kept = Kept(connect_as("postgres"), equipe.piece)
    asks = requests_of(equipe, equipe.person())
    del asks["restore"], asks["submit"]
    codes = while_they_wait(kept, asks, lambda: None)
    assert codes == {"commit": 200, "retire": 302}
    assert Version.objects.filter(piece=equipe.piece).count() == 4
    assert plain_text(Article.objects.get(pk=equipe.article.pk).corps).startswith("Ici, ")


def test_a_marche_is_published_between_two_saves_and_never_during_one(equipe_durable, at_once):
    """Both sides wait for each other in one order: neither fails, and nothing is written after."""
    equipe = equipe_durable
    person = equipe.person()

    def type_ten():
        browser = Browser(person)
        return [
            browser.send_json(commits_url(equipe.article), words(f"{n} ", base=n)).status_code
            for n in range(10)
        ]

    codes, moved = at_once(type_ten, lambda: publish(equipe))
    assert moved is None
    written = codes.count(200)
    assert codes == [200] * written + [409] * (10 - written)
    assert Article.objects.get(pk=equipe.article.pk).numero == written

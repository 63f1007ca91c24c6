"""The hash of a pièce, whatever made its last version; the cost of evidence, whatever came before."""

import contextlib
from collections import OrderedDict
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from procurement.access.services import AccessRefused
from procurement.audit.services import record_event
from tests.wikimarche.factories import ArticleFactory, type_words
from wikimarche.management.measures.scenes import (
    add_piece,
    lengthen_history,
    set_scene,
    type_one_sign,
)
from wikimarche.models import Article
from wikimarche.selectors import last_version
from wikimarche.services import (
    commit_edit,
    merge_article,
    move_article,
    move_down,
    name_version,
    reinstate_article,
    restore_article,
    restore_piece,
    retire_article,
    versions,
)


def hash_in_database(piece):
    with connection.cursor() as cursor:
        cursor.execute("SELECT wikimarche_empreinte_piece(%s)", [piece.pk])
        return cursor.fetchone()[0]


def agrees(piece):
    return last_version(piece).empreinte == hash_in_database(piece)


def test_each_version_has_the_hash_of_the_whole_piece(equipe):
    piece, one, two = equipe.piece, equipe.article, equipe.second
    by, third = equipe.person(), ArticleFactory(piece=equipe.piece)
    acts = (
        lambda: type_words(by, one, "un "),
        lambda: type_words(by, two, "deux ", titre="Un autre titre"),
        lambda: move_article(by=by, article=one, parent=None, after=two.pk),
        lambda: type_words(by, one, "trois "),
        lambda: retire_article(by=by, article=third, motif="Sans objet"),
        lambda: type_words(by, two, "quatre "),
        lambda: reinstate_article(by=by, article=third),
        lambda: name_version(by=by, piece=piece, nom="Relue"),
        lambda: type_words(by, third, "cinq "),
        lambda: restore_article(by=by, article=one, numero=4),
        lambda: type_words(by, two, "six "),
        lambda: restore_piece(by=by, piece=piece, numero=5),
        lambda: type_words(by, one, "sept "),
        lambda: move_down(by=by, article=two),
        lambda: type_words(by, two, "huit "),
        lambda: merge_article(by=by, article=third),
        lambda: type_words(by, two, "neuf "),
    )
    seen = set()
    for act in acts:
        act()
        assert agrees(piece)
        seen.add(last_version(piece).empreinte)
    assert len(seen) > len(acts) / 2


@pytest.fixture
def elsewhere(monkeypatch):
    """Act as another process does: it knows nothing of this one, and this one nothing of it."""

    def act(*acts):
        with monkeypatch.context() as other:
            other.setattr(versions, "_KNOWN", OrderedDict())
            for one in acts:
                one()

    return act


def test_another_process_wrote_in_between(equipe, elsewhere):
    """What it changed comes with the lock; an act on many articles makes all of them read again."""
    by = equipe.person()
    type_words(by, equipe.article, "un ")
    elsewhere(
        lambda: type_words(by, equipe.second, "deux "),
        *[lambda: ArticleFactory(piece=equipe.piece)] * 5,
        lambda: move_article(by=by, article=equipe.second, parent=equipe.article.pk, after=None),
    )
    with CaptureQueriesContext(connection) as few:
        type_words(by, equipe.article, "trois ")
    assert agrees(equipe.piece)
    assert not any("ORDER BY" in query["sql"] for query in few)
    elsewhere(lambda: restore_piece(by=by, piece=equipe.piece, numero=4))
    with CaptureQueriesContext(connection) as all_over:
        type_words(by, equipe.article, "quatre ")
    assert agrees(equipe.piece)
    assert any("ORDER BY" in query["sql"] for query in all_over)


def test_another_process_undid_what_this_one_wrote(equipe, elsewhere):
    """Two versions have the same number, one of which was never committed."""
    by = equipe.person()
    type_words(by, equipe.article, "un ")
    with transaction.atomic():
        type_words(by, equipe.second, "perdu ")
        transaction.set_rollback(True)
    elsewhere(lambda: type_words(by, equipe.article, "deux "))
    type_words(by, equipe.article, "trois ")
    assert agrees(equipe.piece)


def test_a_save_that_was_undone_leaves_no_trace_in_the_next_hash(equipe):
    by = equipe.person()
    type_words(by, equipe.article, "un ")
    with transaction.atomic():
        type_words(by, equipe.second, "perdu ")
        transaction.set_rollback(True)
    type_words(by, equipe.article, "deux ")
    assert agrees(equipe.piece)
    type_words(by, equipe.second, "trois ")
    assert agrees(equipe.piece)


def test_few_pieces_are_remembered(equipe, monkeypatch):
    monkeypatch.setattr(versions, "_KNOWN", OrderedDict(une="autre"))
    monkeypatch.setattr(versions, "_MANY", 1)
    type_words(equipe.person(), equipe.article, "un ")
    assert list(versions._KNOWN) == [equipe.piece.pk]


def test_the_hash_tells_a_change_that_no_version_told(equipe):
    """What agrees() compares is able to differ."""
    type_words(equipe.person(), equipe.article, "un ")
    with transaction.atomic():
        Article.objects.filter(pk=equipe.article.pk).update(empreinte="0" * 64)
        assert not agrees(equipe.piece)
        transaction.set_rollback(True)


def save(scene, piece):
    article = Article.objects.select_related("piece__marche").filter(piece=piece).first()
    commit_edit(
        by=scene.gestionnaire,
        article=article,
        commit_id=uuid4(),
        precedent=None,
        base=article.numero,
        steps=type_one_sign(article, "x"),
    )


def versions_read_by_evidence(scene, piece, *, saves):
    """Rows of reversion_version that the deferred triggers read, with plans made for its size."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
        for _ in range(saves):
            save(scene, piece)
        before = _fetched(cursor)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return _fetched(cursor) - before


def _fetched(cursor):
    cursor.execute(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
        " WHERE relname = 'reversion_version'"
    )
    return cursor.fetchone()[0]


def test_evidence_reads_its_transaction_and_not_the_history(cloned_database):
    """Really committed: all the versions of one transaction are its own."""
    scene = set_scene()
    piece = add_piece(scene, articles=2, chars=2000)
    lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=300)

    few = versions_read_by_evidence(scene, piece, saves=1)
    assert 0 < few < 10
    lengthen_history(piece, [scene.gestionnaire, scene.editeur], versions=900)
    assert versions_read_by_evidence(scene, piece, saves=1) == few
    # Many saves of one row in one transaction: each reads its last version, and most have a next one.
    assert versions_read_by_evidence(scene, piece, saves=40) <= 40 * (few + 1)


def rows_read_by_a_save(scene, piece, name, *, analysed):
    """Rows of versions and of the journal that a save reads. analysed: with plans made for their number."""
    if analysed:
        with contextlib.closing(
            psycopg2.connect(settings.DATABASE_OWNER_URL, dbname=name)
        ) as owner:
            owner.autocommit = True
            owner.cursor().execute("ANALYZE")
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
    save(scene, piece)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_READ)
        before = cursor.fetchone()[0]
        save(scene, piece)
        cursor.execute(_READ)
        return cursor.fetchone()[0] - before


_READ = """
SELECT sum(seq_tup_read + idx_tup_fetch)::integer FROM pg_stat_xact_user_tables
 WHERE relname IN ('wikimarche_version', 'journal')"""


@pytest.mark.parametrize("analysed", [True, False])
def test_a_save_finds_its_session_and_reads_no_history(cloned_database, analysed):
    """Whether Postgres has counted the rows of its tables or has yet to."""
    scene = set_scene()
    piece = add_piece(scene, articles=2, chars=2000)
    authors = [scene.gestionnaire, scene.editeur]
    lengthen_history(piece, authors, versions=600)
    few = rows_read_by_a_save(scene, piece, cloned_database, analysed=analysed)
    assert 0 < few < 30
    lengthen_history(piece, authors, versions=1800)
    # Names given to the pièce are rows of its own in the journal, and close no session.
    for _ in range(300):
        record_event(
            by=scene.gestionnaire,
            tag="wikimarche:version:named",
            chain=scene.marche.pk,
            objet=f"wikimarche_piece:{piece.pk}",
        )
    assert rows_read_by_a_save(scene, piece, cloned_database, analysed=analysed) <= few


@pytest.mark.parametrize(
    ("nom", "reason"),
    [("", "Donnez un nom"), ("x" * 121, "Un nom de version a 120 signes au plus")],
)
def test_a_name_is_refused_whole_and_never_cut(equipe, nom, reason):
    with pytest.raises(AccessRefused, match=reason):
        name_version(by=equipe.person(), piece=equipe.piece, nom=nom)
    name_version(by=equipe.person(), piece=equipe.piece, nom="y" * 120)
    assert last_version(equipe.piece).nom == "y" * 120

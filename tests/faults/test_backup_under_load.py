"""A backup made while people type, brought back elsewhere. X18."""

import time

import pytest

from procurement.operations.services import backup, restore
from tests.services import services
from tests.support.faults import start_crowd
from wikimarche.models import Commit


@pytest.mark.attaque("X18")
@pytest.mark.timeout(300)
def test_what_was_acknowledged_before_it_is_in_it_and_the_window_of_loss_is_told(
    own_site, equipe, settings, tmp_path
):
    settings.POSTGRES_PROGRAMS = str(services.postgres.programs)
    settings.DATABASE_BACKUP_URL = own_site.postgres.url("app_sauvegarde", own_site.database)
    with own_site.serving() as web:
        crowd = start_crowd(web.url, equipe, tmp_path)
        crowd.wait_saved()
        begun = time.monotonic()
        made = backup(into=tmp_path / "copies")
        ended = time.monotonic()
        crowd.wait_saved(since=ended)
        crowd.stop()
    assert (crowd.faults, crowd.judge(), made.missing) == ([], [], ())
    before = {row["id"] for row in crowd.acknowledged if row["a"] < begun}
    # What was sent meanwhile may be acknowledged later.
    after = {row["id"] for row in crowd.acknowledged if row["de"] > ended}
    settings.MEDIA_ROOT = tmp_path / "ailleurs" / "media"
    with own_site.fresh(template="template0"):
        settings.DATABASE_OWNER_URL = own_site.postgres.url("app_migrate", own_site.database)
        back = restore(folder=made.folder)
        stored = {str(pk) for pk in Commit.objects.values_list("pk", flat=True)}
        assert back.is_sound, back.report.breaks
    assert before
    assert after
    assert before <= stored
    assert not after & stored
    assert back.instant == made.instant, "what was written after this instant is not there"

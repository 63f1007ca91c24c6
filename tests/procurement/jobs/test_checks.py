"""A queue that would hand over a job still at work is refused at start."""

from procurement.jobs.checks import check_visibility


def test_a_job_that_may_outlast_its_visibility_is_refused(settings):
    assert check_visibility(None) == []
    settings.CELERY_TASK_TIME_LIMIT = 600
    assert [one.id for one in check_visibility(None)] == ["jobs.E001"]

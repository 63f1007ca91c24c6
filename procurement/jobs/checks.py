"""System checks: settings of the queue under which a job would be done twice at once."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register("jobs")
def check_visibility(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A job is given to another worker only once the first one can no longer be at it."""
    limit = settings.CELERY_TASK_TIME_LIMIT
    visibility = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if limit < visibility:
        return []
    return [
        Error(
            f"Un travail peut durer {limit}\u00a0s et serait confié à un autre travailleur au bout de {visibility}\u00a0s.",
            hint="CELERY_TASK_TIME_LIMIT reste sous visibility_timeout.",
            id="jobs.E001",
        )
    ]

"""Who may follow, cancel and fetch a job: the person who asked, and nobody else."""

from enum import StrEnum
from uuid import UUID

from procurement.access.enums import Role
from procurement.access.registry import Resource, Rule
from procurement.accounts.models import User
from procurement.jobs.models import Job


class Action(StrEnum):
    """Actions on jobs, in alphabetical order."""

    JOB_CANCEL = "jobs:job:cancel"
    JOB_LIST = "jobs:job:list"
    JOB_READ = "jobs:job:read"


def _get(pk: UUID) -> Job | None:
    return Job.objects.filter(pk=pk).first()


def _roles(user: User, job: Job) -> frozenset[Role]:
    return frozenset({Role.CONNECTE}) if job.requested_by_id == user.pk else frozenset()


JOB = Resource(name="jobs:job", words="un travail", model=Job, get=_get, roles=_roles)

_own = frozenset({Role.CONNECTE})

MATRIX = {
    Action.JOB_CANCEL: Rule("Annuler un travail que l’on a demandé", _own, JOB.name),
    Action.JOB_LIST: Rule("Voir ses travaux", _own),
    Action.JOB_READ: Rule("Suivre un travail que l’on a demandé", _own, JOB.name),
}

"""Looks at the platform: database, migrations, clock, disk, Valkey, worker, antivirus.

Valkey, the worker and the antivirus are no condition of writing: without them the platform is
« degradee », and a load balancer must go on sending it people.
"""

import datetime
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from redis import Redis, RedisError

from procurement.documents.services import accepts_unscanned, is_configured, ping
from procurement.jobs.enums import StatutJob
from procurement.jobs.models import Job
from procurement.operations.enums import EtatSante, Organe


SIGN_OF_LIFE = "operations:signe_de_vie"
"""Key of the shared cache, in Postgres: an ISO instant, written by the worker."""
SILENCE = datetime.timedelta(minutes=2)
"""Four missed signs: the worker, the clock that rings it, or Valkey between them, is away."""
OFFSET = datetime.timedelta(seconds=2)
"""Beyond, the instants of the web process and those of the journal would contradict each other."""
DISK_ALERT = 2**30
"""Bytes free under which somebody should be told."""
DISK_FULL = 64 * 2**20
"""Bytes free under which a received file might not be kept whole."""
FRESH = 5.0
"""Seconds during which what was seen is answered again: whoever asks a lot costs nothing more."""


@dataclass(frozen=True, slots=True)
class Constat:
    """One thing looked at. mots: a French sentence, for who runs the server and nobody else."""

    organe: Organe
    etat: EtatSante
    mots: str


@dataclass(frozen=True, slots=True)
class Sante:
    """The platform at an instant."""

    constats: tuple[Constat, ...]

    @property
    def etat(self) -> EtatSante:
        """The worst of the constats."""
        order = list(EtatSante)
        return max(
            (one.etat for one in self.constats), key=order.index, default=EtatSante.EN_MARCHE
        )


def read_sante() -> Sante:
    """Look at everything now: three queries at most, none of which reads a person's data.

    Never raises for what is down. Two seconds for the antivirus, one for Valkey, at most.
    """
    base = _look_at_database()
    constats = [*base]
    if base[0].etat is not EtatSante.EN_PANNE:
        constats += [_look_at_migrations(), _look_at_worker()]
    constats += [_look_at_disk(), _look_at_valkey(), _look_at_antivirus()]
    return Sante(tuple(constats))


class _Lately:
    """What was last seen by this process; one thread looks, the others read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[float, Sante] | None = None

    def read(self) -> Sante:
        with self._lock:
            now = time.monotonic()
            if self._seen is None or now - self._seen[0] > FRESH:
                self._seen = (time.monotonic(), read_sante())
            return self._seen[1]

    def forget(self) -> None:
        self._seen = None


lately = _Lately()


def read_sante_lately() -> Sante:
    """What was seen less than FRESH seconds ago, or what is seen now. For the public address."""
    return lately.read()


def _look_at_database() -> list[Constat]:
    """The database, then the distance between its clock and ours."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            there = cursor.fetchone()[0]
    except Error:
        # A broken connection is not kept for the next person.
        connection.close_if_unusable_or_obsolete()
        return [Constat(Organe.BASE, EtatSante.EN_PANNE, "La base de données ne répond pas.")]
    offset = abs(timezone.now() - there)
    late = offset > OFFSET
    words = f"Écart avec l’horloge de la base\u202f: {offset.total_seconds():.1f}\u00a0s."
    return [
        Constat(Organe.BASE, EtatSante.EN_MARCHE, "La base de données répond."),
        Constat(Organe.HORLOGE, EtatSante.DEGRADEE if late else EtatSante.EN_MARCHE, words),
    ]


_migrated: set[str] = set()
"""Databases seen up to date by this process, whose code does not change."""


def _look_at_migrations() -> Constat:
    name = str(connection.settings_dict["NAME"])
    try:
        if name not in _migrated:
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if plan:
                words = f"Migrations à faire\u202f: {len(plan)} (manage.py migrate)."
                return Constat(Organe.MIGRATIONS, EtatSante.EN_PANNE, words)
            _migrated.add(name)
    except Error:
        words = "La table des migrations ne se lit pas."
        return Constat(Organe.MIGRATIONS, EtatSante.EN_PANNE, words)
    return Constat(Organe.MIGRATIONS, EtatSante.EN_MARCHE, "La base est à jour.")


def _look_at_worker() -> Constat:
    try:
        seen = cache.get(SIGN_OF_LIFE)
        now = timezone.now()
        last = datetime.datetime.fromisoformat(seen) if seen else None
        # During a long job it says nothing else than the lease it renews.
        alive = (last and now - last <= SILENCE) or Job.objects.filter(
            statut=StatutJob.EN_COURS, bail_jusqua__gt=now
        ).exists()
    except Error:
        return Constat(Organe.TRAVAILLEUR, EtatSante.DEGRADEE, "Le travailleur est inconnu.")
    if alive:
        return Constat(Organe.TRAVAILLEUR, EtatSante.EN_MARCHE, "Le travailleur répond.")
    words = (
        f"Le travailleur n’a plus donné signe de vie depuis le {timezone.localtime(last):%d/%m/%Y à %H:%M}."
        if last
        else "Le travailleur n’a jamais donné signe de vie."
    )
    return Constat(Organe.TRAVAILLEUR, EtatSante.DEGRADEE, words)


def _look_at_disk() -> Constat:
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        words = "Le dossier des fichiers (DATA_DIR) ne se lit pas."
        return Constat(Organe.DISQUE, EtatSante.EN_PANNE, words)
    words = f"Place libre pour les fichiers\u202f: {free / 2**30:.1f}\u00a0Gio."
    if free < DISK_FULL:
        return Constat(Organe.DISQUE, EtatSante.EN_PANNE, words)
    state = EtatSante.DEGRADEE if free < DISK_ALERT else EtatSante.EN_MARCHE
    return Constat(Organe.DISQUE, state, words)


def _look_at_valkey() -> Constat:
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        ) as valkey:
            valkey.ping()
    except (RedisError, OSError, ValueError):
        words = "Valkey ne répond pas\u202f: les travaux attendent, et se reprendront d’eux-mêmes."
        return Constat(Organe.VALKEY, EtatSante.DEGRADEE, words)
    return Constat(Organe.VALKEY, EtatSante.EN_MARCHE, "Valkey répond.")


def _look_at_antivirus() -> Constat:
    if not is_configured():
        kept = "ouverts sans analyse" if accepts_unscanned() else "gardés fermés"
        # What the administration has chosen is no fault; check --deploy speaks of it.
        words = f"Aucun antivirus\u202f: les fichiers reçus sont {kept}."
        return Constat(Organe.ANTIVIRUS, EtatSante.EN_MARCHE, words)
    if ping():
        return Constat(Organe.ANTIVIRUS, EtatSante.EN_MARCHE, "L’antivirus répond.")
    words = "L’antivirus ne répond pas\u202f: les fichiers reçus attendent, fermés."
    return Constat(Organe.ANTIVIRUS, EtatSante.DEGRADEE, words)

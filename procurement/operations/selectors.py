"""Looks at the platform: database, migrations, clock, disk, Valkey, worker, antivirus.

The database is asked to write, for good, one row that is nobody's: what only reads is down. Valkey, the worker and the antivirus are no condition of writing: without them the platform is
« degradee », and a load balancer must go on sending it people.
"""

import datetime
import importlib.metadata
import platform
import shutil
import threading
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import django
import psycopg2.errors
from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q
from django.utils import timezone
from redis import Redis, RedisError

from procurement.audit.selectors import durability, list_entries, list_seals
from procurement.audit.services import PLATFORM_CHAIN, read_verdict
from procurement.documents.domain.scanning import signatures_made
from procurement.documents.services import accepts_unscanned, is_configured, ping, read_version
from procurement.jobs.enums import StatutJob
from procurement.jobs.models import Job
from procurement.operations.domain.minutes import BEFORE, GAP, HOUR, MINUTE, Hour, Run, hours, runs
from procurement.operations.domain.reglages import translate
from procurement.operations.enums import EtatSante, Organe
from procurement.operations.models import MinuteSante
from procurement.ui.typographie import format_nombre, format_pluriel


SIGN_OF_LIFE = "operations:signe_de_vie"
"""Key of the shared cache, in Postgres: an ISO instant, written by the worker."""
UNVERIFIED = datetime.timedelta(days=2)
"""The night that verifies has failed twice: « intègre » says nothing of today any more."""
WITNESS = "operations:temoin"
"""Key of the shared cache that is written to know that the database writes."""
ROOM = 40_000
"""Rows laid on the disk of the database and taken away: about a megabyte, as a large save needs."""
MAILS = Q(kind__contains=":mail")
"""Kinds of jobs that end with a mail: accounts:mail, marches:mail_…"""
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


def _software() -> str:
    """Version of the site, as its project file says."""
    path = settings.BASE_DIR / "pyproject.toml"
    if not path.exists():
        return "inconnue"
    return str(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["version"])


SOFTWARE = _software()


@dataclass(frozen=True, slots=True)
class Constat:
    """One thing looked at. mots: a French sentence, for who runs the server and nobody else."""

    organe: Organe
    etat: EtatSante
    mots: str
    absent: str = ""
    """Said instead of the state: never installed, by choice, or never done yet. Nothing is wrong, and nothing
    is « en marche » either."""
    mesures: Mapping[str, float] = field(default_factory=dict)
    """What was measured, well or not: name with its unit → number. Kept by the minute."""


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
    """Look at everything now: a row written, and a few queries, none of which reads a person's data.

    Never raises for what is down. Two seconds for the antivirus, one for Valkey, at most.
    """
    base = _look_at_database()
    constats = [*base]
    if base[0].etat is not EtatSante.EN_PANNE:
        constats += [_look_at_migrations(), _look_at_worker(), *_look_at_evidence()]
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
    """The database, which must read and write, then the distance between its clock and ours."""
    try:
        there, reading = _try_reading()
    except Error:
        # A broken connection is not kept for the next person.
        connection.close_if_unusable_or_obsolete()
        return [Constat(Organe.BASE, EtatSante.EN_PANNE, "La base de données ne répond pas.")]
    offset = abs(timezone.now() - there)
    try:
        writing = _try_writing()
        size = _weigh()
    except Error as error:
        connection.close_if_unusable_or_obsolete()
        return [Constat(Organe.BASE, EtatSante.EN_PANNE, _say_unwritten(error))]
    late = offset > OFFSET
    seconds = f"{offset.total_seconds():.1f}".replace(".", ",")
    words = f"Écart avec l’horloge de la base\u202f: {seconds}\u00a0s."
    if late:
        words += (
            " C’est plus de deux secondes\u202f: ce que ce serveur date (échéances, séances) ne"
            " s’accorde plus avec le journal, qui est à l’heure de la base. Mettez-le à l’heure."
        )
    return [
        Constat(
            Organe.BASE,
            EtatSante.EN_MARCHE,
            "La base de données lit et écrit.",
            mesures={
                "lecture_ms": _milliseconds(reading),
                "ecriture_ms": _milliseconds(writing),
                "taille_mo": size,
            },
        ),
        Constat(
            Organe.HORLOGE,
            EtatSante.DEGRADEE if late else EtatSante.EN_MARCHE,
            words,
            mesures={"ecart_ms": _milliseconds(offset.total_seconds())},
        ),
    ]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _try_reading() -> tuple[datetime.datetime, float]:
    """Read one row: the instant of the database, and how long it took in seconds. Raises Error."""
    connection.ensure_connection()
    begun = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp(), (SELECT value FROM cache WHERE cache_key = %s)", [WITNESS]
        )
        there: datetime.datetime = cursor.fetchone()[0]
    return there, time.monotonic() - begun


def _try_writing() -> float:
    """Write one row for good: how long it took in seconds. Raises Error.

    A row alone may find a hole in a page of a full disk: room for a large save is asked for as well.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Beyond this memory the rows go to the disk that holds the tables, and leave it at once.
        cursor.execute("SELECT set_config('work_mem', '64kB', true)")
        cursor.execute("SELECT count(*) FROM generate_series(1, %s)", [ROOM])
    begun = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cache (cache_key, value, expires) VALUES (%s, clock_timestamp()::text, 'infinity')"
            " ON CONFLICT (cache_key) DO UPDATE SET value = EXCLUDED.value",
            [WITNESS],
        )
    return time.monotonic() - begun


def _weigh() -> float:
    """What the database takes on its disk, in megabytes. Raises Error."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchone()[0]
    return round(size / 2**20, 1)


def _say_unwritten(error: Error) -> str:
    cause = error.__cause__
    if isinstance(cause, psycopg2.errors.ReadOnlySqlTransaction):
        return "La base de données lit et n’écrit plus\u202f: elle est en lecture seule."
    if isinstance(cause, psycopg2.errors.DiskFull):
        return "La base de données n’a plus de place."
    return "La base de données répond et n’écrit pas."


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
        waiting = Q(statut=StatutJob.EN_FILE)
        unfinished = Job.objects.filter(statut__in=[StatutJob.EN_FILE, StatutJob.EN_COURS])
        found = unfinished.aggregate(
            # During a long job the worker says nothing else than the lease it renews.
            at_work=Count("pk", filter=Q(statut=StatutJob.EN_COURS, bail_jusqua__gt=now)),
            waiting=Count("pk", filter=waiting),
            mails=Count("pk", filter=waiting & MAILS),
            oldest=Min("created_at", filter=waiting),
        )
    except Error:
        return Constat(Organe.TRAVAILLEUR, EtatSante.DEGRADEE, "Le travailleur est inconnu.")
    measured = {
        "travaux_en_file": found["waiting"],
        "courriels_en_file": found["mails"],
        "plus_ancien_s": round((now - found["oldest"]).total_seconds()) if found["oldest"] else 0,
    }
    if (last and now - last <= SILENCE) or found["at_work"]:
        words = "Le travailleur répond."
        return Constat(Organe.TRAVAILLEUR, EtatSante.EN_MARCHE, words, mesures=measured)
    words = (
        f"Le travailleur n’a plus donné signe de vie depuis le {timezone.localtime(last):%d/%m/%Y à %H:%M}."
        if last
        else "Le travailleur n’a jamais donné signe de vie."
    )
    return Constat(Organe.TRAVAILLEUR, EtatSante.DEGRADEE, words, mesures=measured)


def _look_at_evidence() -> list[Constat]:
    """What the last verifications found, and when. Neither prevents writing: it must be told."""
    try:
        verdict = read_verdict()
        seals = list_seals(limit=1)
        begun = verdict.instant or first_minute()
    except Error:
        words = "Le journal de la plateforme ne se lit pas."
        return [Constat(Organe.PREUVE, EtatSante.DEGRADEE, words)]
    now = timezone.now()
    sealed = {"sceau_h": _hours(now - seals[0].instant)} if seals else {}
    if verdict.alert is not None:
        words = (
            f"L’histoire ne concorde plus\u202f: {format_pluriel(verdict.alert.count, 'rupture')}"
            " à la dernière vérification."
        )
        found = Constat(Organe.PREUVE, EtatSante.DEGRADEE, words, mesures=sealed)
    elif verdict.instant is None:
        words = "Aucune vérification n’a encore été faite."
        found = Constat(Organe.PREUVE, EtatSante.EN_MARCHE, words, absent="à venir", mesures=sealed)
    else:
        words = f"Histoire intègre le {timezone.localtime(verdict.instant):%d/%m/%Y à %H:%M}."
        found = Constat(Organe.PREUVE, EtatSante.EN_MARCHE, words, mesures=sealed)
    return [found, _look_at_verification(verdict.instant, begun, now)]


def _look_at_verification(
    last: datetime.datetime | None, begun: datetime.datetime | None, now: datetime.datetime
) -> Constat:
    """Whether the nights verify. begun: the last verification, or else the first minute of the platform."""
    measured = {"age_h": _hours(now - last)} if last else {}
    if begun and now - begun > UNVERIFIED:
        words = "Rien n’a été vérifié depuis plus de deux jours\u202f: «\u202fintègre\u202f» ne dit plus rien d’aujourd’hui."
        return Constat(Organe.VERIFICATION, EtatSante.DEGRADEE, words, mesures=measured)
    if last is None:
        words = "La première se fera cette nuit."
        return Constat(Organe.VERIFICATION, EtatSante.EN_MARCHE, words, absent="à venir")
    words = "L’histoire a été relue il y a moins de deux jours."
    return Constat(Organe.VERIFICATION, EtatSante.EN_MARCHE, words, mesures=measured)


def _hours(age: datetime.timedelta) -> float:
    return round(age / HOUR, 1)


def _look_at_disk() -> Constat:
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        words = "Le dossier des fichiers (DATA_DIR) ne se lit pas."
        return Constat(Organe.DISQUE, EtatSante.EN_PANNE, words)
    words = f"Place libre pour les fichiers\u202f: {format_nombre(free / 2**30, 1)}\u00a0Gio."
    state = EtatSante.DEGRADEE if free < DISK_ALERT else EtatSante.EN_MARCHE
    state = EtatSante.EN_PANNE if free < DISK_FULL else state
    return Constat(Organe.DISQUE, state, words, mesures={"libre_mo": round(free / 2**20, 1)})


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
        return Constat(Organe.ANTIVIRUS, EtatSante.EN_MARCHE, words, absent="absent")
    if ping():
        made = signatures_made(read_version())
        measured = {"signatures_h": _hours(timezone.now() - made)} if made else {}
        words = "L’antivirus répond."
        return Constat(Organe.ANTIVIRUS, EtatSante.EN_MARCHE, words, mesures=measured)
    words = "L’antivirus ne répond pas\u202f: les fichiers reçus attendent, fermés."
    return Constat(Organe.ANTIVIRUS, EtatSante.DEGRADEE, words)


# ── The page of who runs the platform ───────────────────────────────────────────────────────────

SHOWN = datetime.timedelta(hours=12)
CHECKED_FOR = 300.0
"""Seconds during which the settings are not checked again: they change with a restart only."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The last hours, minute by minute. troubles: what was not « en marche », newest first."""

    hours: tuple[Hour, ...]
    troubles: tuple[Run, ...]
    proved: int
    expected: int
    first: datetime.datetime | None


def first_minute() -> datetime.datetime | None:
    """When the health journal begins; one query."""
    return MinuteSante.objects.order_by("minute").values_list("minute", flat=True).first()


def read_journal(until: datetime.datetime, *, window: datetime.timedelta = SHOWN) -> Journal:
    """Minutes of a window that ends at an instant; two queries.

    The minute that runs and the one before it may still be on their way: they are left out.
    """
    end = until.astimezone(datetime.UTC).replace(second=0, microsecond=0) - MINUTE
    since = end - window
    rows = MinuteSante.objects.filter(minute__gte=since, minute__lt=end)
    seen = {
        row.minute: (row.etat, [said["mots"] for said in row.constats.values()]) for row in rows
    }
    first = first_minute()
    found = runs(seen, since, end, first)
    quiet = {BEFORE, str(EtatSante.EN_MARCHE)}
    expected = sum(run.minutes for run in found if run.etat != BEFORE)
    return Journal(
        hours=tuple(hours(found)),
        troubles=tuple(run for run in reversed(found) if run.etat not in quiet),
        proved=expected - sum(run.minutes for run in found if run.etat == GAP),
        expected=expected,
        first=first,
    )


@dataclass(frozen=True, slots=True)
class Trace:
    """The last time that something was done. detail: what was said of it; bien: whether it is well."""

    nom: str
    instant: datetime.datetime | None
    detail: str
    bien: bool


DAY = datetime.timedelta(days=1)


def read_traces() -> list[Trace]:
    """The last backup, seal and verification, from the journal of the platform; three queries."""
    now = timezone.now()
    saved = list_entries(PLATFORM_CHAIN, action="operations:backup:made", limit=1)
    verdict = read_verdict()
    sealed = list_seals(limit=1)
    traces = []
    if saved:
        missing = saved[0].corps["details"]["manquants"]
        said = f"{saved[0].corps['details']['fichiers']} fichiers"
        said += f", {missing} manquants" if missing else ""
        well = not missing and now - saved[0].instant < 2 * DAY
        traces.append(Trace("Sauvegarde", saved[0].instant, said, well))
    else:
        said = (
            "Aucune par la commande backup. Une autre sauvegarde de la base ne se voit pas d’ici."
        )
        traces.append(Trace("Sauvegarde", None, said, bien=False))
    if sealed:
        said = f"{sealed[0].n} chaînes scellées"
        traces.append(Trace("Sceau", sealed[0].instant, said, now - sealed[0].instant < 2 * DAY))
    else:
        traces.append(Trace("Sceau", None, "Le premier se fera cette nuit.", bien=False))
    if verdict.instant is not None:
        result = "intègre" if verdict.alert is None else "rompue"
        said = f"{result}, {format_nombre(verdict.entries)} lignes relues"
        well = verdict.alert is None and now - verdict.instant < 2 * DAY
        traces.append(Trace("Vérification", verdict.instant, said, well))
    else:
        traces.append(Trace("Vérification", None, "La première se fera cette nuit.", bien=False))
    return traces


def read_versions() -> list[tuple[str, str]]:
    """Name and version of each program, and what the database promises; what does not answer is said so."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        ) as valkey:
            told = valkey.info("server")
            queue = str(told.get("valkey_version") or told.get("redis_version"))
    except (RedisError, OSError, ValueError):
        queue = "ne répond pas"
    antivirus = read_version().split("/")[0].removeprefix("ClamAV ") if is_configured() else "aucun"
    return [
        ("Wiki-Marché", SOFTWARE),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Postgres", postgres.split(" ")[0]),
        (
            "Ce que Postgres garantit",
            ", ".join(f"{one} {value}" for one, value in durability().items()),
        ),
        ("Valkey", queue),
        ("Antivirus (ClamAV)", antivirus or "ne répond pas"),
        ("WeasyPrint", importlib.metadata.version("weasyprint")),
    ]


@dataclass(frozen=True, slots=True)
class Reglage:
    """A setting to look at again. grave: it opens a door, or breaks something."""

    numero: str
    mots: str
    faire: str
    grave: bool


class _Settings:
    """What the checks of this process said; they last a second or two."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: tuple[float, list[Reglage]] | None = None

    def read(self) -> list[Reglage]:
        with self._lock:
            if self._seen is None or time.monotonic() - self._seen[0] > CHECKED_FOR:
                self._seen = (time.monotonic(), check_settings())
            return self._seen[1]


reglages = _Settings()


def check_settings() -> list[Reglage]:
    """What manage.py check --deploy says, in French, the worst first."""
    found = checks.run_checks(include_deployment_checks=True)
    told = []
    for one in sorted(found, key=lambda one: -one.level):
        mots, faire = translate(str(one.id), one.msg, one.hint or "")
        told.append(Reglage(str(one.id), mots, faire, one.level >= checks.ERROR))
    return told

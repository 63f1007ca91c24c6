"""Early pytest plugin: a real Postgres and a real Valkey before the settings are read.

Loaded by `-p tests.services` (conftest would be too late). The first run migrates a template
database; the next ones clone it. What decides the template is in `template_sources`.

    WM_TEST_DURABLE=on    keep fsync, for the tests of faults
    WM_POSTGRES=DIR       other Postgres programs (Debian's 15)
    DATABASE_URL_TEST     an outside server instead, as its superuser
"""

import atexit
import contextlib
import fcntl
import importlib.machinery
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg2


ROOT = Path(__file__).resolve().parent.parent


def _load_wm():
    """Import ./wm, which has no suffix: its servers are the ones people run."""
    loader = importlib.machinery.SourceFileLoader("wm", str(ROOT / "wm"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("wm", loader))
    sys.modules["wm"] = module
    loader.exec_module(module)
    return module


wm = _load_wm()


class OutsidePostgres(wm.Postgres):
    """A server that somebody else runs."""

    def __init__(self, url: str, secrets: dict[str, str]) -> None:
        parts = urlsplit(url)
        self.admin, self.secrets, self.child = url, secrets, None
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 5432
        self.programs, self.prefix, self.options = self.find_programs(), [], {}

    def start(self, first_port: int) -> None:
        """It runs already."""

    def _target(self, database: str) -> list[str]:
        address = urlsplit(self.admin)._replace(path=f"/{database}").geturl()
        return [*super()._target(database)[:-1], address]

    def url(self, role: str, database: str = "wikimarche") -> str:
        return f"postgres://{role}:{quote(self.secrets[role])}@{self.host}:{self.port}/{database}"


# Signature of the EICAR test file, which is no malware: every antivirus knows it. In hexadecimal,
# so that the antivirus of whoever reads this file lets it be.
EICAR = (
    "58354f2150254041505b345c505a58353428505e2937434329377d2445494341522d5354414e44415244"
    "2d414e544956495255532d544553542d46494c452124482b482a"
)


class Clamd:
    """A real clamd in a folder, with two local signatures and nothing from the network."""

    PROGRAM = Path("/usr/sbin/clamd")

    def __init__(self, folder: Path, *, stream_limit: str = "100M") -> None:
        self.folder, self.socket = folder, folder / "clamd"
        self.url = f"unix://{self.socket}"
        base = folder / "signatures"
        base.mkdir(parents=True)
        (base / "essai.ndb").write_text(
            f"Essai.EICAR:0:*:{EICAR}\nEssai.Marque:0:*:{b'marque-hostile'.hex()}\n"
        )
        self.conf = folder / "clamd.conf"
        self.conf.write_text(
            f"LocalSocket {self.socket}\nDatabaseDirectory {base}\nTemporaryDirectory {folder}\n"
            f"Foreground yes\nStreamMaxLength {stream_limit}\nMaxThreads 4\n"
        )
        self.child = wm.Child(
            "clamd",
            [str(self.PROGRAM), f"--config-file={self.conf}"],
            {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            folder / "clamd.log",
        )

    def start(self) -> None:
        """Start, or start again, and wait until it answers."""
        self.socket.unlink(missing_ok=True)
        self.child.start()
        self.child.wait_ready(self.answers, seconds=30)

    def answers(self) -> bool:
        """Tell whether it accepts work."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as link:
            link.settimeout(5)
            link.connect(str(self.socket))
            link.sendall(b"zPING\0")
            return link.recv(16) == b"PONG\0"
        return False

    def stop(self) -> None:
        """Leave nothing running."""
        self.child.stop()


def template_sources() -> list[Path]:
    """Everything that changes what `migrate` leaves in a database."""
    kept = [ROOT / "wm", ROOT / "procurement" / "settings.py"]
    for package in wm.PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            inside = {"migrations", "audit", "management", "registry"} & set(path.parts)
            if inside or path.name in {"apps.py", "registry.py", "receivers.py", "permissions.py"}:
                kept.append(path)
    return kept


class Services:
    """The servers of this pytest process, and the databases cloned from the template."""

    def __init__(self) -> None:
        self.folder = self._take_folder()
        secrets = wm.read_secrets(self.folder.parent)
        outside = os.environ.get("DATABASE_URL_TEST")
        hasty = os.environ.get("WM_TEST_DURABLE", "off") == "off"
        self.postgres = (
            OutsidePostgres(outside, secrets)
            if outside
            else wm.Postgres(self.folder, secrets, hasty=hasty)
        )
        self.valkey = wm.Valkey(self.folder, secrets)
        self.data = self.site = Path(tempfile.mkdtemp(prefix="wm-essais-"))
        self.secret_key = secrets["SECRET_KEY"]

    def _take_folder(self) -> Path:
        """One folder per pytest process at a time; a second process takes the next one."""
        number = 1
        while True:
            folder = wm.VAR / "tests" / str(number)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.lock = (folder / "lock").open("a")
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return folder
            self.lock.close()
            number += 1

    def start(self) -> None:
        """Start the servers, make the template and the static files if they changed, and clone."""
        atexit.register(self.stop)
        shutil.rmtree(self.folder / "valkey", ignore_errors=True)
        # A band for each process: what another one has started is never taken for one's own.
        number = int(self.folder.name)
        first = int(os.environ.get("PORT") or 20000) + 20 + 60 * (number - 1)
        wm.start_on_free_port(self.postgres, first)
        wm.start_on_free_port(self.valkey, first)
        self._collect_static()
        self.template = f"modele_{wm.digest(template_sources())[:16]}"
        self._make_template()
        self.database = self.clone()
        os.environ.update(self.environment(self.database))

    def leave_to_workers(self) -> None:
        """Start nothing: with `-n`, each worker has its servers, and this process only counts."""
        atexit.register(self.stop)
        self.lock.close()
        os.environ.update(self.environment("none"))

    def stop(self) -> None:
        """Leave nothing running."""
        if self.valkey.child:
            self.valkey.child.stop()
        if self.postgres.child:
            self.postgres.child.stop()
        elif hasattr(self, "database"):
            self.drop(self.database)
        shutil.rmtree(self.data, ignore_errors=True)

    def _make_template(self) -> None:
        # Only one folder has an embedded server, so what is left there was left by a kill -9.
        mine = "essai_%" if self.postgres.child else "essai_nobody"
        names = self.postgres.sql(
            f"SELECT datname FROM pg_database WHERE datname LIKE ANY ('{{modele_%,{mine}}}')"  # noqa: S608
        ).split()
        for name in names:
            if name != self.template:
                self.drop(name)
        if self.template in names:
            return
        unfinished = f"modele_{uuid.uuid4().hex}"
        self.postgres.create_database(unfinished)
        self.run_manage("migrate", "--noinput", database=unfinished)
        self.postgres.sql(f'ALTER DATABASE "{unfinished}" RENAME TO "{self.template}"')

    def _collect_static(self) -> None:
        """Templates name files by their hashed names, as in production."""
        sources = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
        folder = self.folder / f"static-{wm.digest(sources)[:16]}"
        if not folder.exists():
            for stale in self.folder.glob("static-*"):
                shutil.rmtree(stale)
            unfinished = self.folder / "static-new"
            self.run_manage("collectstatic", "--noinput", DATA_DIR=str(unfinished))
            (unfinished / "static").mkdir(parents=True, exist_ok=True)
            (unfinished / "static").rename(folder)
            shutil.rmtree(unfinished)
        (self.data / "static").symlink_to(folder)

    def run_manage(self, *args: str, database: str = "postgres", **variables: str) -> None:
        """Run a management command; its output is shown when it fails."""
        env = {**os.environ, **self.environment(database), **variables}
        done = subprocess.run(  # noqa: S603
            [sys.executable, str(ROOT / "manage.py"), *args],
            env=env, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"manage.py {' '.join(args)} failed:\n{done.stdout}")

    def environment(self, database: str, *, role: str = "app_web", **others: str) -> dict[str, str]:
        """Return the variables of procurement/settings.py for a process on this database."""
        return {
            "DATABASE_URL": self.postgres.url(role, database),
            "DATABASE_OWNER_URL": self.postgres.url("app_migrate", database),
            "DATABASE_BACKUP_URL": self.postgres.url("app_sauvegarde", database),
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": self.secret_key,
            "PUBLIC_URL": "http://127.0.0.1",
            "DATA_DIR": str(self.site),
            "CLAMAV_URL": "",
            "UNSCANNED_FILES": "accepter",
            "LOG_FORMAT": "texte",
            "POSTGRES_PROGRAMS": str(self.postgres.programs),
            "EMAIL_URL": "memorymail://",
            "LANG": "C.UTF-8",
            **others,
        }

    def make_folder(self) -> Path:
        """Make a folder of data: no file yet, and the static ones."""
        folder = Path(tempfile.mkdtemp(dir=self.data))
        (folder / "static").symlink_to((self.data / "static").readlink())
        return folder

    @contextlib.contextmanager
    def empty_site(self) -> Iterator[Path]:
        """Lend a folder without any stored file to this process and to those it starts."""
        before, self.site = self.site, self.make_folder()
        try:
            yield self.site
        finally:
            shutil.rmtree(self.site, ignore_errors=True)
            self.site = before

    def clone(self) -> str:
        """Copy the template; the name is new each time."""
        name = f"essai_{uuid.uuid4().hex}"
        roles = wm.load_alone("procurement/audit/domain/roles.py")
        self._as_superuser(
            f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"',
            ";".join(roles.roles_statements(name)),
        )
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever still uses it."""
        self._as_superuser(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _as_superuser(self, *statements: str) -> None:
        """Run each on its own, by one connection: psql takes four programs to make a clone."""
        admin = getattr(self.postgres, "admin", "") or self.postgres.url("postgres", "postgres")
        link = psycopg2.connect(admin)
        try:
            link.autocommit = True
            with link.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            link.close()

    @contextlib.contextmanager
    def cloned(self) -> Iterator[str]:
        """Lend a fresh clone and drop it afterwards."""
        name = self.clone()
        try:
            yield name
        finally:
            self.drop(name)


services = Services()
shared = "-n" in sys.argv and sys.argv[sys.argv.index("-n") + 1] != "0"
if shared and "PYTEST_XDIST_WORKER" not in os.environ:
    services.leave_to_workers()
else:
    services.start()

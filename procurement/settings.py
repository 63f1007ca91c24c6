"""The only settings module. What changes between machines is a variable, read once, here.

Each variable is declared with its type, its default and a sentence; ``docs/configuration.md`` is
printed from VARIABLES. Without the required ones the process refuses to start and names them.
"""

from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured


BASE_DIR = Path(__file__).resolve().parent.parent

# name: (type, default, sentence). A default of None means required.
VARIABLES = {
    "SECRET_KEY": (str, None, "Secret of signatures and sessions, at least 50 characters."),
    "SECRET_KEY_FALLBACKS": (
        str,
        "",
        "Former secrets, separated by commas: what they signed or encrypted still holds, and nothing new is.",
    ),
    "DATABASE_URL": (str, None, "Postgres, as the role of the web process (app_web)."),
    "DATABASE_OWNER_URL": (str, "", "Postgres, as app_migrate; used by migrate and restore only."),
    "DATABASE_BACKUP_URL": (
        str,
        "",
        "Postgres, as app_sauvegarde, which reads and never writes; used by backup only.",
    ),
    "DATABASE_PATIENCE": (
        int,
        5,
        "Seconds a request waits for a database fallen silent before people are told so; 0: for ever.",
    ),
    "POSTGRES_PROGRAMS": (
        str,
        "",
        "Folder of pg_dump and pg_restore, not older than the server. Empty: those that come with the site.",
    ),
    "REDIS_URL": (str, None, "Valkey or Redis: the bell of the jobs, never the truth."),
    "PUBLIC_URL": (str, None, "Address people type, with its scheme: https://marches.region.fr."),
    "DATA_DIR": (str, "var", "Folder of the stored files, outside the web root."),
    "DEBUG": (bool, False, "Development pages. Never on a server."),
    "DEMO": (bool, False, "Demonstration: known passwords, second factor not compulsory."),
    "EMAIL_URL": (
        str,
        "consolemail://",
        "Outgoing mail, as smtp+tls://user:password@host:587. None given in DEMO: kept on a page.",
    ),
    "EMAIL_FROM": (str, "Wiki-Marché <ne-pas-repondre@localhost>", "Sender of the mails."),
    "TRUSTED_PROXIES": (int, 0, "Number of proxies in front; 0 when there is none."),
    "CLAMAV_URL": (
        str,
        "",
        "Antivirus (clamd): unix:///run/clamav/clamd.ctl or tcp://clamav:3310.",
    ),
    "UNSCANNED_FILES": (str, "refuser", "Without CLAMAV_URL: refuser or accepter received files."),
    "LOG_FORMAT": (str, "json", "json (one event a line) or texte."),
    "LOG_COPY": (
        str,
        "",
        "Where who runs the server has the traces copied: rsyslog://traces.region.fr. Said, not used.",
    ),
}

env = environ.Env()


def _read(name: str) -> Any:
    kind, default, _ = VARIABLES[name]
    if name not in env.ENVIRON:
        return default
    return {str: env.str, bool: env.bool, int: env.int}[kind](name)


_values = {name: _read(name) for name in VARIABLES}
_missing = [name for name, value in _values.items() if value is None]
if _missing:
    raise ImproperlyConfigured(
        f"Missing environment variables: {', '.join(_missing)}. "
        "./wm gives them for the demonstration; docs/configuration.md describes them."
    )

SECRET_KEY = _values["SECRET_KEY"]
SECRET_KEY_FALLBACKS = [
    secret for given in _values["SECRET_KEY_FALLBACKS"].split(",") if (secret := given.strip())
]
DEBUG = _values["DEBUG"]
DEMO = _values["DEMO"]
PUBLIC_URL = _values["PUBLIC_URL"].rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
DATA_DIR = Path(_values["DATA_DIR"]).resolve()

_host = PUBLIC_URL.split("://", 1)[1]
ALLOWED_HOSTS = [_host.rsplit(":", 1)[0]]
if not HTTPS:
    ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "procurement.ui",
    "procurement.audit",
    "procurement.accounts",
    "procurement.organisations",
    "procurement.access",
    "procurement.jobs",
    "procurement.documents",
    "procurement.operations",
    "procurement.marches",
    "wikimarche",
    "edossier",
    "impacts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "csp",
    "django_filters",
    "django_htmx",
    "reversion",
]
if DEMO:
    INSTALLED_APPS += ["procurement.demo"]

MIDDLEWARE = [
    "procurement.ui.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "procurement.ui.middleware.FeaturesMiddleware",
    "procurement.operations.middleware.PatienceMiddleware",
    "procurement.documents.middleware.BodyLimitMiddleware",
    "procurement.ui.middleware.PrivatePagesMiddleware",
    "procurement.accounts.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "procurement.accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "procurement.accounts.middleware.SessionActivityMiddleware",
    "procurement.accounts.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "procurement.urls"
WSGI_APPLICATION = "procurement.wsgi.application"
ASGI_APPLICATION = "procurement.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# ── Database ────────────────────────────────────────────────────────────────────────────────
DATABASES = {"default": env.db_url_config(_values["DATABASE_URL"])}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"] |= {
    "connect_timeout": 3,
    # A machine that vanished answers nothing, not even a refusal: the line is given up.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
# A server that is there and says nothing: procurement/operations/services/patience.py.
DATABASE_PATIENCE = _values["DATABASE_PATIENCE"]
# The roles carry their own time-outs (manage.py roles_sql); any other sign-in gets the web's.
if not str(DATABASES["default"].get("USER")).startswith("app_"):
    DATABASES["default"]["OPTIONS"]["options"] = (
        "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"
    )
DATABASE_OWNER_URL = _values["DATABASE_OWNER_URL"]
DATABASE_BACKUP_URL = _values["DATABASE_BACKUP_URL"]
POSTGRES_PROGRAMS = _values["POSTGRES_PROGRAMS"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared by all processes (limits, one-time codes) without making Redis a condition of sign-in.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
    }
}

# ── Jobs ────────────────────────────────────────────────────────────────────────────────────
REDIS_URL = _values["REDIS_URL"]
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_MAX_TASKS_PER_CHILD = 20
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # A bell that cannot ring gives up at once: nobody waits for it, the sweeper rings again.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TIMEZONE = "Europe/Paris"
# Its file is its sign of life: written each time it rings.
CELERY_BEAT_SYNC_EVERY = 1
CELERY_BEAT_SCHEDULE = {
    "jobs.sweep": {"task": "jobs.sweep", "schedule": 30},
    "documents.sweep_analyses": {"task": "documents.sweep_analyses", "schedule": 60},
    "documents.sweep_files": {"task": "documents.sweep_files", "schedule": 3600},
    # Not answered in time, a call is forgotten: they do not pile up behind a long job.
    "operations.sign_life": {
        "task": "operations.sign_life",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "operations.purge_minutes": {
        "task": "operations.purge_minutes",
        "schedule": crontab(hour=3, minute=10),
    },
    "marches.end_acces": {"task": "marches.end_acces", "schedule": 60},
    "audit.seal_evidence": {
        "task": "audit.seal_evidence",
        "schedule": crontab(hour=1, minute=10),
    },
    "audit.verify_evidence": {
        "task": "audit.verify_evidence",
        "schedule": crontab(hour=2, minute=10),
    },
}

# ── Accounts ────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    # Long rather than complicated: no rule of composition, at least 64 characters accepted.
    {"NAME": "procurement.accounts.validators.PasswordLengthValidator"},
    {"NAME": "procurement.accounts.validators.CommonPasswordsValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "prenom", "nom")},
    },
]
PASSWORD_RESET_TIMEOUT = 2 * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "procurement.accounts.adapters.AccountAdapter"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_FORMS = {
    "add_email": "procurement.accounts.forms.AddEmailForm",
    "change_password": "procurement.accounts.forms.ChangePasswordForm",
    "login": "procurement.accounts.forms.LoginForm",
    "reauthenticate": "procurement.accounts.forms.ReauthenticateForm",
    "reset_password": "procurement.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "procurement.accounts.forms.ResetPasswordKeyForm",
    "set_password": "procurement.accounts.forms.SetPasswordForm",
    "signup": "procurement.accounts.forms.SignupForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_DISPLAY = str
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
MFA_ADAPTER = "procurement.accounts.adapters.MFAAdapter"
# Verification is mandatory before any session: an address still to verify can only be a change
# asked for by the owner, which a second factor must not prevent.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "activate_totp": "procurement.accounts.forms.ActivateTOTPForm",
    "add_webauthn": "procurement.accounts.forms.AddWebAuthnForm",
    "authenticate": "procurement.accounts.forms.AuthenticateForm",
    "edit_webauthn": "procurement.accounts.forms.EditWebAuthnForm",
    "reauthenticate": "procurement.accounts.forms.ReauthenticateCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
USERSESSIONS_TRACK_ACTIVITY = True
SESSION_ENGINE = "procurement.accounts.middleware"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-seance" if HTTPS else "seance"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"

# ── Browser ─────────────────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
# A probe beside the site asks it without the proxy; the answer holds nothing to hide.
SECURE_REDIRECT_EXEMPT = [r"^sante/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if _values["TRUSTED_PROXIES"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = _values["TRUSTED_PROXIES"]
X_FRAME_OPTIONS = "DENY"

# ── Files ───────────────────────────────────────────────────────────────────────────────────
MEDIA_ROOT = DATA_DIR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = DEBUG
# The pages of the site are alone to read its files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
CLAMAV_URL = _values["CLAMAV_URL"]
UNSCANNED_FILES = _values["UNSCANNED_FILES"]
# 25 MB for a document, and what a form adds around it.
BODY_LIMIT = 26 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 60
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20

# ── Language and time ───────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# ── Mail ────────────────────────────────────────────────────────────────────────────────────
vars().update(env.email_url_config(_values["EMAIL_URL"]))
if DEMO and "EMAIL_URL" not in env.ENVIRON:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "courriels"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _values["EMAIL_FROM"]

# ── Logs: one event a line, escaped, no secret (procurement/ui/logs.py) ─────────────────────
LOG_COPY = _values["LOG_COPY"]
_formats = {"json": "JsonFormatter", "texte": "TextFormatter"}
if _values["LOG_FORMAT"] not in _formats:
    raise ImproperlyConfigured("LOG_FORMAT is json or texte.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_address": {"()": "procurement.ui.logs.WithoutAddress"}},
    "formatters": {"line": {"()": f"procurement.ui.logs.{_formats[_values['LOG_FORMAT']]}"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Their own handlers, set before this is read, write free text: taken off.
        "django": {"handlers": [], "propagate": True},
        "django.request": {"filters": ["without_address"]},
        "django.security": {"filters": ["without_address"]},
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.error": {"handlers": [], "propagate": True},
        # It writes whole addresses; the line of the request says the rest.
        "uvicorn.access": {"handlers": [], "propagate": False},
    },
}

"""Who is signed in, second factor where it is compulsory, and when each session was last seen."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware as BaseSessionMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from procurement.accounts.models import User
from procurement.accounts.selectors import (
    Person,
    has_proved_second_factor,
    read_session,
    second_factor_state,
)


GetResponse = Callable[[HttpRequest], HttpResponse]

# All that can be done before the second factor: set it up, prove it, leave.
BEFORE_SECOND_FACTOR = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_authenticate",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "mfa_list_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_view_recovery_codes",
    }
)
SET_UP = "Votre fonction demande une double authentification : activez-la pour continuer."
PROVE = "Votre fonction demande une double authentification : donnez votre code pour continuer."


class SessionStore(db.SessionStore):
    """The sessions of Django, in its table and its format. Its key is turned by its own request alone.

    allauth asks Django whose a session is, to list those of a person; while SECRET_KEY changes,
    Django answers by turning the key, and the browser that holds it would be thrown out.
    """

    def cycle_key(self) -> None:
        """Leave the key as it is: this is a session looked at from elsewhere."""


class AskedSessionStore(db.SessionStore):
    """The session of a request, read with its person in one query."""

    key_salt = db.SessionStore().key_salt
    """Signed as the others: Django would take the name of this class for it."""
    person: Person | None = None

    def load(self) -> dict[str, Any]:
        """Read the session from the database; a dead one leaves its key."""
        found = read_session(str(self.session_key))
        if found is None:
            self._session_key = None
            return {}
        data, self.person = found
        return self.decode(data)


class SessionMiddleware(BaseSessionMiddleware):
    """The one of Django, whose sessions come with their person."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self.SessionStore = AskedSessionStore

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Tell the browser to forget its key only where the session ended here.

        A key that leads nowhere may have been sent just before it turned, from another tab: to
        forget it would take away the new one, that the browser has received since.
        """
        ended = request.session.modified
        response = super().process_response(request, response)
        if not ended and request.session.is_empty():
            response.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return response


class PersonMiddleware(AuthenticationMiddleware):
    """The one of Django, spared its query when the session has come with the person it says.

    Whatever is not plainly that (another person, a closed account, a password changed since, keys
    that have turned) is judged by Django, from the beginning.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person_of(request))  # type: ignore[assignment]


def _person_of(request: Any) -> User | AnonymousUser:
    """Find who asks, once: kept where Django keeps it."""
    person = getattr(request, "_cached_user", None)
    if person is None:
        person = _plainly_signed_in(request.session) or auth.get_user(request)
        request._cached_user = person  # noqa: SLF001 - Django reads it there too
    return person


def _plainly_signed_in(session: Any) -> User | None:
    """Ask all that Django asks before it believes a session (``django.contrib.auth.get_user``)."""
    key, path = session.get(auth.SESSION_KEY), session.get(auth.BACKEND_SESSION_KEY)
    person = getattr(session, "person", None)
    if person is None or path not in settings.AUTHENTICATION_BACKENDS:
        return None
    backend, user = auth.load_backend(path), person.user
    if not isinstance(backend, ModelBackend) or str(user.pk) != key:
        return None
    if type(backend).get_user is not ModelBackend.get_user:
        return None
    proof = session.get(auth.HASH_SESSION_KEY) or ""
    stands = constant_time_compare(proof, user.get_session_auth_hash())
    return user if stands and backend.user_can_authenticate(user) else None


class SecondFactorMiddleware:
    """Stop people whose role asks for a second factor until this session has shown it.

    On every route, by default: a view cannot forget it. The role is read at each request, so it
    acts as soon as it is given.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._refusal(request) or self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        user = request.user
        if settings.DEMO or not user.is_authenticated:
            return None
        has_factor, is_compulsory = _second_factor(request, user)
        if not is_compulsory or (has_factor and has_proved_second_factor(request, user)):
            return None
        # Asked last: Django will resolve the address again, and it is one of the slow things.
        if _route(request) in BEFORE_SECOND_FACTOR:
            return None
        words, url = (
            (PROVE, reverse("mfa_reauthenticate")) if has_factor else (SET_UP, reverse("mfa_index"))
        )
        if request.headers.get("HX-Request"):
            # htmx leaves the page for this address whatever the status.
            return HttpResponse(words, status=403, headers={"HX-Redirect": url})
        if _wants_data(request):
            return JsonResponse(
                {"erreur": words, "code": "second_facteur", "adresse": url}, status=403
            )
        messages.warning(request, words)
        back = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
        return redirect(f"{url}{back}")


def _second_factor(request: HttpRequest, user: User) -> tuple[bool, bool]:
    """Tell what this request read of it with the session, or ask."""
    known = getattr(request.session, "person", None)
    if known is None or known.user.pk != user.pk:
        return second_factor_state(user)
    return known.has_factor, known.is_compulsory


def _route(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return None


def _wants_data(request: HttpRequest) -> bool:
    accept = request.headers.get("Accept", "")
    return (
        request.content_type == "application/json"
        or request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.headers.get("Sec-Fetch-Dest") == "empty"
        or ("application/json" in accept and "text/html" not in accept)
    )


class SessionActivityMiddleware:
    """Keep when, from where and with what each session was last seen; one write a minute.

    The one of allauth writes at every request, which a page that polls would multiply.
    """

    PACE = timedelta(minutes=1)
    MANY = 10_000

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.seen: dict[tuple[str, object], datetime] = {}
        """Sessions this process knows to have been noted, and until when that is enough."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.session.session_key:
            key, now = (request.session.session_key, request.user.pk), timezone.now()
            if self.seen.get(key, now) <= now:
                self._note(request, now)
                if len(self.seen) >= self.MANY:
                    self.seen.clear()
                self.seen[key] = now + self.PACE
        return self.get_response(request)

    def _note(self, request: HttpRequest, now: datetime) -> None:
        """Write, unless another process has just done so."""
        seen = UserSession.objects.filter(
            session_key=request.session.session_key,
            user_id=request.user.pk,
            last_seen_at__gt=now - self.PACE,
        )
        if not seen.exists():
            UserSession.objects.create_from_request(request)

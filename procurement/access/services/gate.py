"""The gate of views: 404 for strangers, 403 or 409 with the reason for colleagues."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from procurement.access.domain import Allowed, Denied, Unknown
from procurement.access.enums import Role
from procurement.access.registry import rule_of
from procurement.access.services.decide import decide, fetch, remembering_roles
from procurement.accounts.models import User
from procurement.audit.services import record_refusal


View = Callable[..., HttpResponse]

PAGES = {400: "400.html", 409: "409.html", 429: "429.html"}
"""Page of a refusal, by status; « 403.html » says any other reason."""


class AccessRefused(Exception):
    """A refusal raised inside a service (a right per step, a second object)."""

    def __init__(self, reason: str, status: int = 403, code: str = "refus") -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.code = code


class Conflict(AccessRefused):
    """What is there does not allow the gesture: somebody was faster, or there is nothing to move.

    The answer is a 409 that says so. No right is in question, so that the journal of refusals,
    read to see who attempts what, keeps nothing of it. What the matrix forbids in a state (a frozen
    pièce) is no conflict: the gate refuses it itself.
    """

    def __init__(self, reason: str, code: str = "refus") -> None:
        super().__init__(reason, 409, code)


def require(user: User, action: str, obj: Model, *, held: frozenset[Role]) -> None:
    """Decide again under a lock, on the object and the roles read there. Raises AccessRefused.

    The gate decided before the lock was waited for: since then the role may have been taken away,
    or the state may have changed.
    """
    decision = decide(user, action, obj, held=held)
    if isinstance(decision, Denied):
        raise AccessRefused(decision.reason, decision.status, decision.code)
    if isinstance(decision, Unknown):
        raise AccessRefused(decision.reason, decision.status)


def gate(action: str) -> Callable[[View], View]:
    """Give a view its object, fetched for the signed-in person and this action, or refuse.

    The view receives (request, object, …) when the action bears on a resource, whose identifier
    is the URL argument ``pk``, and (request, …) otherwise. Anonymous people go to the sign-in
    page, whatever the identifier. Every refusal of a signed-in person is an event of the
    platform's chain, in its own transaction; a Conflict is none.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not user.is_authenticated:
                return _ask_sign_in(request)
            rule = rule_of(action)
            pk: UUID | None = kwargs.pop("pk") if rule.resource else None
            given: tuple[Any, ...] = ()
            with remembering_roles():
                if pk is None:
                    decision = decide(user, action)
                else:
                    obj, decision = fetch(user, action, pk)
                    given = (obj,)
                if isinstance(decision, Allowed):
                    try:
                        return view(request, *given, *args, **kwargs)
                    except Conflict as conflict:
                        return refuse(request, Denied(conflict.reason, 409, conflict.code))
                    except AccessRefused as refusal:
                        if refusal.status == HTTPStatus.BAD_REQUEST:
                            # Ill written: no right is in question, as for a conflict.
                            return refuse(request, Denied(refusal.reason, 400, refusal.code))
                        decision = Denied(refusal.reason, refusal.status, refusal.code)
            objet = f"{rule.resource}:{pk}" if pk else ""
            record_refusal(by=user, action=str(action), objet=objet, reason=decision.reason)
            return refuse(request, decision)

        gated.action = str(action)  # type: ignore[attr-defined]
        return gated

    return wrap


def refuse(request: HttpRequest, decision: Denied | Unknown) -> HttpResponse:
    """Answer a refusal in the form the client understands (page, fragment or JSON)."""
    if isinstance(decision, Unknown):
        if wants_json(request):
            return JsonResponse({"erreur": decision.reason}, status=404)
        raise Http404
    if wants_json(request):
        return JsonResponse(
            {"erreur": decision.reason, "code": decision.code}, status=decision.status
        )
    if decision.status == 404:
        raise Http404
    template = PAGES.get(decision.status, "403.html")
    return render(request, template, {"raison": decision.reason}, status=decision.status)


def by_method(**views: View) -> View:
    """Make one address of several gated views, one per HTTP method; any other method is refused.

    ``by_method(GET=_read, POST=_write)``. Each keeps its own action, shown in the matrix.
    HEAD is a GET of which only the head is wanted (RFC 9110, 9.3.2).
    """
    known = views | ({"HEAD": views["GET"]} if "GET" in views else {})

    @require_http_methods(list(known))
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return known[request.method or ""](request, *args, **kwargs)

    view.views = views  # type: ignore[attr-defined]
    view.actions = {  # type: ignore[attr-defined]
        method: getattr(chosen, "action", "") for method, chosen in views.items()
    }
    return view


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a script is asking, not a person who reads the answer as a page."""
    return (
        request.content_type == "application/json"
        or request.headers.get("Accept", "").startswith("application/json")
        or "HX-Request" in request.headers
    )


def _ask_sign_in(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(
            {"erreur": "Votre session est terminée. Connectez-vous de nouveau.", "code": "session"},
            status=401,
        )
    return redirect_to_login(request.get_full_path())

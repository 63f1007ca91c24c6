"""Public addresses for probes, up or not and nothing else; and the page of who runs the platform."""

from datetime import datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from procurement.access.services import by_method, gate
from procurement.accounts.models import User
from procurement.audit.services import read_verdict
from procurement.operations.domain.attestation import period_before
from procurement.operations.enums import EtatSante, Organe
from procurement.operations.forms import PeriodForm
from procurement.operations.permissions import Action
from procurement.operations.selectors import (
    first_minute,
    read_journal,
    read_sante_lately,
    read_traces,
    read_versions,
    reglages,
)
from procurement.operations.services import ask_attestation


@never_cache
@require_safe
def sante_read(request: HttpRequest) -> JsonResponse:
    """200 when people can write, 503 when they cannot. The reasons are for read_sante.

    A history that no longer agrees with its proof is said in one word: a probe must not miss it.
    """
    sante = read_sante_lately()
    down = sante.etat is EtatSante.EN_PANNE
    told = {"etat": str(EtatSante.EN_PANNE if down else EtatSante.EN_MARCHE)}
    if any(
        one.organe is Organe.PREUVE and one.etat is not EtatSante.EN_MARCHE
        for one in sante.constats
    ):
        told["preuve"] = "rompue"
    return JsonResponse(told, status=503 if down else 200)


@never_cache
@require_safe
def sante_live(request: HttpRequest) -> JsonResponse:
    """200 as long as this process answers, whatever else is down: nothing is asked of anything."""
    return JsonResponse({"etat": "en_vie"})


@require_safe
@gate(Action.PLATEFORME_READ)
def plateforme_read(request: HttpRequest) -> HttpResponse:
    """« La plateforme »: what it is, what it was, what is to be done. Nothing of anybody's work."""
    now = timezone.now()
    return render(
        request,
        "operations/plateforme_read.html",
        {
            "sante": read_sante_lately(),
            "journal": read_journal(now),
            "traces": read_traces(),
            "alerte": read_verdict().alert,
            "versions": read_versions(),
            "reglages": reglages.read(),
            "now": now,
        },
    )


def _attestation_form(request: HttpRequest, form: PeriodForm) -> HttpResponse:
    return render(
        request,
        "operations/attestation_create.html",
        {"form": form, "premiere": first_minute()},
        status=422 if form.is_bound else 200,
    )


@gate(Action.ATTESTATION_CREATE)
def _read_attestation_form(request: HttpRequest) -> HttpResponse:
    """Offer the hour before the deadline that the page one comes from names, or the last day gone by."""
    now = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    since, until = now - timedelta(days=1), now
    if (limite := _limite(request)) and limite <= now:
        since, until = period_before(limite)
    initial = {
        "jour_depuis": since.date(), "heure_depuis": since.hour,
        "jour_jusqua": until.date(), "heure_jusqua": until.hour,
    }  # fmt: skip
    return _attestation_form(request, PeriodForm(initial=initial))


def _limite(request: HttpRequest) -> datetime | None:
    """Read the deadline in the address; whatever is not one is as none."""
    try:
        limite = parse_datetime(request.GET.get("limite", ""))
        return timezone.localtime(limite) if limite else None
    except (ValueError, OverflowError):
        return None


@gate(Action.ATTESTATION_CREATE)
def _create_attestation(request: HttpRequest) -> HttpResponse:
    form = PeriodForm(request.POST)
    if form.is_valid():
        try:
            job = ask_attestation(
                by=cast("User", request.user),
                since=form.since,
                until=form.until,
                format=form.cleaned_data["format"] or "pdf",
            )
            return redirect("jobs:job_detail", job.pk)
        except ValidationError as error:
            for name, said in error.message_dict.items():
                form.add_error(f"jour_{name}", said)
    return _attestation_form(request, form)


attestation_create = by_method(GET=_read_attestation_form, POST=_create_attestation)

"""« Messages envoyés »: the mails of the demonstration, for whoever plays it. Nowhere else."""

from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from procurement.demo.mails import read_mails


@require_safe
def mail_list(request):
    """Show what was sent to anyone: only where every password is public already (DEMO)."""
    if not settings.DEMO:
        raise Http404
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    mails = read_mails(Path(folder)) if folder else []
    return render(request, "demo/mail_list.html", {"mails": mails, "gardes": bool(folder)})

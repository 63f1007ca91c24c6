"""« Mes reçus »: what a person did on a marché, and the proof of it to take away."""

import json

from django.http import HttpResponse
from django.shortcuts import render

from procurement.access.services import AccessRefused, by_method, gate
from procurement.audit.services import receipt_document
from procurement.marches.forms import read_number
from procurement.marches.permissions import Action
from procurement.marches.selectors import read_history
from procurement.marches.services import hand_receipt


@gate(Action.RECEIPT_READ)
def _read(request, marche):
    history = read_history(
        marche,
        before=read_number(request.GET.get("avant", "")),
        acteur=f"acheteur:{request.user.pk}",
    )
    return render(request, "marches/receipt_list.html", {"marche": marche, "histoire": history})


@gate(Action.RECEIPT_READ)
def _take(request, marche):
    seq = read_number(request.POST.get("ligne", ""))
    if seq is None:
        raise AccessRefused("Cette ligne n’existe pas.", status=404)
    said = receipt_document(hand_receipt(by=request.user, marche=marche, seq=seq))
    answer = HttpResponse(
        json.dumps(said, ensure_ascii=False, indent=1) + "\n", content_type="application/json"
    )
    answer["Content-Disposition"] = f'attachment; filename="recu-{seq}.json"'
    return answer


receipt_list = by_method(GET=_read, POST=_take)

"""« Qui peut quoi »."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from procurement.access.permissions import Action
from procurement.access.selectors import read_policy
from procurement.access.services import gate


@require_safe
@gate(Action.MATRIX_READ)
def matrix_read(request: HttpRequest) -> HttpResponse:
    return render(request, "access/matrix_read.html", {"tables": read_policy()})

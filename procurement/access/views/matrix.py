"""« Qui peut quoi »."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from procurement.access.permissions import Action
from procurement.access.selectors import read_policy
from procurement.access.services import gate


@require_GET
@gate(Action.MATRIX_READ)
def matrix_read(request: HttpRequest) -> HttpResponse:
    return render(request, "access/matrix_read.html", {"tables": read_policy()})

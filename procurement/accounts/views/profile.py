"""One's own account: name, and the way to password, second factor and sessions."""

from copy import copy
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from procurement.accounts.forms import ProfileForm
from procurement.accounts.models import User
from procurement.accounts.selectors import describe_protections
from procurement.accounts.services import edit_profile


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    # A copy: a refused form must not rename the person in the head of the page.
    form = ProfileForm(request.POST or None, instance=copy(user))
    if request.method == "POST" and form.is_valid():
        edit_profile(by=user, **form.cleaned_data)
        messages.success(request, "Votre profil est enregistré.")
        return redirect("account_profile")
    return render(
        request,
        "account/profile.html",
        {"form": form, "protections": describe_protections(user)},
    )

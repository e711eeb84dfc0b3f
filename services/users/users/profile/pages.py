"""The profile page."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chassis.web.auth import PageRequest, signed_in
from users.accounts import access
from users.accounts.actions.profile import change_profile
from users.profile.forms import ProfileForm
from users.signin.pages import cookies


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Redirect to the profile."""
    return redirect("profile")


@signed_in("GET", "POST")
def profile(request: PageRequest) -> HttpResponse:
    """GET shows the profile, POST updates name, language and time zone."""
    account = access.own_account(request.principal.account_id)
    initial = {"name": account.name, "language": account.language, "time_zone": account.time_zone}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        context = {"form": form, "account": account, "github": bool(settings.GITHUB_CLIENT_ID)}
        return render(request, "profile/profile.html", context, status=status)

    account = change_profile(account_id=account.id, at=timezone.now(), **form.cleaned_data)

    translation.activate(account.language)
    messages.success(request, _("Your profile is saved."))
    response = redirect("profile")
    # Apply the change at once, in this browser, for every service.
    cookies.set_token_cookie(response, account, at=timezone.now())
    cookies.set_language_cookie(response, account.language)
    return response


urlpatterns = [
    path("", home),
    path("profile/", profile, name="profile"),
]

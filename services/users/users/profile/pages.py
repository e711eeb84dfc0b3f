"""The profile page, and the choice of language and theme for all services."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from chassis.web.auth import PageRequest, signed_in
from look.theme import SYSTEM, THEMES
from users.accounts import access, queries
from users.accounts.actions.profile import change_profile
from users.profile.forms import ProfileForm
from users.signin.pages import cookies
from users.signin.rules import same_site_path


@signed_in("GET", "POST")
def profile(request: PageRequest) -> HttpResponse:
    """GET shows the profile, POST updates name, language and time zone."""
    account = access.own_account(request.principal.account_id)
    initial = {"name": account.name, "language": account.language, "time_zone": account.time_zone}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        context = {"form": form, "account": account, "github": queries.github_oauth_client() is not None}
        return render(request, "profile/profile.html", context, status=status)

    account = change_profile(account_id=account.id, at=timezone.now(), **form.cleaned_data)

    translation.activate(account.language)
    messages.success(request, _("Your profile is saved."))
    response = redirect("profile")
    # Apply the change at once, in this browser, for every service.
    cookies.set_token_cookie(response, account, at=timezone.now())
    cookies.set_language_cookie(response, account.language)
    return response


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language of this browser, and of the signed-in account."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()
    response = redirect(same_site_path(request.POST.get("next")))
    if request.user.is_authenticated:
        account = change_profile(account_id=request.user.id, language=language, at=timezone.now())
        cookies.set_token_cookie(response, account, at=timezone.now())
    cookies.set_language_cookie(response, language)
    return response


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Set the theme of this browser. A page with JavaScript has changed already, and stays."""
    theme = request.POST.get("theme", "")
    if theme not in (*THEMES, SYSTEM):
        return HttpResponseBadRequest()
    is_shown = request.htmx  # type: ignore[attr-defined]
    response = HttpResponse(status=204) if is_shown else redirect(same_site_path(request.POST.get("next")))
    cookies.set_theme_cookie(response, theme)
    return response


urlpatterns = [
    path("", RedirectView.as_view(pattern_name="profile", http_method_names=["get", "head"])),
    path("profile/", profile, name="profile"),
    path("language/", choose_language, name="language"),
    path("theme/", choose_theme, name="theme"),
]

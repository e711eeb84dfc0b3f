"""The language choice, shared by all services."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from users.accounts.actions.profile import change_profile
from users.signin.pages import cookies
from users.signin.rules import same_site_path


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Set the language of this browser, and of the signed-in account."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        return HttpResponseBadRequest()

    response = HttpResponseRedirect(same_site_path(request.POST.get("next")))
    if request.user.is_authenticated:
        account = change_profile(account_id=request.user.id, language=language, at=timezone.now())
        cookies.set_token_cookie(response, account, at=timezone.now())

    set_cookie(response, language)
    return response


def set_cookie(response: HttpResponse, language: str) -> None:
    """Set the language cookie of all services, for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=timedelta(days=365),
        path="/",
        secure=settings.SECURE,
        samesite="Lax",
    )

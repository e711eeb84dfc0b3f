"""The language choice, shared by all services."""

from __future__ import annotations

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

    cookies.set_language_cookie(response, language)
    return response

"""Sign-in with GitHub, and linking. 404 unless a GitHub OAuth app is configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.socialaccount import views
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chassis.web.auth import PageRequest, signed_in
from chassis.web.forms import render_confirmation
from users.accounts.access import own_account
from users.accounts.actions.github import unlink_github
from users.accounts.queries import github_oauth_client
from users.accounts.request_meta import client_info
from users.signin.allauth.github import PublicGitHub
from users.signin.pages.login import AuthPageMixin

oauth2_login: Callable[[HttpRequest], HttpResponse] = OAuth2LoginView.adapter_view(PublicGitHub)
oauth2_callback: Callable[[HttpRequest], HttpResponse] = OAuth2CallbackView.adapter_view(PublicGitHub)


def _require_github() -> None:
    if github_oauth_client() is None:
        raise Http404


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Redirect to GitHub; `process=connect` links, anything else signs in."""
    _require_github()
    return oauth2_login(request)


@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Handle the OAuth callback."""
    _require_github()
    return oauth2_callback(request)


@require_safe
def cancelled(request: HttpRequest) -> HttpResponse:
    """Handle a sign-in that was cancelled at GitHub."""
    messages.info(request, _("You did not sign in with GitHub. Nothing has changed."))
    return redirect("profile" if request.user.is_authenticated else "account_login")


class SignUp(AuthPageMixin, views.SignupView):  # type: ignore[misc] # allauth carries no types
    """Asks for an address if GitHub gave none that can be used."""

    def get_authenticated_redirect_url(self) -> str:
        return reverse("profile")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), "login": self.sociallogin.user.github_login}


@signed_in("GET", "POST")
def unlink(request: PageRequest) -> HttpResponse:
    """GET asks for confirmation, POST deletes the link."""
    account = own_account(request.principal.account_id)
    if request.method != "POST":
        return render_confirmation(
            request,
            title=_("Unlink GitHub?"),
            text=_("Pull requests that you open from then on are not recognised as yours."),
            button=_("Unlink"),
            back=reverse("profile"),
        )

    unlink_github(account_id=account.id, client=client_info(request), at=timezone.now())

    get_adapter(request).send_notification_mail("socialaccount/email/account_disconnected", account)
    messages.success(request, _("GitHub is unlinked."))
    return redirect("profile")

"""allauth adapter for sign-in with GitHub. Accounts are matched by GitHub's user id, never by login."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from requests import HTTPError

from chassis.errors import DomainError
from chassis.names import name_fault
from users.accounts.actions.audit import record_audit
from users.accounts.actions.github import link_github, update_github_login
from users.accounts.actions.registration import confirm_email, register, release_email
from users.accounts.models import Account, AuditKind
from users.accounts.queries import github_oauth_client
from users.accounts.request_meta import client_info
from users.accounts.rules import MAX_NAME_LENGTH

SIGNED_UP_WITH_GITHUB_KEY = "github_sign_up"


class PublicGitHub(GitHubOAuth2Adapter):  # type: ignore[misc] # allauth carries no types
    """GitHub OAuth adapter whose callback is at PUBLIC_URL, whatever the request's Host."""

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return f"{settings.PUBLIC_URL}{reverse('github_callback')}"

    def get_emails(self, headers: dict[str, str]) -> list[dict[str, Any]] | None:
        """Return the account's addresses; None if the GitHub App has no permission to read them."""
        try:
            found: list[dict[str, Any]] | None = super().get_emails(headers)
        except HTTPError as error:
            if error.response is not None and error.response.status_code == 403:
                return None
            raise
        return found


class GitHubAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc] # allauth carries no types
    """One instance per request."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _(
            "This address has an account already. Sign in to it, and link GitHub on your profile."
        ),
    }

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the OAuth client: of the settings, else of the GitHub App."""
        client = github_oauth_client()
        if client is None or provider not in {None, "github"} or client_id not in {None, client[0]}:
            return []
        return [SocialApp(provider="github", name="GitHub", client_id=client[0], secret=client[1], key="")]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return allauth's GitHub provider with the callback at PUBLIC_URL."""
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = PublicGitHub
        return found

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Account:
        """Fill a new account from GitHub's data, and store only the login of that data."""
        user: Account = super().populate_user(request, sociallogin, data)
        login = str(data.get("username") or "")
        name = str(data.get("name") or "")[:MAX_NAME_LENGTH]
        user.name = login if name_fault(name) else name
        user.github_id, user.github_login = int(sociallogin.account.uid), login[:39]
        user.language = translation.get_language()
        sociallogin.account.extra_data = {"login": login}
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link GitHub if requested; update the login of a linked account; else release its addresses."""
        login, now = str(sociallogin.account.extra_data.get("login", ""))[:39], timezone.now()
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            self._link(request, int(sociallogin.account.uid), login)
            raise ImmediateHttpResponse(redirect("profile"))
        if sociallogin.is_existing:
            update_github_login(account_id=sociallogin.user.pk, login=login, at=now)
            return
        for address in sociallogin.email_addresses:
            if address.verified:
                release_email(email=address.email)

    def _link(self, request: HttpRequest, github_id: int, login: str) -> None:
        if not request.user.is_authenticated:
            return
        try:
            link_github(
                account_id=request.user.id,
                github_id=github_id,
                login=login,
                client=client_info(request),
                at=timezone.now(),
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("GitHub is linked: %(login)s") % {"login": login})
            account_adapter().send_notification_mail("socialaccount/email/account_connected", request.user)

    def save_user(
        self, request: HttpRequest, sociallogin: SocialLogin, form: BaseForm | None = None
    ) -> Account:
        """Register a new account with its link. An address verified by GitHub counts as confirmed."""
        user: Account = sociallogin.user
        user.set_unusable_password()
        if form:
            account_adapter().save_user(request, user, form, commit=False)
        now, client = timezone.now(), client_info(request)
        with transaction.atomic():
            register(account=user, client=client, at=now)
            sociallogin.save(request)
            kind, login = AuditKind.GITHUB_LINKED, user.github_login
            record_audit(account_id=user.id, kind=kind, client=client, at=now, about=login)
            if user.email in {address.email for address in sociallogin.email_addresses if address.verified}:
                confirm_email(account_id=user.id, client=client, at=now)
        # A confirmation link opened in this session belongs to the GitHub user who signed up.
        request.session[SIGNED_UP_WITH_GITHUB_KEY] = str(user.id)
        user.refresh_from_db()
        return user

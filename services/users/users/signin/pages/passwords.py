"""Pages that change, set or reset a password."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from users.accounts.request_meta import client_info
from users.ratelimit.actions import reset_attempts
from users.signin import actions
from users.signin.pages.login import AuthPageMixin
from users.signin.rules import account_limit


class EndOtherSessionsMixin(AuthPageMixin):
    """Ends all other sessions after a password change."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        request = self.request  # type: ignore[attr-defined]
        actions.end_sessions(
            account_id=request.user.id,
            except_key=request.session.session_key,
            tokens=form.cleaned_data.get("revoke_tokens", False),
            client=client_info(request),
            at=timezone.now(),
        )
        return response

    def get_success_url(self) -> str:
        return reverse("security")


class ChangePassword(EndOtherSessionsMixin, views.PasswordChangeView):  # type: ignore[misc] # allauth carries no types
    """GET shows the form, POST changes the password."""


class SetPassword(EndOtherSessionsMixin, views.PasswordSetView):  # type: ignore[misc]
    """Sets the first password of an account created with GitHub."""


class RequestPasswordReset(AuthPageMixin, views.PasswordResetView):  # type: ignore[misc]
    """GET asks for the address, POST sends the email. The answer is the same for every address."""


class PasswordReset(AuthPageMixin, views.PasswordResetFromKeyView):  # type: ignore[misc]
    """The emailed link, valid once and for an hour."""

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        reset_attempts(limit=account_limit(self.reset_user.email))
        # The account may be compromised, so tokens are revoked as well.
        actions.end_sessions(
            account_id=self.reset_user.pk, tokens=True, client=client_info(self.request), at=timezone.now()
        )
        return response

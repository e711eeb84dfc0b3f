"""Pages on allauth's views: sign-in, sign-up and sign-out, and changing or resetting a password."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from users.accounts.actions.registration import complete_registration
from users.accounts.queries import github_oauth_client
from users.accounts.request_meta import client_info
from users.ratelimit.actions import TooManyAttempts, reset_attempts
from users.signin import actions
from users.signin.allauth.github import SIGNED_UP_WITH_GITHUB_KEY
from users.signin.forms import ConfirmEmailForm
from users.signin.pages import cookies
from users.signin.rules import account_limit


def too_many(request: HttpRequest) -> HttpResponse:
    """Render `handler429`, for allauth's rate limits, whose windows (ACCOUNT_RATE_LIMITS) are one minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


class AuthPageMixin:
    """Answers an invalid form with 422, a rate-limited one with 429. Offers GitHub if configured."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        errors = form.non_field_errors().as_data()
        blocked = next((error for error in errors if error.code == TooManyAttempts.code), None)
        response.status_code = TooManyAttempts.status if blocked else 422
        if blocked:
            response["Retry-After"] = str(blocked.params["wait"])
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        context_data: dict[str, Any] = super().get_context_data(**context)  # type: ignore[misc]
        return {**context_data, "github": github_oauth_client() is not None}


class SignIn(AuthPageMixin, views.LoginView):  # type: ignore[misc] # allauth carries no types
    """GET shows the form, POST signs in."""


class SignUp(AuthPageMixin, views.SignupView):  # type: ignore[misc]
    """GET shows the form, POST creates an account and sends the confirmation email."""


class ConfirmEmail(views.ConfirmEmailView):  # type: ignore[misc]
    """The emailed link. GET asks for name and password, POST confirms the address and signs in.

    Opening the link proves ownership of the address, whatever was entered at sign-up.
    """

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(*args, **kwargs)
        if self.object is None:
            response.status_code = 404
        return response

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        form = self._form(self.request.POST)
        if not form.is_valid():
            invalid: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
            return invalid

        account = complete_registration(
            account_id=form.account.id,
            name=form.cleaned_data["name"],
            password=form.cleaned_data.get("password1"),
            client=client_info(self.request),
            at=timezone.now(),
        )

        self.logout_other_user(self.object)
        response: HttpResponse = perform_login(
            self.request, account, redirect_url=self.get_next_url(), email=account.email
        )
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        if self.object and "form" not in context:
            context["form"] = self._form()
        context_data: dict[str, Any] = super().get_context_data(**context)
        return context_data

    def _form(self, data: Any = None) -> ConfirmEmailForm:
        account = self.object.email_address.user
        with_github = self.request.session.get(SIGNED_UP_WITH_GITHUB_KEY) == str(account.id)
        return ConfirmEmailForm(data, account=account, with_github=with_github)


class SignOut(views.LogoutView):  # type: ignore[misc]
    """GET asks for confirmation, POST signs out of this browser."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        cookies.clear_token_cookie(response)
        return response


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

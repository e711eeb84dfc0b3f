"""Signing in, up and out: allauth's flows, our pages."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from users.accounts import actions as accounts
from users.accounts.browser import seen_in
from users.limits.actions import TooManyAttempts
from users.signin.allauth.github import SIGNED_UP_HERE
from users.signin.forms import Claim
from users.signin.pages import cookies


def too_many(request: HttpRequest) -> HttpResponse:
    """`handler429`, for allauth's own limits. Their windows, in ACCOUNT_RATE_LIMITS, are a minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


class Entrance:
    """A refused form is answered with 422, one that came too often with 429. GitHub is offered if set up."""

    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        errors = form.non_field_errors().as_data()
        held = next((error for error in errors if error.code == TooManyAttempts.code), None)
        response.status_code = TooManyAttempts.status if held else 422
        if held:
            response["Retry-After"] = str(held.params["wait"])
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**context)  # type: ignore[misc]
        return {**found, "github": bool(settings.GITHUB_CLIENT_ID)}


class SignIn(Entrance, views.LoginView):  # type: ignore[misc] # allauth carries no types
    """GET asks, POST signs in."""


class SignUp(Entrance, views.SignupView):  # type: ignore[misc]
    """GET asks, POST makes an account and sends the letter that confirms its address."""


class CheckYourMail(views.EmailVerificationSentView):  # type: ignore[misc]
    """The letter is on its way."""


class ConfirmEmail(views.ConfirmEmailView):  # type: ignore[misc]
    """The link of the letter. GET asks for name and password, POST confirms the address and signs in.

    Whoever opened the letter is the account's person, whatever was typed before by whom.
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
            again: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
            return again

        account = accounts.claim(
            account_id=form.account.id,
            name=form.cleaned_data["name"],
            password=form.cleaned_data.get("password1"),
            seen=seen_in(self.request),
            at=timezone.now(),
        )

        self.logout_other_user(self.object)
        record_authentication(self.request, account, method="email", email=account.email)
        response: HttpResponse = perform_login(
            self.request, Login(user=account, redirect_url=self.get_next_url(), email=account.email)
        )
        return response

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        if self.object and "form" not in context:
            context["form"] = self._form()
        found: dict[str, Any] = super().get_context_data(**context)
        return found

    def _form(self, data: Any = None) -> Claim:
        account = self.object.email_address.user
        with_github = self.request.session.get(SIGNED_UP_HERE) == str(account.id)
        return Claim(data, account=account, with_github=with_github)


class Inactive(views.AccountInactiveView):  # type: ignore[misc]
    """The account is closed or disabled."""


class SignOut(views.LogoutView):  # type: ignore[misc]
    """GET asks, POST signs out of this browser at once."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        cookies.take_token(response)
        return response

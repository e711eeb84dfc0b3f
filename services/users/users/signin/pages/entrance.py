"""Signing in, up and out: allauth's flows, our pages."""

from __future__ import annotations

from typing import Any

from allauth.account import views
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from users.limits.actions import TooManyAttempts
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
    """The link of the letter: GET asks (mail programs look at links), POST confirms."""

    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(*args, **kwargs)
        if self.object is None:
            response.status_code = 404
        return response


class Inactive(views.AccountInactiveView):  # type: ignore[misc]
    """The account is closed or disabled."""


class SignOut(views.LogoutView):  # type: ignore[misc]
    """GET asks, POST signs out of this browser at once."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        cookies.take_token(response)
        return response

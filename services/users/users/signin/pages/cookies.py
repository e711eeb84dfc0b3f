"""Cookies: the token, the language and the theme for all services, and the accounts known to this browser."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chassis.settings_base import TOKEN_LIFETIME
from chassis.web.auth import KNOWN_COOKIE, PAGES, InvalidToken, verify
from look.theme import SYSTEM, THEME_COOKIE
from users.accounts.models import Account
from users.keys.jwt import access_token

DEVICE_COOKIE = "users_device"
DEVICE_COOKIE_LIFETIME = timedelta(days=365)
MAX_ACCOUNTS_PER_DEVICE = 8
COOKIE_PATH = "/accounts"


def set_token_cookie(response: HttpResponse, account: Account, *, at: datetime) -> str:
    """Set the HttpOnly token cookie, valid for ten minutes. Return the token."""
    audience = [*settings.TOKEN_AUDIENCES, PAGES]
    token = access_token(account.claims, audience=audience, scope="read write", at=at)
    _set_cookie(response, settings.TOKEN_COOKIE, token, TOKEN_LIFETIME)
    _set_cookie(response, KNOWN_COOKIE, "1", timedelta(seconds=settings.SESSION_COOKIE_AGE))
    return token


def set_language_cookie(response: HttpResponse, language: str) -> None:
    """Set the language cookie of all services, for a year."""
    _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language, timedelta(days=365), httponly=False)


def set_theme_cookie(response: HttpResponse, theme: str) -> None:
    """Set the theme cookie of all services, for a year; SYSTEM deletes it."""
    lifetime = timedelta(0) if theme == SYSTEM else timedelta(days=365)
    _set_cookie(response, THEME_COOKIE, theme, lifetime, httponly=False)


def _set_cookie(
    response: HttpResponse, name: str, value: str, max_age: timedelta, **options: str | bool
) -> None:
    common: dict[str, Any] = {"path": "/", "secure": settings.SECURE, "httponly": True, "samesite": "Lax"}
    response.set_cookie(name, value, max_age=max_age, **{**common, **options})


def clear_token_cookie(response: HttpResponse) -> None:
    """Delete the token cookie and the cookie that marks a signed-in browser."""
    for name in (settings.TOKEN_COOKIE, KNOWN_COOKIE):
        _set_cookie(response, name, "", timedelta(0))


def known_device_id(request: HttpRequest, email: str) -> str | None:
    """Return this browser's device id if it has signed in to this account before, else None."""
    device = _device(request)
    return device["id"] if _account_hash(email) in device["accounts"] else None


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Add the account to the device cookie: its wrong passwords then count against a limit of its own."""
    device, account = _device(request), _account_hash(email)
    others = [other for other in device["accounts"] if other != account]
    device["accounts"] = [account, *others][:MAX_ACCOUNTS_PER_DEVICE]
    value = signing.dumps(device, salt=DEVICE_COOKIE)
    _set_cookie(response, DEVICE_COOKIE, value, DEVICE_COOKIE_LIFETIME, path=COOKIE_PATH)


def _device(request: HttpRequest) -> dict[str, Any]:
    """Return this browser's id and the accounts known to it; without a valid cookie, a new id."""
    cookie = request.COOKIES.get(DEVICE_COOKIE, "")
    try:
        return dict(signing.loads(cookie, salt=DEVICE_COOKIE, max_age=DEVICE_COOKIE_LIFETIME))
    except signing.BadSignature:
        return {"id": secrets.token_urlsafe(12), "accounts": []}


def _account_hash(email: str) -> str:
    return salted_hmac(DEVICE_COOKIE, email).hexdigest()[:24]


class TokenRefreshMiddleware:
    """Make the token cookie follow the session on this service's own pages.

    Replaces a missing, expired or foreign token; deletes a token without a session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(f"{COOKIE_PATH}/"):
            return self.get_response(request)
        token = request.COOKIES.pop(settings.TOKEN_COOKIE, "")
        new_cookies = HttpResponse()
        if request.user.is_authenticated:
            if not _is_valid_for(token, request.user):
                token = set_token_cookie(new_cookies, request.user, at=timezone.now())
            request.COOKIES[settings.TOKEN_COOKIE] = token
        elif token:
            clear_token_cookie(new_cookies)
        response = self.get_response(request)
        for name, cookie in new_cookies.cookies.items():
            # Cookies set by the view, such as on sign-in or sign-out, take precedence.
            response.cookies.setdefault(name, cookie)
        return response


def _is_valid_for(token: str, account: Account) -> bool:
    try:
        principal = verify(token)
    except InvalidToken:
        return False
    return principal.account_id == account.id and principal.is_for_pages

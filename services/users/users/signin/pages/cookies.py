"""Cookies: the token for all services, and the signed list of accounts known to this browser."""

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
    response.set_cookie(
        settings.TOKEN_COOKIE,
        token,
        max_age=int(TOKEN_LIFETIME.total_seconds()),
        **_shared_cookie_options(),
    )
    response.set_cookie(KNOWN_COOKIE, "1", max_age=settings.SESSION_COOKIE_AGE, **_shared_cookie_options())
    return token


def _shared_cookie_options() -> dict[str, Any]:
    """Return the options shared by the cookies for all services."""
    return {"path": "/", "secure": settings.SECURE, "httponly": True, "samesite": "Lax"}


def clear_token_cookie(response: HttpResponse) -> None:
    """Delete the token cookie and the cookie that marks a signed-in browser."""
    for name in (settings.TOKEN_COOKIE, KNOWN_COOKIE):
        response.set_cookie(name, "", max_age=0, **_shared_cookie_options())


def known_device_id(request: HttpRequest, email: str) -> str | None:
    """Return this browser's device id if it has signed in to this account before, else None."""
    devices = _devices(request)
    return devices["id"] if devices and _account_hash(email) in devices["accounts"] else None


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Add the account to the device cookie: its wrong passwords then count against a limit of its own."""
    devices = _devices(request) or {"id": secrets.token_urlsafe(12), "accounts": []}
    hashes = [
        _account_hash(email),
        *(account_hash for account_hash in devices["accounts"] if account_hash != _account_hash(email)),
    ]
    devices["accounts"] = hashes[:MAX_ACCOUNTS_PER_DEVICE]
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps(devices, salt=DEVICE_COOKIE),
        max_age=int(DEVICE_COOKIE_LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def _devices(request: HttpRequest) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = signing.loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE, max_age=DEVICE_COOKIE_LIFETIME
        )
    except signing.BadSignature:
        return None
    return found


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
        old_token = request.COOKIES.pop(settings.TOKEN_COOKIE, "")
        new_cookies = HttpResponse()
        account = request.user if request.user.is_authenticated else None
        if account:
            request.COOKIES[settings.TOKEN_COOKIE] = (
                old_token
                if _is_valid_for(old_token, account)
                else set_token_cookie(new_cookies, account, at=timezone.now())
            )
        elif old_token:
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

"""What this service keeps in a browser: a token for all services, and a sign that the browser is known."""

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
DEVICE_KNOWN_FOR = timedelta(days=365)
MOST_ACCOUNTS_PER_DEVICE = 8
PLACE = "/accounts"


def give_token(response: HttpResponse, account: Account, *, at: datetime) -> str:
    """Put a token for ten minutes into the browser, where no script can read it. Return it."""
    token = access_token(
        subject=account.id,
        audience=[*settings.TOKEN_AUDIENCES, PAGES],
        scope="read write",
        roles=account.roles,
        language=account.language,
        time_zone=account.time_zone,
        at=at,
    )
    response.set_cookie(
        settings.TOKEN_COOKIE,
        token,
        max_age=int(TOKEN_LIFETIME.total_seconds()),
        **_everywhere(),
    )
    response.set_cookie(KNOWN_COOKIE, "1", max_age=settings.SESSION_COOKIE_AGE, **_everywhere())
    return token


def _everywhere() -> dict[str, Any]:
    """Return what every cookie for all services has in common."""
    return {"path": "/", "secure": settings.SECURE, "httponly": True, "samesite": "Lax"}


def take_token(response: HttpResponse) -> None:
    """Take the token back, and the sign that somebody is signed in."""
    for name in (settings.TOKEN_COOKIE, KNOWN_COOKIE):
        response.set_cookie(name, "", max_age=0, **_everywhere())


def known_device(request: HttpRequest, email: str) -> str | None:
    """What tells this browser from others, if it has signed in to this account before."""
    devices = _devices(request)
    return devices["id"] if devices and _mark(email) in devices["accounts"] else None


def know_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """From now on this browser counts its own wrong passwords, whatever strangers do."""
    devices = _devices(request) or {"id": secrets.token_urlsafe(12), "accounts": []}
    marks = [_mark(email), *(mark for mark in devices["accounts"] if mark != _mark(email))]
    devices["accounts"] = marks[:MOST_ACCOUNTS_PER_DEVICE]
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps(devices, salt=DEVICE_COOKIE),
        max_age=int(DEVICE_KNOWN_FOR.total_seconds()),
        path=PLACE,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def _devices(request: HttpRequest) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = signing.loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE, max_age=DEVICE_KNOWN_FOR
        )
    except signing.BadSignature:
        return None
    return found


def _mark(email: str) -> str:
    return salted_hmac(DEVICE_COOKIE, email).hexdigest()[:24]


class KeepSignedIn:
    """On our own pages the session is the truth.

    A token that is missing or over is made anew on the spot; one without its session counts for nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(f"{PLACE}/"):
            return self.get_response(request)
        had = request.COOKIES.pop(settings.TOKEN_COOKIE, "")
        fresh = HttpResponse()
        account = request.user if request.user.is_authenticated else None
        if account:
            request.COOKIES[settings.TOKEN_COOKIE] = (
                had if _belongs(had, account) else give_token(fresh, account, at=timezone.now())
            )
        elif had:
            take_token(fresh)
        response = self.get_response(request)
        for name, cookie in fresh.cookies.items():
            # What the page itself decided, such as signing in or out, stands.
            response.cookies.setdefault(name, cookie)
        return response


def _belongs(token: str, account: Account) -> bool:
    try:
        principal = verify(token)
    except InvalidToken:
        return False
    return principal.account_id == account.id and principal.is_for_pages

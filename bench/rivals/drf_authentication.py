"""The token check as Django REST framework's authentication, in a module that its settings can import."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from rivals.tokens import InvalidToken, account_of


class TokenAuthentication(BaseAuthentication):
    """The account of the token is the user."""

    def authenticate(self, request: Request) -> tuple[Any, None]:
        """Return a user with the account's id."""
        try:
            account_id = account_of(request.META.get("HTTP_AUTHORIZATION", ""))
        except InvalidToken:
            raise AuthenticationFailed from None
        return SimpleNamespace(pk=account_id, is_authenticated=True), None

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme."""
        return "Bearer"

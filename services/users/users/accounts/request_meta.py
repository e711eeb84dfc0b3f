"""Client address and user agent of a request."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from users.accounts.rules import ClientInfo


def client_info(request: HttpRequest) -> ClientInfo:
    """Return the client of a request. The address is the one set by the gateway, not by the client."""
    return ClientInfo(
        address=get_adapter().get_client_ip(request), agent=request.META.get("HTTP_USER_AGENT", "")[:200]
    )

"""What a request tells of where it comes from."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from users.accounts.rules import ClientInfo


def client_info(request: HttpRequest) -> ClientInfo:
    """From where a request comes: the address is the one that the gateway wrote, whatever the client says."""
    return ClientInfo(
        address=get_adapter().get_client_ip(request), agent=request.META.get("HTTP_USER_AGENT", "")[:200]
    )

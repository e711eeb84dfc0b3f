"""Access by unsubscribe links."""

from __future__ import annotations

from uuid import UUID

from chassis.account_mirror.models import AccountMirror
from chassis.errors import NotFound
from notification.preferences.rules import parse_unsubscribe_token


def unsubscribe_link(token: str) -> tuple[UUID, str]:
    """Return account and kind of a link. NotFound if the signature is wrong or the account closed."""
    link = parse_unsubscribe_token(token)
    if link is None or AccountMirror.objects.closed_among([link[0]]):
        raise NotFound
    return link

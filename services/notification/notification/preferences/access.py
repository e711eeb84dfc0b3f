"""Whose settings an unsubscribe link may change."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from notification.mirrors.models import AccountMirror
from notification.preferences.rules import parse_unsubscribe_token


def unsubscribe_link(token: str) -> tuple[UUID, str]:
    """Account and kind of an unsubscribe link. NotFound if it is not ours or the account is closed."""
    link = parse_unsubscribe_token(token)
    if link is None or AccountMirror.objects.closed_among([link[0]]):
        raise NotFound
    return link

"""Whose settings an unsubscribe link may change."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from notification.mirrors.models import AccountMirror
from notification.preferences.rules import read_unsubscribe_token


def link_to_obey(token: str) -> tuple[UUID, str]:
    """Account and kind of an unsubscribe link. NotFound if it is not ours or the account is closed."""
    named = read_unsubscribe_token(token)
    if named is None or AccountMirror.objects.closed_among([named[0]]):
        raise NotFound
    return named

"""Whose notification it is."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from notification.inbox.models import Notification


def notification_for_recipient(notification_id: UUID, *, account_id: UUID) -> Notification:
    """A notification of this account. NotFound otherwise."""
    try:
        return Notification.objects.get(id=notification_id, account_id=account_id)
    except Notification.DoesNotExist:
        raise NotFound from None

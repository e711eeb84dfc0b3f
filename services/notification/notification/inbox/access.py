"""Access to notifications: only their recipient."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from notification.inbox.models import Notification


def notification_for_recipient(notification_id: UUID, *, account_id: UUID) -> Notification:
    """Return the account's notification. NotFound if it belongs to another account."""
    try:
        return Notification.objects.get(id=notification_id, account_id=account_id)
    except Notification.DoesNotExist:
        raise NotFound from None

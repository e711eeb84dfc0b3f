"""Access to browsers that receive push messages: only their account."""

from __future__ import annotations

from uuid import UUID

from chassis.errors import NotFound
from notification.push.models import PushSubscription


def subscription_for_owner(subscription_id: UUID, *, account_id: UUID) -> PushSubscription:
    """Return the account's browser. NotFound if it belongs to another account."""
    try:
        return PushSubscription.objects.get(id=subscription_id, account_id=account_id)
    except PushSubscription.DoesNotExist:
        raise NotFound from None

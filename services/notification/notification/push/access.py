"""Access to browsers that receive push messages: their account; to renew one, the browser itself."""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import constant_time_compare

from chassis.errors import NotFound
from notification.push.models import PushSubscription
from notification.push.queries import subscription_of
from notification.push.rules import digest_of


def subscription_for_owner(subscription_id: UUID, *, account_id: UUID) -> PushSubscription:
    """Return the account's browser. NotFound if it belongs to another account."""
    try:
        return PushSubscription.objects.get(id=subscription_id, account_id=account_id)
    except PushSubscription.DoesNotExist:
        raise NotFound from None


def subscription_by_secret(*, endpoint: str, auth: str) -> PushSubscription:
    """Return the browser that subscribed with this secret, or raise NotFound.

    The push service knows the endpoint; the secret only the browser and we.
    """
    row = PushSubscription.objects.filter(endpoint_digest=digest_of(endpoint)).first()
    known = subscription_of(row) if row else None
    if row is None or known is None or not constant_time_compare(known.auth, auth):
        raise NotFound
    return row

"""Progress of an account's erasure."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from chassis.events.models import OutboxEvent
from users.accounts.events import AccountClosed


def get_erasure_progress(account_id: UUID) -> dict[str, bool]:
    """Return by service whether it has acknowledged the closing; this one has always erased the data.

    A service acknowledges when it has erased the data, or when the event became a dead letter there.
    Acknowledged outbox rows are pruned after a while, so no pending row means acknowledged.
    """
    pending = set(
        OutboxEvent.objects.filter(
            name=AccountClosed.event_name, acknowledged_at=None, payload__account_id=str(account_id)
        ).values_list("consumer", flat=True)
    )
    services = [settings.SERVICE, *settings.CONSUMERS[AccountClosed.event_name]]
    return {service: service not in pending for service in services}

"""Progress of an account's erasure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from chassis.events.models import OutboxEvent
from users.accounts.events import AccountClosed


@dataclass(frozen=True)
class ErasureStatus:
    """Whether one service has erased the account's data."""

    service: str
    is_done: bool


def list_erasure_statuses(account_id: UUID) -> list[ErasureStatus]:
    """List the erasure status of this service (always done) and of each consumer. One statement.

    Acknowledged outbox rows are pruned after a while, so no pending row means done.
    """
    pending = set(
        OutboxEvent.objects.filter(
            name=AccountClosed.event_name, acknowledged_at=None, payload__account_id=str(account_id)
        ).values_list("consumer", flat=True)
    )
    consumers = settings.CONSUMERS[AccountClosed.event_name]
    return [
        ErasureStatus(settings.SERVICE, is_done=True),
        *(ErasureStatus(name, name not in pending) for name in consumers),
    ]

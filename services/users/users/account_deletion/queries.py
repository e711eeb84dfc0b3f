"""How far the closing of an account is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from chassis.events.models import OutboxEvent
from users.accounts.events import AccountClosed


@dataclass(frozen=True)
class ErasureStatus:
    """Whether one service has erased the person."""

    service: str
    is_done: bool


def list_erasure_statuses(account_id: UUID) -> list[ErasureStatus]:
    """Each service that is told; ours is done, for this is asked only afterwards. One statement.

    Rows that were acknowledged are thrown away after a while: no open row means done.
    """
    pending = set(
        OutboxEvent.objects.filter(
            name=AccountClosed.name, acknowledged_at=None, payload__account_id=str(account_id)
        ).values_list("consumer", flat=True)
    )
    consumers = settings.CONSUMERS[AccountClosed.name]
    return [
        ErasureStatus(settings.SERVICE, is_done=True),
        *(ErasureStatus(name, name not in pending) for name in consumers),
    ]

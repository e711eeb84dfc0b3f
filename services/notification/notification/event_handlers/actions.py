"""Create notifications and schedule their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from notification.delivery.actions import schedule_deliveries
from notification.inbox.actions import create_notifications, remove_notifications


@transaction.atomic
def notify(
    *,
    send_at: datetime,
    at: datetime,
    replaces: str | None = None,
    **arguments: Any,
) -> list[UUID]:
    """Create notifications and their deliveries; return the ids of the deliveries.

    `arguments` are those of `create_notifications`; `send_at` and `at` those of
    `schedule_deliveries`. Notifications of the kind `replaces` with the same key are deleted before.
    """
    if replaces:
        remove_notifications(kind=replaces, key=arguments["key"], recipients=arguments["recipients"])
    notifications = create_notifications(**arguments)
    return schedule_deliveries(notifications=notifications, send_at=send_at, at=at)

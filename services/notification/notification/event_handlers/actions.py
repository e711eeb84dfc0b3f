"""Create notifications and schedule their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from notification.delivery.actions import schedule_deliveries
from notification.inbox.actions import create_notifications


@transaction.atomic
def notify(*, send_at: datetime, **arguments: Any) -> list[UUID]:
    """Create notifications and their deliveries; return the ids of the deliveries.

    `arguments` are those of `create_notifications`.
    """
    return schedule_deliveries(notifications=create_notifications(**arguments), send_at=send_at)

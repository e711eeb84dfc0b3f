"""Create notifications and schedule their deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from notification.delivery import actions as delivery
from notification.inbox import actions as inbox


@transaction.atomic
def notify(
    *,
    kind: str,
    key: str,
    recipients: Iterable[UUID],
    url: str,
    context: Mapping[str, Any],
    at: datetime,
    due_at: datetime,
    cohort_id: UUID,
    about_id: UUID | None = None,
    own_url: str | None = None,
) -> list[UUID]:
    """Create the recipients' notifications and schedule deliveries for `due_at`; return the delivery ids.

    The account `about_id`, if it is a recipient, gets another text and a link to `own_url`.
    """
    notifications = inbox.create_notifications(
        kind=kind,
        key=key,
        recipients=recipients,
        url=url,
        context=context,
        occurred_at=at,
        cohort_id=cohort_id,
        about_id=about_id,
        own_url=own_url,
    )
    return delivery.schedule_deliveries(notifications=notifications, at=due_at)

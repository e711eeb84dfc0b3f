"""What expires."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from users.exports import actions


@shared_task(ignore_result=True)
def delete_expired(**_future: object) -> None:
    """Every hour: throw away copies that are over."""
    actions.delete_expired(at=timezone.now())

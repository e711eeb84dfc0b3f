"""Periodic tasks of exports."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from users.exports import actions


@shared_task(ignore_result=True)
def delete_expired_exports(**_future: object) -> None:
    """Delete expired exports. Runs hourly."""
    actions.delete_expired_exports(at=timezone.now())

"""Periodic tasks of signing keys."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from users.keys import actions


@shared_task(ignore_result=True)
def delete_retired_keys(**_future: object) -> None:
    """Delete retired keys. Runs hourly."""
    actions.delete_retired_keys(at=timezone.now())

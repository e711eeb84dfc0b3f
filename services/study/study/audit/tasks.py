"""Retention of the audit log."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from study.audit import actions


@shared_task(ignore_result=True)
def delete_old_entries(**_future: object) -> None:
    """Every hour: delete the entries that are two years old."""
    for _count in actions.delete_old_entries(at=timezone.now()):
        pass

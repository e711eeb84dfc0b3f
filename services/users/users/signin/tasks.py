"""What is swept up."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from users.limits import actions as limits
from users.signin import actions


@shared_task(ignore_result=True)
def tidy(**later: object) -> None:
    """Every hour: sessions that are over, windows that have passed."""
    actions.tidy(at=timezone.now())
    limits.drop_past(at=timezone.now())

"""What is swept up."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from users.accounts import actions as accounts
from users.limits import actions as limits
from users.signin import actions


@shared_task(ignore_result=True)
def tidy(**_future: object) -> None:
    """Every hour: sessions that are over, windows that have passed, what is too old to be kept."""
    actions.tidy(at=timezone.now())
    accounts.drop_unconfirmed(at=timezone.now())
    accounts.forget_old_entries(at=timezone.now())
    limits.drop_past(at=timezone.now())

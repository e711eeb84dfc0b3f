"""Periodic clean-up of sign-in data."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from users.accounts.actions.audit import delete_old_audit_entries
from users.accounts.actions.registration import delete_unconfirmed_accounts
from users.ratelimit import actions as ratelimit
from users.signin import actions


@shared_task(ignore_result=True)
def delete_expired_signin_data(**_future: object) -> None:
    """Delete expired sessions and counters, unconfirmed accounts and old audit entries. Runs hourly."""
    actions.delete_expired_sessions(at=timezone.now())
    delete_unconfirmed_accounts(at=timezone.now())
    delete_old_audit_entries(at=timezone.now())
    ratelimit.delete_expired_counters(at=timezone.now())

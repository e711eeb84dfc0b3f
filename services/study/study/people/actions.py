"""Closing of accounts, and personal data exports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from study.cohorts.models import Membership
from study.memberships.actions.memberships import end_memberships
from study.mirrors import actions as mirrors
from study.people.models import Export
from study.people.rules import LEASE, MAX_ATTEMPTS, UsersUnavailable, backoff

Put = Callable[[UUID, UUID], None]


@transaction.atomic
def anonymise_account(*, account_id: UUID, version: int, at: datetime) -> None:
    """End every membership, and erase name and GitHub account. Submissions and reviews stay.

    Idempotent. A cohort may lose its last operator; owners of the installation see that.
    """
    end_memberships(account_id=account_id, at=at)
    Membership.objects.filter(account_id=account_id).update(github_id=None, github_login="", github_claim="")
    Export.objects.filter(account_id=account_id).delete()
    mirrors.anonymise_account(account_id=account_id, version=version)


@transaction.atomic
def create_export(*, export_id: UUID, account_id: UUID, at: datetime) -> None:
    """Create a pending export. Idempotent."""
    Export.objects.get_or_create(export_id=export_id, defaults={"account_id": account_id, "due_at": at})


def send_export(*, export_id: UUID, at: datetime, put: Put) -> None:
    """Send this service's part of the export to users if it is due. Sending twice replaces it."""
    claimed = Export.objects.due(at).filter(export_id=export_id)
    if not claimed.update(due_at=at + LEASE, attempts=F("attempts") + 1):
        return
    export = Export.objects.filter(export_id=export_id).first()
    if export is None:
        return  # the account was closed concurrently
    claimed_export = Export.objects.filter(export_id=export_id)
    try:
        put(export_id, export.account_id)
    except UsersUnavailable as error:
        is_last = export.attempts >= MAX_ATTEMPTS
        claimed_export.update(
            due_at=None if is_last else at + backoff(export.attempts), error=str(error)[:500]
        )
    else:
        claimed_export.update(due_at=None, sent_at=at, error="")

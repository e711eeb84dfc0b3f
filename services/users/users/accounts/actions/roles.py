"""Installation-wide roles, and disabling accounts.

Roles are in tokens, not in events, so a change keeps the account's version. Of concurrent calls only one
updates.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from users.accounts.actions.audit import record_audit
from users.accounts.models import Account, AuditKind
from users.accounts.rules import ClientInfo


class LastOwner(DomainError):
    code = "last_owner"
    title = _("You are the only owner. Make someone else an owner first.")


def ensure_owner_remains(*, without: UUID) -> None:
    """Raise LastOwner if no other active owner exists.

    Locks the owners' rows in id order, before any other row: two owners who leave concurrently cannot both
    succeed, and cannot deadlock.
    """
    owners = Account.objects.active().select_for_update().filter(is_owner=True).order_by("id")
    if [owner.id for owner in owners] == [without]:
        raise LastOwner


@transaction.atomic
def make_owner(*, account_id: UUID, client: ClientInfo, at: datetime, by: str = "") -> None:
    """Make the account an owner of the installation. Idempotent."""
    if Account.objects.active().filter(id=account_id, is_owner=False).update(is_owner=True):
        record_audit(account_id=account_id, kind=AuditKind.OWNER_MADE, client=client, at=at, about=by)


@transaction.atomic
def set_cohort_creation(
    *, account_id: UUID, is_allowed: bool, client: ClientInfo, at: datetime, by: str = ""
) -> None:
    """Grant or revoke the right to create cohorts; effective once tokens expire (10 minutes). Idempotent."""
    accounts = Account.objects.active().filter(id=account_id, can_create_cohorts=not is_allowed)
    if accounts.update(can_create_cohorts=is_allowed):
        kind = AuditKind.COHORT_CREATION_GRANTED if is_allowed else AuditKind.COHORT_CREATION_REVOKED
        record_audit(account_id=account_id, kind=kind, client=client, at=at, about=by)


@transaction.atomic
def disable(*, account_id: UUID, client: ClientInfo, at: datetime) -> None:
    """Disable sign-in and new tokens until the account is enabled. LastOwner if no other owner remains."""
    ensure_owner_remains(without=account_id)
    if Account.objects.active().filter(id=account_id).update(disabled_at=at):
        record_audit(account_id=account_id, kind=AuditKind.DISABLED, client=client, at=at)


@transaction.atomic
def enable(*, account_id: UUID, client: ClientInfo, at: datetime) -> None:
    """Enable a disabled account."""
    if Account.objects.filter(id=account_id, disabled_at__isnull=False).update(disabled_at=None):
        record_audit(account_id=account_id, kind=AuditKind.ENABLED, client=client, at=at)

"""What people may do in the whole installation, and whether they may come in at all."""

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
    """LastOwner if this is the one owner who may sign in.

    The owners' rows are locked, in one order for all, before any other: two owners who leave
    at once do not leave the place to nobody, and do not wait for each other for ever.
    """
    owners = Account.objects.active().select_for_update().filter(is_owner=True).order_by("id")
    if [owner.id for owner in owners] == [without]:
        raise LastOwner


@transaction.atomic
def make_owner(*, account_id: UUID, client: ClientInfo, at: datetime, by: str = "") -> None:
    """Give the account every right over the installation. Twice is once."""
    if _set_role(account_id, is_owner=True):
        record_audit(account_id=account_id, kind=AuditKind.OWNER_MADE, client=client, at=at, about=by)


@transaction.atomic
def grant_cohort_creation(*, account_id: UUID, client: ClientInfo, at: datetime, by: str = "") -> None:
    """Let the account open cohorts. Twice is once."""
    if _set_role(account_id, can_create_cohorts=True):
        record_audit(
            account_id=account_id, kind=AuditKind.COHORT_CREATION_GRANTED, client=client, at=at, about=by
        )


@transaction.atomic
def revoke_cohort_creation(*, account_id: UUID, client: ClientInfo, at: datetime, by: str = "") -> None:
    """The account opens no more cohorts, within ten minutes everywhere; those it opened go on."""
    if _set_role(account_id, can_create_cohorts=False):
        record_audit(
            account_id=account_id, kind=AuditKind.COHORT_CREATION_REVOKED, client=client, at=at, about=by
        )


@transaction.atomic
def disable(*, account_id: UUID, client: ClientInfo, at: datetime) -> None:
    """Keep the account out until it is enabled. LastOwner if nobody else owns the place."""
    ensure_owner_remains(without=account_id)
    if Account.objects.active().filter(id=account_id).update(disabled_at=at):
        record_audit(account_id=account_id, kind=AuditKind.DISABLED, client=client, at=at)


@transaction.atomic
def enable(*, account_id: UUID, client: ClientInfo, at: datetime) -> None:
    """Let a disabled account in again."""
    if Account.objects.filter(id=account_id, disabled_at__isnull=False).update(disabled_at=None):
        record_audit(account_id=account_id, kind=AuditKind.ENABLED, client=client, at=at)


def _set_role(account_id: UUID, **flag: bool) -> bool:
    # Roles travel in tokens, not in events, so the version stays. Only one of two racers changes the row.
    ((field, value),) = flag.items()
    return bool(Account.objects.active().filter(id=account_id, **{field: not value}).update(**{field: value}))

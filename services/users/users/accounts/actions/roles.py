"""What people may do in the whole installation, and whether they may come in at all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from users.accounts.actions.log import note
from users.accounts.models import Account, Kind
from users.accounts.rules import Seen


class LastOwner(DomainError):
    code = "last_owner"
    title = _("You are the only owner. Make someone else an owner first.")


def keep_an_owner(*, without: UUID) -> None:
    """LastOwner if this is the one owner who may sign in.

    The owners' rows are locked, in one order for all, before any other: two owners who leave
    at once do not leave the place to nobody, and do not wait for each other for ever.
    """
    owners = Account.objects.living().select_for_update().filter(is_owner=True).order_by("id")
    if [owner.id for owner in owners] == [without]:
        raise LastOwner


@transaction.atomic
def make_owner(*, account_id: UUID, seen: Seen, at: datetime, by: str = "") -> None:
    """Give the account every right over the installation. Twice is once."""
    if _set(account_id, is_owner=True):
        note(account_id=account_id, kind=Kind.OWNER_MADE, seen=seen, at=at, about=by)


@transaction.atomic
def allow_opening(*, account_id: UUID, seen: Seen, at: datetime, by: str = "") -> None:
    """Let the account open cohorts. Twice is once."""
    if _set(account_id, is_opener=True):
        note(account_id=account_id, kind=Kind.OPENING_ALLOWED, seen=seen, at=at, about=by)


@transaction.atomic
def withdraw_opening(*, account_id: UUID, seen: Seen, at: datetime, by: str = "") -> None:
    """The account opens no more cohorts, within ten minutes everywhere; those it opened go on."""
    if _set(account_id, is_opener=False):
        note(account_id=account_id, kind=Kind.OPENING_WITHDRAWN, seen=seen, at=at, about=by)


@transaction.atomic
def disable(*, account_id: UUID, seen: Seen, at: datetime) -> None:
    """Keep the account out until it is enabled. LastOwner if nobody else owns the place."""
    keep_an_owner(without=account_id)
    if Account.objects.living().filter(id=account_id).update(disabled_at=at):
        note(account_id=account_id, kind=Kind.DISABLED, seen=seen, at=at)


@transaction.atomic
def enable(*, account_id: UUID, seen: Seen, at: datetime) -> None:
    """Let a disabled account in again."""
    if Account.objects.filter(id=account_id, disabled_at__isnull=False).update(disabled_at=None):
        note(account_id=account_id, kind=Kind.ENABLED, seen=seen, at=at)


def _set(account_id: UUID, **flag: bool) -> bool:
    # Roles travel in tokens, not in events, so the version stays. Only one of two racers changes the row.
    ((field, value),) = flag.items()
    return bool(Account.objects.living().filter(id=account_id, **{field: not value}).update(**{field: value}))

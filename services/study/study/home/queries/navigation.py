"""The account's cohorts, for the navigation."""

from __future__ import annotations

from uuid import UUID

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership


def has_accounts() -> bool:
    """Return True if an account was ever confirmed; closed ones count. One statement."""
    return AccountMirror.objects.exists()


def memberships(account_id: UUID) -> list[Membership]:
    """Return the account's live memberships with cohorts: those in running ones first, then the newest."""
    mine = Membership.objects.live().filter(account_id=account_id)
    newest_first = mine.select_related("cohort").order_by("-joined_at", "id")
    return sorted(newest_first, key=lambda membership: membership.cohort.closed_at is not None)

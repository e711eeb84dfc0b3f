"""Read queries on the account mirror."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.account_mirror.models import AccountMirror


def is_closed(account_id: UUID) -> bool:
    """Return True if the account is known to be closed. One query."""
    return AccountMirror.objects.filter(account_id=account_id, closed=True).exists()


def export_account(account_id: UUID) -> dict[str, Any] | None:
    """Return the mirrored personal data of an account for its export; None without a row. One query."""
    columns = ("name", "github_id", "github_login", "language", "time_zone")
    row: dict[str, Any] | None = AccountMirror.objects.filter(account_id=account_id).values(*columns).first()
    return row

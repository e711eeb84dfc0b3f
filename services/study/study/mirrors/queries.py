"""Read queries on the account mirror."""

from __future__ import annotations

from uuid import UUID

from study.mirrors.models import AccountMirror


def is_closed(account_id: UUID) -> bool:
    """Return True if the account is known to be closed. One query."""
    return AccountMirror.objects.filter(account_id=account_id, closed=True).exists()

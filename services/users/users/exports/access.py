"""Load exports with permission checks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.errors import NotFound
from users.exports.models import Export


def own_export(export_id: UUID, *, account_id: UUID, at: datetime) -> Export:
    """Return the account's own unexpired export, or raise NotFound."""
    try:
        return Export.objects.with_sections().get(id=export_id, account_id=account_id, expires_at__gt=at)
    except Export.DoesNotExist:
        raise NotFound from None

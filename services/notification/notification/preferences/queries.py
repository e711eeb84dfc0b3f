"""Read models of preferences."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise

from notification.inbox.rules import KINDS
from notification.preferences.models import Preference, QuietHoursChoice
from notification.preferences.rules import CHANNELS, QuietHours, is_on_by_default


@dataclass(frozen=True)
class Choice:
    """Whether a kind is sent on a channel: a cell of the matrix."""

    kind: str
    label: str | Promise
    channel: str
    channel_label: str | Promise
    on: bool


def choices(account_id: UUID) -> list[Choice]:
    """Return every kind × channel, in the order of KINDS. One query."""
    chosen = {(row.kind, row.channel): row.on for row in Preference.objects.filter(account_id=account_id)}
    return [
        Choice(
            name,
            kind.label,
            channel,
            channel_label,
            chosen.get((name, channel), is_on_by_default(name, channel)),
        )
        for name, kind in KINDS.items()
        for channel, channel_label in CHANNELS.items()
    ]


def default_quiet_hours() -> QuietHours | None:
    """Return the quiet hours of accounts that chose none."""
    return QuietHours(*settings.QUIET_HOURS) if settings.QUIET_HOURS else None


def quiet_hours(account_ids: Collection[UUID]) -> dict[UUID, QuietHours | None]:
    """Return the quiet hours of each account. One query."""
    chosen = QuietHoursChoice.objects.in_bulk(account_ids)
    default = default_quiet_hours()
    return {
        account_id: QuietHours(row.starts, row.ends) if (row := chosen.get(account_id)) else default
        for account_id in account_ids
    }


def export_quiet_hours(account_id: UUID) -> dict[str, Any] | None:
    """Return the account's own quiet hours for its export; None without any. One query."""
    choice = QuietHoursChoice.objects.filter(account_id=account_id).first()
    return {"starts": choice.starts, "ends": choice.ends} if choice else None

"""Read models of preferences."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from notification.inbox.rules import KINDS
from notification.preferences.models import Preference
from notification.preferences.rules import CHANNELS, is_on_by_default


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

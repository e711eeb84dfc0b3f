"""Handlers of account events from users."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.account_mirror import actions
from chassis.events.publish import Envelope


def account_changed(envelope: Envelope) -> None:
    """Create or update the mirror of an account."""
    upsert_account(envelope["payload"])


def upsert_account(row: dict[str, Any]) -> None:
    """Create or update the mirror of an open account by the event's payload, or a row of users' list."""
    actions.upsert_account(
        account_id=UUID(row["account_id"]),
        name=row["name"],
        github_id=row["github_id"],
        github_login=row["github_login"],
        language=row["language"],
        time_zone=row["time_zone"],
        version=row["version"],
    )

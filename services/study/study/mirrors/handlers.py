"""Handlers of account events from users."""

from __future__ import annotations

from uuid import UUID

from chassis.events.publish import Envelope
from study.mirrors import actions


def account_changed(envelope: Envelope) -> None:
    """Create or update the account mirror."""
    payload = envelope["payload"]
    actions.upsert_account(
        account_id=UUID(payload["account_id"]),
        name=payload["name"],
        github_id=payload["github_id"],
        github_login=payload["github_login"],
        version=payload["version"],
    )

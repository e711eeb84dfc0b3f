"""Handlers of events of the users service about the personal data of an account."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from chassis.account_mirror import handlers as account_mirror
from chassis.events.publish import Envelope
from chassis.personal_data import actions, tasks


def account_closed(envelope: Envelope) -> None:
    """Delete the account's personal data. The acknowledgement reports it to users."""
    payload = envelope["payload"]
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.delete_account(account_id=UUID(payload["account_id"]), version=payload["version"], at=at)


def upsert_account(row: dict[str, Any]) -> None:
    """Update the mirror of an account by a row of the users service's list, as its events would have done."""
    if row["closed"]:
        account_id = UUID(row["account_id"])
        actions.delete_account(account_id=account_id, version=row["version"], at=timezone.now())
    else:
        account_mirror.upsert_account(row)


def export_requested(envelope: Envelope) -> None:
    """Create a pending export and enqueue it."""
    payload = envelope["payload"]
    export_id = UUID(payload["export_id"])
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.create_export(export_id=export_id, account_id=UUID(payload["account_id"]), at=at)
    tasks.enqueue_export_on_commit(export_id)

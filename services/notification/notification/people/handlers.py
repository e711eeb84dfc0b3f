"""Handlers of users' events about account deletion and export."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.events.publish import Envelope
from notification.people import actions, tasks


def account_closed(envelope: Envelope) -> None:
    """Delete the account's personal data. The acknowledgement reports to users that it is done."""
    payload = envelope["payload"]
    actions.delete_account_data(account_id=UUID(payload["account_id"]), version=payload["version"])


def export_requested(envelope: Envelope) -> None:
    """Record the export request and enqueue a task that sends the data to users."""
    payload = envelope["payload"]
    export_id = UUID(payload["export_id"])
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.create_export(export_id=export_id, account_id=UUID(payload["account_id"]), at=at)
    tasks.enqueue_on_commit(export_id)

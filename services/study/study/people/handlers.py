"""Handlers of events from users about whole accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.events.publish import Envelope
from study.people import actions, tasks


def account_closed(envelope: Envelope) -> None:
    """Anonymise a closed account."""
    payload = envelope["payload"]
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.anonymise_account(account_id=UUID(payload["account_id"]), version=payload["version"], at=at)


def export_requested(envelope: Envelope) -> None:
    """Create a pending export and enqueue it."""
    payload = envelope["payload"]
    export_id = UUID(payload["export_id"])
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.create_export(export_id=export_id, account_id=UUID(payload["account_id"]), at=at)
    tasks.enqueue_on_commit(export_id)

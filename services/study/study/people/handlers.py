"""What users tells of a person as a whole."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.events.publish import Envelope
from study.people import actions, tasks


def account_closed(envelope: Envelope) -> None:
    """The person is gone: forget them, so that users may count us among those who have."""
    payload = envelope["payload"]
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.anonymise_account(account_id=UUID(payload["account_id"]), version=payload["version"], at=at)


def export_requested(envelope: Envelope) -> None:
    """The person wants a copy of everything. It is put to users in the background, not in here."""
    payload = envelope["payload"]
    export_id = UUID(payload["export_id"])
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.create_export(export_id=export_id, account_id=UUID(payload["account_id"]), at=at)
    tasks.enqueue_on_commit(export_id)

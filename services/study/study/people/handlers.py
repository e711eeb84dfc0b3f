"""What users tells of a person as a whole."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from chassis.events.publish import Envelope
from study.people import actions, tasks


def account_closed(envelope: Envelope) -> None:
    """The person is gone: forget them, so that users may count us among those who have."""
    told = envelope["payload"]
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.forget(account_id=UUID(told["account_id"]), version=told["version"], at=at)


def export_requested(envelope: Envelope) -> None:
    """The person wants a copy of everything. It is put to users in the background, not in here."""
    told = envelope["payload"]
    export_id = UUID(told["export_id"])
    at = datetime.fromisoformat(envelope["occurred_at"])
    actions.note_export(export_id=export_id, account_id=UUID(told["account_id"]), at=at)
    tasks.hurry(export_id)

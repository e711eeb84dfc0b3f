"""Handlers of study's events. The payload lists the recipients; inbox.rules.KINDS has the texts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from chassis.events.publish import Envelope
from notification.delivery import tasks
from notification.event_handlers import actions


def _at(envelope: Envelope) -> datetime:
    return datetime.fromisoformat(envelope["occurred_at"])


def _due_at(envelope: Envelope) -> datetime:
    # The producer's clock may be ahead of ours.
    return min(_at(envelope), timezone.now())


def _recipients(envelope: Envelope) -> list[UUID]:
    return [UUID(account_id) for account_id in envelope["payload"]["recipients"]]


def member_invited(envelope: Envelope) -> None:
    """Notify an account holder of an invitation."""
    payload = envelope["payload"]
    delivery_ids = actions.notify(
        kind="invited",
        key=f"invited:{payload['invitation_id']}",
        recipients=_recipients(envelope),
        url=payload["link"],
        context={"cohort": payload["cohort_title"], "by": payload["invited_by"], "role": payload["role"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(payload["cohort_id"]),
    )
    tasks.send_on_commit(delivery_ids)


def member_joined(envelope: Envelope) -> None:
    """Welcome the new member; notify the operators."""
    payload = envelope["payload"]
    delivery_ids = actions.notify(
        kind="joined",
        key=f"joined:{payload['membership_id']}",
        recipients=_recipients(envelope),
        url=f"/cohorts/{payload['cohort_id']}/members/",
        own_url=f"/cohorts/{payload['cohort_id']}/",
        context={"cohort": payload["cohort_title"], "role": payload["role"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(payload["cohort_id"]),
        about_id=UUID(payload["account_id"]),
    )
    tasks.send_on_commit(delivery_ids)


def announcement_published(envelope: Envelope) -> None:
    """Notify the recipients of an announcement."""
    payload = envelope["payload"]
    delivery_ids = actions.notify(
        kind="announcement",
        key=f"announcement:{payload['announcement_id']}",
        recipients=_recipients(envelope),
        url=f"/announcements/{payload['announcement_id']}/",
        context={"cohort": payload["cohort_title"], "title": payload["title"], "excerpt": payload["excerpt"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(payload["cohort_id"]),
    )
    tasks.send_on_commit(delivery_ids)


def submission_received(envelope: Envelope) -> None:
    """Confirm the submission to the member; notify the mentor."""
    payload = envelope["payload"]
    delivery_ids = actions.notify(
        kind="submission_received",
        key=f"submission_received:{payload['submission_id']}:{payload['attempt']}",
        recipients=_recipients(envelope),
        url=f"/reviews/{payload['submission_id']}/",
        own_url=f"/submissions/{payload['submission_id']}/",
        context={"mission": payload["mission_title"], "attempt": payload["attempt"], "late": payload["late"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(payload["cohort_id"]),
        about_id=UUID(payload["member_id"]),
    )
    tasks.send_on_commit(delivery_ids)


def changes_requested(envelope: Envelope) -> None:
    """Notify the member of requested changes. Keyed by event id: every request is notified."""
    payload = envelope["payload"]
    delivery_ids = actions.notify(
        kind="changes_requested",
        key=f"changes_requested:{envelope['event_id']}",
        recipients=_recipients(envelope),
        url=f"/submissions/{payload['submission_id']}/",
        context={"mission": payload["mission_title"], "by": payload["reviewer"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(payload["cohort_id"]),
    )
    tasks.send_on_commit(delivery_ids)


def review_released(envelope: Envelope) -> None:
    """Notify the member of released marks. Keyed by version: a changed review is notified again."""
    payload = envelope["payload"]
    delivery_ids = actions.notify(
        kind="review_released",
        key=f"review_released:{payload['review_id']}:{payload['version']}",
        recipients=_recipients(envelope),
        url=f"/submissions/{payload['submission_id']}/",
        context={
            "mission": payload["mission_title"],
            "points": payload["points"],
            "max_points": payload["max_points"],
            "version": payload["version"],
        },
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(payload["cohort_id"]),
    )
    tasks.send_on_commit(delivery_ids)

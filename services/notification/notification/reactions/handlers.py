"""What happens in a cohort, and who is told. Study names the recipients; the catalogue has the words."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from chassis.events.publish import Envelope
from notification.delivery import tasks
from notification.reactions import actions


def _at(envelope: Envelope) -> datetime:
    return datetime.fromisoformat(envelope["occurred_at"])


def _due_at(envelope: Envelope) -> datetime:
    # The producer's clock may be ahead.
    return min(_at(envelope), timezone.now())


def _recipients(envelope: Envelope) -> list[UUID]:
    return [UUID(account_id) for account_id in envelope["payload"]["recipients"]]


def member_invited(envelope: Envelope) -> None:
    """Someone with an account is asked to join."""
    told = envelope["payload"]
    planned = actions.tell(
        kind="invited",
        key=f"invited:{told['invitation_id']}",
        recipients=_recipients(envelope),
        url=told["link"],
        facts={"cohort": told["cohort_title"], "by": told["invited_by"], "role": told["role"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(told["cohort_id"]),
    )
    tasks.hurry(planned)


def member_joined(envelope: Envelope) -> None:
    """Someone joined: a welcome for them, news for the operators."""
    told = envelope["payload"]
    planned = actions.tell(
        kind="joined",
        key=f"joined:{told['membership_id']}",
        recipients=_recipients(envelope),
        url=f"/cohorts/{told['cohort_id']}/members/",
        own_url=f"/cohorts/{told['cohort_id']}/",
        facts={"cohort": told["cohort_title"], "role": told["role"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(told["cohort_id"]),
        about_id=UUID(told["account_id"]),
    )
    tasks.hurry(planned)


def announcement_published(envelope: Envelope) -> None:
    """The operators have something to say."""
    told = envelope["payload"]
    planned = actions.tell(
        kind="announcement",
        key=f"announcement:{told['announcement_id']}",
        recipients=_recipients(envelope),
        url=f"/announcements/{told['announcement_id']}/",
        facts={"cohort": told["cohort_title"], "title": told["title"], "excerpt": told["excerpt"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(told["cohort_id"]),
    )
    tasks.hurry(planned)


def submission_received(envelope: Envelope) -> None:
    """A mission was handed in: a receipt for the member, work for the mentor."""
    told = envelope["payload"]
    planned = actions.tell(
        kind="submission_received",
        key=f"submission_received:{told['submission_id']}:{told['attempt']}",
        recipients=_recipients(envelope),
        url=f"/reviews/{told['submission_id']}/",
        own_url=f"/submissions/{told['submission_id']}/",
        facts={"mission": told["mission_title"], "attempt": told["attempt"], "late": told["late"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(told["cohort_id"]),
        about_id=UUID(told["member_id"]),
    )
    tasks.hurry(planned)


def changes_requested(envelope: Envelope) -> None:
    """A reviewer wants something changed. Each time is told: the event's own id is the key."""
    told = envelope["payload"]
    planned = actions.tell(
        kind="changes_requested",
        key=f"changes_requested:{envelope['event_id']}",
        recipients=_recipients(envelope),
        url=f"/submissions/{told['submission_id']}/",
        facts={"mission": told["mission_title"], "by": told["reviewer"]},
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(told["cohort_id"]),
    )
    tasks.hurry(planned)


def review_released(envelope: Envelope) -> None:
    """Marks may be seen. A changed review is a new version, and told as one."""
    told = envelope["payload"]
    planned = actions.tell(
        kind="review_released",
        key=f"review_released:{told['review_id']}:{told['version']}",
        recipients=_recipients(envelope),
        url=f"/submissions/{told['submission_id']}/",
        facts={
            "mission": told["mission_title"],
            "points": told["points"],
            "max_points": told["max_points"],
            "version": told["version"],
        },
        at=_at(envelope),
        due_at=_due_at(envelope),
        cohort_id=UUID(told["cohort_id"]),
    )
    tasks.hurry(planned)

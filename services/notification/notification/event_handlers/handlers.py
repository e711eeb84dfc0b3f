"""Handlers of study's events. The payload lists the recipients; inbox.rules.KINDS has the texts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from chassis.celery_app import LOW_PRIORITY
from chassis.enqueue import enqueue_on_commit
from chassis.events.publish import Envelope
from notification.chat import actions as chat
from notification.chat.tasks import enqueue_send_on_commit as enqueue_messages_on_commit
from notification.delivery import tasks
from notification.delivery.actions import create_invitation_email
from notification.event_handlers import actions

_INVITATION_FIELDS = ("name", "cohort_title", "invited_by", "role", "link", "language", "time_zone")


def _notify(
    envelope: Envelope, kind: str, key: object, *, replaces: str | None = None, **arguments: Any
) -> None:
    """Notify the event's recipients once per key; send mail after commit.

    `replaces` is the kind of notification with the same key that is deleted, or never created if its event
    arrives later.
    """
    payload = envelope["payload"]
    occurred_at, now = datetime.fromisoformat(envelope["occurred_at"]), timezone.now()
    delivery_ids = actions.notify(
        kind=kind,
        key=f"{replaces or kind}:{key}",
        replaces=replaces,
        recipients=[UUID(account_id) for account_id in payload["recipients"]],
        cohort_id=UUID(payload["cohort_id"]) if "cohort_id" in payload else None,
        occurred_at=occurred_at,
        # The producer's clock may be ahead of ours.
        send_at=min(occurred_at, now),
        at=now,
        **arguments,
    )
    tasks.enqueue_send_on_commit(delivery_ids)


def _post_to_chat(
    envelope: Envelope, kind: str, key: object, *, url: str, context: dict[str, Any], only_part: bool = False
) -> None:
    """Queue a message to the cohort's chats once per key; not to those of other parts than the event's.

    `only_part` leaves out the chats of the whole cohort.
    """
    payload = envelope["payload"]
    part_id = payload.get("part_id")
    chat.queue_messages(
        cohort_id=UUID(payload["cohort_id"]),
        part_id=UUID(part_id) if part_id else None,
        only_part=only_part,
        kind=kind,
        key=f"{kind}:{key}",
        url=url,
        context=context,
        at=timezone.now(),
    )
    enqueue_messages_on_commit()


def member_invited(envelope: Envelope) -> None:
    """Notify an account holder of an invitation."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "invited",
        payload["invitation_id"],
        url=payload["link"],
        context={"cohort": payload["cohort_title"], "by": payload["invited_by"], "role": payload["role"]},
    )


def invitation_email_requested(envelope: Envelope) -> None:
    """Mail an invitation to an address that may belong to no account."""
    payload = envelope["payload"]
    create_invitation_email(
        email_id=UUID(payload["email_id"]),
        to=payload["email"],
        expires_at=datetime.fromisoformat(payload["expires_at"]),
        next_attempt_at=min(datetime.fromisoformat(envelope["occurred_at"]), timezone.now()),
        **{key: payload[key] for key in _INVITATION_FIELDS},
    )
    enqueue_on_commit(tasks.send_due_invitations, priority=LOW_PRIORITY)


def member_joined(envelope: Envelope) -> None:
    """Welcome the new member; notify the operators."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "joined",
        payload["membership_id"],
        url=f"/cohorts/{payload['cohort_id']}/members/",
        own_url=f"/cohorts/{payload['cohort_id']}/",
        context={"cohort": payload["cohort_title"], "role": payload["role"]},
        about_id=UUID(payload["account_id"]),
    )


def join_requested(envelope: Envelope) -> None:
    """Notify the operators of a request to join."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "join_requested",
        payload["request_id"],
        url=f"/cohorts/{payload['cohort_id']}/invitations/requests/",
        context={"cohort": payload["cohort_title"], "role": payload["role"]},
        about_id=UUID(payload["account_id"]),
    )


def join_request_decided(envelope: Envelope) -> None:
    """Notify who asked to join that the request was approved or declined."""
    payload = envelope["payload"]
    cohort = f"/cohorts/{payload['cohort_id']}/"
    _notify(
        envelope,
        "join_request_decided",
        payload["request_id"],
        # Who is not in the cohort cannot open it.
        url=cohort if payload["approved"] else f"/join/requests/{payload['request_id']}/",
        context={
            "cohort": payload["cohort_title"],
            "role": payload["role"],
            "approved": payload["approved"],
        },
    )


def announcement_published(envelope: Envelope) -> None:
    """Notify the recipients of an announcement."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "announcement",
        payload["announcement_id"],
        url=f"/cohorts/{payload['cohort_id']}/announcements/{payload['announcement_id']}/",
        context={"cohort": payload["cohort_title"], "title": payload["title"], "excerpt": payload["excerpt"]},
    )
    # Everybody in a channel of the cohort reads what is written there: nothing for a part or a team.
    if payload.get("audience") in {"cohort", "part"}:
        _post_to_chat(
            envelope,
            "announcement",
            payload["announcement_id"],
            url=f"/cohorts/{payload['cohort_id']}/announcements/{payload['announcement_id']}/",
            context={"title": payload["title"]},
            only_part=payload["audience"] == "part",
        )


def readers_reminded(envelope: Envelope) -> None:
    """Remind those who have not read an announcement, once a day."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "announcement",
        f"{payload['announcement_id']}:{payload['day']}",
        url=f"/cohorts/{payload['cohort_id']}/announcements/{payload['announcement_id']}/",
        context={
            "cohort": payload["cohort_title"],
            "title": payload["title"],
            "excerpt": payload["excerpt"],
            "is_reminder": True,
        },
    )


def submission_received(envelope: Envelope) -> None:
    """Confirm the submission to the member; notify the mentor."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "submission_received",
        f"{payload['submission_id']}:{payload['attempt']}",
        url=f"/cohorts/{payload['cohort_id']}/reviews/{payload['submission_id']}/",
        own_url=f"/cohorts/{payload['cohort_id']}/submissions/{payload['submission_id']}/",
        context={
            "mission": payload["mission_title"],
            # Null before release 0.3.
            "mission_id": payload.get("mission_id"),
            "attempt": payload["attempt"],
            "late": payload["late"],
            "is_completed": payload.get("is_completed", False),
        },
        about_id=UUID(payload["member_id"]),
    )


def changes_requested(envelope: Envelope) -> None:
    """Notify the member of requested changes. Keyed by event id: every request is notified."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "changes_requested",
        envelope["event_id"],
        url=f"/cohorts/{payload['cohort_id']}/submissions/{payload['submission_id']}/",
        context={"mission": payload["mission_title"], "by": payload["reviewer"]},
    )


def submission_completed(envelope: Envelope) -> None:
    """Notify the member of a completed mission. Keyed by event id: a merge can be reverted and repeated."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "submission_completed",
        envelope["event_id"],
        url=f"/cohorts/{payload['cohort_id']}/submissions/{payload['submission_id']}/",
        context={
            "mission": payload["mission_title"],
            "by": payload["reviewer"],
            "completion": payload["completion"],
        },
    )


def review_released(envelope: Envelope) -> None:
    """Notify the member of released marks. Keyed by version: a changed review is notified again."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "review_released",
        f"{payload['review_id']}:{payload['version']}",
        url=f"/cohorts/{payload['cohort_id']}/submissions/{payload['submission_id']}/",
        context={
            "mission": payload["mission_title"],
            "points": payload["points"],
            "max_points": payload["max_points"],
            "version": payload["version"],
        },
    )


def review_withdrawn(envelope: Envelope) -> None:
    """Replace the notification of the released marks. It has the same key, so the order does not matter."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "review_withdrawn",
        f"{payload['review_id']}:{payload['version']}",
        replaces="review_released",
        url=f"/cohorts/{payload['cohort_id']}/submissions/{payload['submission_id']}/",
        context={"mission": payload["mission_title"]},
    )


def thread_answered(envelope: Envelope) -> None:
    """Notify the other side of an answer to a review."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "thread_answered",
        payload["entry_id"],
        url=f"/cohorts/{payload['cohort_id']}/submissions/{payload['submission_id']}/",
        context={"mission": payload["mission_title"]},
        about_id=UUID(payload["author_id"]),
    )


def extension_requested(envelope: Envelope) -> None:
    """Notify the operators of a request for more time."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "extension_requested",
        payload["request_id"],
        url=f"/cohorts/{payload['cohort_id']}/extension-requests/",
        context={"mission": payload["mission_title"]},
        about_id=UUID(payload["member_id"]),
    )


def extension_request_decided(envelope: Envelope) -> None:
    """Answer the member who asked for more time, also in quiet hours: the deadline may be that night."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "extension_decided",
        payload["request_id"],
        url=f"/cohorts/{payload['cohort_id']}/missions/{payload['mission_id']}/",
        context={
            "mission": payload["mission_title"],
            "granted": payload["granted"],
            "new_due_at": payload["due_at"],
            "answer": payload["answer"],
        },
        about_id=UUID(payload["member_id"]),
    )


# Of a kind of `members_reminded` → the kind of notification.
_REMINDERS = {"opened": "mission_opened", "moved": "deadline_moved"}


def members_reminded(envelope: Envelope) -> None:
    """Remind members of a mission that they have not submitted."""
    payload = envelope["payload"]
    _notify(
        envelope,
        _REMINDERS.get(payload["kind"], "deadline_reminder"),
        ":".join([payload["mission_id"], payload["kind"], payload["window"], payload["due_at"]]),
        url=f"/cohorts/{payload['cohort_id']}/missions/{payload['mission_id']}/",
        context={
            "mission": payload["mission_title"],
            "mission_id": payload["mission_id"],
            "window": payload["window"],
            "due_at": payload["due_at"],
            # What an operator asks for is sent after the deadline too.
            "expires_at": None if payload["kind"] == "asked" else payload["due_at"],
        },
    )
    if payload.get("members"):
        _post_reminder_to_chat(envelope)


def _post_reminder_to_chat(envelope: Envelope) -> None:
    """Write once that the mission opened, or in each window how many have not submitted it."""
    payload = envelope["payload"]
    is_new = payload["kind"] == "opened"
    _post_to_chat(
        envelope,
        "mission_opened" if is_new else "missing",
        ":".join([payload["mission_id"], payload["window"], "" if is_new else payload["due_at"]]),
        url=f"/cohorts/{payload['cohort_id']}/missions/{payload['mission_id']}/",
        context={
            "mission": payload["mission_title"],
            "missing": payload["unsubmitted"],
            "total": payload["members"],
            "due_at": payload["due_at"],
            "expires_at": payload["due_at"],
        },
    )


def reviewer_reminded(envelope: Envelope) -> None:
    """Notify a reviewer of what waits, once a day."""
    payload = envelope["payload"]
    _notify(
        envelope,
        "review_digest",
        payload["day"],
        url="/reviews/",
        context={"waiting": payload["waiting"], "waiting_since": payload["waiting_since"]},
    )

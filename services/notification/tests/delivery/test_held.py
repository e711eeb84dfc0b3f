"""A reminder that waits for the end of quiet hours, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from chassis.testing import NOW
from notification.delivery.models import Delivery
from notification.inbox.models import Notification
from notification.preferences.actions import update_quiet_hours
from tests.conftest import ADA, BORIS, Mailbox, ReceiveExample

MISSION, OTHER = UUID(int=1), UUID(int=2)
# Of Ada's quiet hours: 20:00 in Seoul.
END = NOW + timedelta(hours=2)
Deliver = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def quiet(mirror_rows: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 18:00 in Seoul, in Ada's quiet hours."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    update_quiet_hours(account_id=ADA, starts=time(17), ends=time(20))


@pytest.fixture
def remind(receive_example: ReceiveExample) -> Callable[..., None]:
    """remind(kind="due", window="3h", due_at=…): Ada owes the mission."""

    def reminded(**changes: Any) -> None:
        about = {"mission_id": MISSION, "recipients": [ADA], "due_at": (NOW + timedelta(hours=3)).isoformat()}
        receive_example("study.members_reminded.v1", **(about | changes))

    return reminded


def test_it_is_in_the_inbox_at_once_and_sent_when_they_end(
    remind: Callable[..., None], mailbox: Mailbox, deliver: Deliver
) -> None:
    remind()
    deliver(END - timedelta(minutes=1))
    assert (Notification.objects.count(), mailbox.mails) == (1, [])

    deliver(END)

    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("kind", "window"), [("opened", ""), ("moved", ""), ("due", "3h"), ("asked", "2026-11-24")]
)
def test_who_submits_meanwhile_is_not_reminded(
    remind: Callable[..., None],
    receive_example: ReceiveExample,
    mailbox: Mailbox,
    deliver: Deliver,
    kind: str,
    window: str,
) -> None:
    remind(kind=kind, window=window)
    receive_example("study.submission_received.v1", member_id=ADA, mission_id=MISSION, recipients=[ADA])

    deliver(END)

    assert mailbox.mails == []
    assert Delivery.objects.get().skipped == "submitted"


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(("member_id", "mission_id"), [(BORIS, MISSION), (ADA, OTHER), (ADA, None)])
def test_a_submission_of_somebody_else_or_of_another_mission_changes_nothing(
    remind: Callable[..., None],
    receive_example: ReceiveExample,
    mailbox: Mailbox,
    deliver: Deliver,
    member_id: UUID,
    mission_id: UUID | None,
    is_first: bool,
) -> None:
    # Also in the other order: events are not ordered.
    if not is_first:
        remind()
    receive_example(
        "study.submission_received.v1", member_id=member_id, mission_id=mission_id, recipients=[ADA, BORIS]
    )
    if is_first:
        remind()

    deliver(END)

    assert len(mailbox.to("ada@example.org")) == 1


def test_a_reminder_of_a_release_that_named_no_mission_is_sent(
    remind: Callable[..., None], receive_example: ReceiveExample, mailbox: Mailbox, deliver: Deliver
) -> None:
    remind()
    reminder = Notification.objects.get()
    del reminder.context["mission_id"]
    reminder.save(update_fields=["context"])
    receive_example("study.submission_received.v1", member_id=ADA, mission_id=None, recipients=[ADA])

    deliver(END)

    assert len(mailbox.to("ada@example.org")) == 1


@pytest.mark.parametrize(("due_at", "skipped"), [(END + timedelta(minutes=1), ""), (END, "quiet")])
def test_what_could_not_be_sent_before_waits_for_their_end(
    remind: Callable[..., None], mailbox: Mailbox, deliver: Deliver, due_at: datetime, skipped: str
) -> None:
    remind(due_at=due_at.isoformat())
    # The mail server was away until now.
    Delivery.objects.update(next_attempt_at=NOW, skipped="", attempts=3)

    deliver(NOW)

    delivery = Delivery.objects.get()
    assert (delivery.skipped, mailbox.mails) == (skipped, [])
    if not skipped:
        assert (delivery.next_attempt_at, delivery.attempts) == (END, 3)
        deliver(END)
        assert len(mailbox.mails) == 1


def test_the_order_of_the_events_does_not_matter(
    remind: Callable[..., None], receive_example: ReceiveExample, mailbox: Mailbox, deliver: Deliver
) -> None:
    receive_example("study.submission_received.v1", member_id=ADA, mission_id=MISSION, recipients=[ADA])
    remind()

    deliver(END)

    assert mailbox.mails == []


@pytest.mark.parametrize(("kind", "skipped"), [("due", "quiet"), ("asked", "")])
def test_after_the_deadline_only_the_inbox_has_it_unless_an_operator_asked(
    remind: Callable[..., None], mailbox: Mailbox, deliver: Deliver, kind: str, skipped: str
) -> None:
    remind(kind=kind, window="3h", due_at=END.isoformat())

    deliver(END)

    assert (Delivery.objects.get().skipped, len(mailbox.mails)) == (skipped, kind == "asked")
    assert Notification.objects.count() == 1

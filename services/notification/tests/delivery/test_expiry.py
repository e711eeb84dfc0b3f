"""What is of no use any more is not sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from chassis.testing import NOW
from notification.delivery.models import Delivery
from tests.conftest import ADA, Mailbox, ReceiveExample


@pytest.mark.parametrize(
    ("kind", "window", "is_sent"),
    [("due", "3h", False), ("opened", "", False), ("asked", "2026-11-23", True)],
)
def test_a_reminder_that_could_not_be_sent_before_the_deadline_is_not_sent_after_it(
    mirror_rows: None,
    receive_example: ReceiveExample,
    mailbox: Mailbox,
    deliver: Callable[..., None],
    kind: str,
    window: str,
    is_sent: bool,
) -> None:
    due_at = (NOW - timedelta(minutes=1)).isoformat()
    receive_example("study.members_reminded.v1", kind=kind, window=window, due_at=due_at, recipients=[ADA])

    deliver()

    assert len(mailbox.mails) == is_sent
    assert Delivery.objects.get().skipped == ("" if is_sent else "expired")

"""The effect of each event, with the example of its contract."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.events.models import DeadLetter
from chassis.personal_data.models import Export
from notification.delivery.models import Delivery, InvitationEmail
from notification.inbox.models import Notification
from notification.mirrors.models import CohortMirror, ContactMirror, MembershipMirror
from notification.subscriptions import SUBSCRIPTIONS
from tests.conftest import ReceiveExample, example

# Event name → kind, whether an email is scheduled, URL of the example account's notification.
ADA_OF_EXAMPLES = UUID("0b1f7f0e-6f0a-4a52-9d6e-3d1a6f3f0a11")
NOTIFIED: dict[str, tuple[str, bool, str]] = {
    "study.member_invited.v1": ("invited", True, "/join/3q2-7w/"),
    "study.member_joined.v1": ("joined", False, "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/"),
    "study.join_requested.v1": (
        "join_requested",
        False,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/invitations/requests/",
    ),
    "study.join_request_decided.v1": (
        "join_request_decided",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/",
    ),
    "study.announcement_published.v1": (
        "announcement",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/announcements/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
    "study.readers_reminded.v1": (
        "announcement",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/announcements/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
    "study.members_reminded.v1": (
        "deadline_reminder",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/missions/1c9f0f89-fb98-4b91-9f6a-7d1c2b3a4f55/",
    ),
    "study.reviewer_reminded.v1": ("review_digest", True, "/reviews/"),
    "study.extension_requested.v1": (
        "extension_requested",
        False,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/extension-requests/",
    ),
    "study.extension_request_decided.v1": (
        "extension_decided",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/missions/1c9f0f89-fb98-4b91-9f6a-7d1c2b3a4f55/",
    ),
    "study.submission_received.v1": (
        "submission_received",
        False,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/submissions/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
    "study.changes_requested.v1": (
        "changes_requested",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/submissions/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
    "study.submission_completed.v1": (
        "submission_completed",
        False,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/submissions/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
    "study.review_released.v1": (
        "review_released",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/submissions/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
    "study.thread_answered.v1": (
        "thread_answered",
        True,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/submissions/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
    "study.review_withdrawn.v1": (
        "review_withdrawn",
        False,
        "/cohorts/8f14e45f-ceea-4672-9b5f-2a1d3f4e5a33/submissions/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/",
    ),
}
MIRRORED: dict[str, type[Any]] = {
    "users.account_changed.v1": AccountMirror,
    "users.contact_changed.v1": ContactMirror,
    "users.account_closed.v1": AccountMirror,
    "users.export_requested.v1": Export,
    "study.cohort_changed.v1": CohortMirror,
    "study.membership_changed.v1": MembershipMirror,
    "study.invitation_email_requested.v1": InvitationEmail,
}


def test_every_consumed_event_is_in_one_of_these_tables() -> None:
    assert set(SUBSCRIPTIONS) == set(NOTIFIED) | set(MIRRORED)


@pytest.mark.parametrize("name", sorted(NOTIFIED))
def test_every_recipient_is_notified_once(db: None, name: str, receive_example: ReceiveExample) -> None:
    kind, is_emailed, url = NOTIFIED[name]

    acknowledged = receive_example(name)

    recipients = [UUID(account_id) for account_id in example(name)["recipients"]]
    rows = Notification.objects.all()
    assert len(acknowledged) == 1
    assert sorted(row.account_id for row in rows) == sorted(recipients)
    assert {row.kind for row in rows} == {kind}
    assert rows.get(account_id=ADA_OF_EXAMPLES).url == url
    assert Delivery.objects.count() == (len(recipients) if is_emailed else 0)
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize("name", sorted(MIRRORED))
def test_the_event_is_stored(db: None, name: str, receive_example: ReceiveExample) -> None:
    acknowledged = receive_example(name)

    assert len(acknowledged) == 1
    assert MIRRORED[name].objects.count() == 1
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize("name", sorted(SUBSCRIPTIONS))
def test_a_repeat_changes_nothing_and_is_acknowledged_again(
    db: None, name: str, receive_example: ReceiveExample
) -> None:
    event_id = UUID("00000000-0000-4000-8000-0000000e0e01")
    receive_example(name, event_id=event_id)
    tables: list[Any] = [Notification, Delivery, *MIRRORED.values()]
    before = [table.objects.count() for table in tables]

    acknowledged = receive_example(name, event_id=event_id)

    assert acknowledged == [str(event_id)]
    assert [table.objects.count() for table in tables] == before


def test_an_optional_field_of_a_later_release_is_ignored(db: None, receive_example: ReceiveExample) -> None:
    acknowledged = receive_example(
        "study.review_released.v1", summary="A field that this release does not know."
    )

    assert len(acknowledged) == 1
    assert Notification.objects.count() == 1
    assert not DeadLetter.objects.exists()

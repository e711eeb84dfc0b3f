"""Emails as a real mail server receives them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chassis.account_mirror import actions as account_mirror
from chassis.events.publish import Envelope
from chassis.events.receive import receive
from chassis.testing import NOW
from notification.delivery import actions, queries, smtp, tasks
from notification.delivery.models import Delivery
from notification.delivery.rules import LEASE, MAX_ATTEMPTS, delivery_backoff
from notification.inbox import actions as inbox
from notification.inbox.models import Notification
from notification.mirrors import actions as mirrors
from notification.preferences import actions as preferences
from notification.subscriptions import SUBSCRIPTIONS
from tests.conftest import ADA, BORIS, COHORT, OLGA, Mailbox, ReceiveExample, example, text_of

Deliver = Callable[..., None]


@pytest.fixture
def delivery(mirror_rows: None, receive_example: ReceiveExample) -> Delivery:
    """A due delivery: Ada's marks are released."""
    receive_example("study.review_released.v1", cohort_id=COHORT, recipients=[ADA])
    return Delivery.objects.get()


def test_marks_are_mailed_in_the_readers_language_and_time_zone(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    deliver()

    (mail,) = mailbox.mails
    assert mail["To"] == "ada@example.org"
    assert mail["Subject"].strip() == "django-vote 미션 결과가 공개됐어요"
    for text in (text_of(mail), text_of(mail, "html")):
        assert "Ada 님, 안녕하세요" in text
        assert "17 / 20점" in text
        assert "2026.11.24(화) 18:00" in text
        assert f"http://testserver/cohorts/{COHORT}/submissions/c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44/" in text
    delivery.refresh_from_db()
    assert (delivery.sent_at, delivery.next_attempt_at, delivery.attempts) == (NOW, None, 1)


def test_another_reader_gets_another_language_and_another_clock(
    mirror_rows: None, receive_example: ReceiveExample, mailbox: Mailbox, deliver: Deliver
) -> None:
    receive_example("study.announcement_published.v1", cohort_id=COHORT, title="OT & <b>", recipients=[BORIS])

    deliver()

    (mail,) = mailbox.mails
    assert mail["Subject"] == "[16기] OT & <b>"
    assert "Hello Boris," in text_of(mail)
    assert "OT & <b>" in text_of(mail)
    assert "Tue 24 Nov 2026, 04:00" in text_of(mail)
    assert "OT &amp; &lt;b&gt;" in text_of(mail, "html")


def test_every_mail_has_one_click_unsubscribe(delivery: Delivery, mailbox: Mailbox, deliver: Deliver) -> None:
    deliver()

    (mail,) = mailbox.mails
    unsubscribe_url = str(mail["List-Unsubscribe"]).strip(" <>")
    assert unsubscribe_url.startswith("http://testserver/notifications/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert unsubscribe_url in text_of(mail)
    assert unsubscribe_url in text_of(mail, "html")


def test_html_mail_has_no_external_content(delivery: Delivery, mailbox: Mailbox, deliver: Deliver) -> None:
    deliver()

    html = text_of(mailbox.mails[0], "html")
    for banned in ("<img", "<script", "style=", "<link", "url("):
        assert banned not in html


def test_what_was_sent_is_not_sent_again(delivery: Delivery, mailbox: Mailbox, deliver: Deliver) -> None:
    (due,) = queries.due(NOW, limit=9)
    deliver()
    with smtp.channel() as send:
        actions.deliver(delivery=due, at=NOW + timedelta(days=9), senders={"email": send})

    assert len(mailbox.mails) == 1


def test_a_claimed_delivery_is_not_sent_by_another_worker(delivery: Delivery, mailbox: Mailbox) -> None:
    sent = []
    (first,), (second,) = queries.due(NOW, limit=9), queries.due(NOW, limit=9)

    def slow(due: Delivery) -> None:
        sent.append(due.id)
        actions.deliver(delivery=second, at=NOW, senders={"email": slow})

    actions.deliver(delivery=first, at=NOW, senders={"email": slow})

    assert sent == [delivery.id]


def test_after_an_expired_claim_the_repeat_has_the_same_message_id(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    def killed(due: Delivery) -> None:
        with smtp.channel() as send:
            send(due)
        raise KeyboardInterrupt  # after the server accepted the message, before sent_at is stored

    (due,) = queries.due(NOW, limit=9)
    with pytest.raises(KeyboardInterrupt):
        actions.deliver(delivery=due, at=NOW, senders={"email": killed})

    deliver(NOW + LEASE - timedelta(seconds=1))
    assert len(mailbox.mails) == 1
    deliver(NOW + LEASE)
    deliver(NOW + LEASE * 9)

    assert len(mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_a_transient_error_is_retried_with_delivery_backoff(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    mailbox.answers["ada@example.org"] = "451 greylisted, come back"

    deliver()

    delivery.refresh_from_db()
    assert (delivery.next_attempt_at, delivery.error) == (
        NOW + delivery_backoff(1),
        "451 greylisted, come back",
    )
    deliver(NOW + delivery_backoff(1) - timedelta(seconds=1))
    delivery.refresh_from_db()
    assert delivery.attempts == 1

    mailbox.answers.clear()
    deliver(NOW + delivery_backoff(1))

    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.error, len(mailbox.mails)) == (2, "", 1)


def test_a_permanent_error_fails_at_once(delivery: Delivery, mailbox: Mailbox, deliver: Deliver) -> None:
    mailbox.answers["ada@example.org"] = "550 5.1.1 no such user"

    deliver()
    mailbox.answers.clear()
    deliver(NOW + timedelta(days=9))

    delivery.refresh_from_db()
    assert (delivery.failed_at, delivery.error, delivery.attempts) == (NOW, "550 5.1.1 no such user", 1)
    assert mailbox.mails == []


@pytest.mark.parametrize(("answer", "ends"), [("452 disk full", False), ("554 5.7.1 looks like spam", True)])
def test_a_rejected_message_counts_like_a_rejected_address(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver, answer: str, ends: bool
) -> None:
    mailbox.answers["DATA"] = answer

    deliver()

    delivery.refresh_from_db()
    assert delivery.error == answer
    assert (delivery.failed_at is not None, delivery.next_attempt_at is None) == (ends, ends)


def test_a_delivery_fails_after_the_last_attempt(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    mailbox.answers["ada@example.org"] = "451 never today"
    at = NOW
    for attempt in range(1, MAX_ATTEMPTS + 1):
        deliver(at)
        at += delivery_backoff(attempt)

    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.next_attempt_at, delivery.error) == (
        MAX_ATTEMPTS,
        None,
        "451 never today",
    )
    assert delivery.failed_at is not None
    assert timedelta(days=2) < delivery.failed_at - NOW < timedelta(days=3)


def test_a_delivery_that_kills_every_worker_fails(delivery: Delivery, mailbox: Mailbox) -> None:
    def deadly(due: Delivery) -> None:
        raise KeyboardInterrupt

    at = NOW
    for _ in range(MAX_ATTEMPTS):
        (due,) = queries.due(at, limit=9)
        with pytest.raises(KeyboardInterrupt):
            actions.deliver(delivery=due, at=at, senders={"email": deadly})
        at += LEASE
    (due,) = queries.due(at, limit=9)
    actions.deliver(delivery=due, at=at, senders={"email": deadly})

    delivery.refresh_from_db()
    assert delivery.failed_at == at


def test_after_a_failed_connection_the_server_is_not_tried_again_at_once(
    mirror_rows: None, receive_example: ReceiveExample, deliver: Deliver
) -> None:
    receive_example("study.announcement_published.v1", cohort_id=COHORT, recipients=[ADA, BORIS])

    deliver()  # nothing listens on the port of the settings

    errors = sorted(Delivery.objects.values_list("error", flat=True), key=lambda error: "refused" in error)
    assert errors[0] == "ConnectionError: the mail server did not answer a moment ago"
    assert "Connection refused" in errors[1]
    assert all(row.next_attempt_at == NOW + delivery_backoff(1) for row in Delivery.objects.all())


def test_without_an_address_it_waits_for_one(
    db: None, receive_example: ReceiveExample, mailbox: Mailbox, deliver: Deliver
) -> None:
    receive_example("study.review_released.v1", recipients=[ADA])
    deliver()
    assert Delivery.objects.get().error == "the email address is not known yet"

    mirrors.upsert_contact(account_id=ADA, email="ada@example.org", version=1)
    deliver(NOW + delivery_backoff(1))

    assert len(mailbox.to("ada@example.org")) == 1


def test_mail_goes_where_the_person_reads_it_now(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    mirrors.upsert_contact(account_id=ADA, email="new@example.org", version=2)

    deliver()

    assert [mail["To"] for mail in mailbox.mails] == ["new@example.org"]


def test_who_muted_it_meanwhile_gets_no_mail_but_has_it_in_the_inbox(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    preferences.update_preferences(account_id=ADA, choices={("review_released", "email"): False})

    deliver()

    delivery.refresh_from_db()
    assert (mailbox.mails, delivery.skipped, delivery.next_attempt_at) == ([], "muted", None)
    assert Notification.objects.filter(account_id=ADA).count() == 1


def test_a_muted_kind_schedules_no_mail(mirror_rows: None, receive_example: ReceiveExample) -> None:
    preferences.update_preferences(account_id=ADA, choices={("review_released", "email"): False})

    receive_example("study.review_released.v1", recipients=[ADA])

    assert not Delivery.objects.exists()


def test_who_asked_for_more_gets_it(
    mirror_rows: None, receive_example: ReceiveExample, mailbox: Mailbox, deliver: Deliver
) -> None:
    preferences.update_preferences(account_id=BORIS, choices={("submission_received", "email"): True})

    receive_example("study.submission_received.v1", member_id=ADA, recipients=[ADA, BORIS])
    deliver()

    assert [mail["To"] for mail in mailbox.mails] == ["boris@example.org"]


def test_who_has_read_it_meanwhile_gets_no_mail(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    inbox.mark_read(account_id=ADA, at=NOW)

    deliver()

    delivery.refresh_from_db()
    assert (mailbox.mails, delivery.skipped) == ([], "read")


def test_who_has_left_the_cohort_gets_no_mail_but_may_be_invited_again(
    mirror_rows: None, receive_example: ReceiveExample, mailbox: Mailbox, deliver: Deliver
) -> None:
    receive_example("study.membership_changed.v1", account_id=ADA, cohort_id=COHORT, left=True, version=2)
    receive_example("study.announcement_published.v1", cohort_id=COHORT, recipients=[ADA])
    receive_example("study.member_invited.v1", cohort_id=COHORT, recipients=[ADA])

    deliver()

    assert [mail["Subject"] for mail in mailbox.mails] == ["16기 초대가 왔어요"]


def test_who_closed_the_account_meanwhile_gets_no_mail(
    delivery: Delivery, receive_example: ReceiveExample, mailbox: Mailbox, deliver: Deliver
) -> None:
    (due,) = queries.due(NOW, limit=9)
    receive_example("users.account_closed.v1", account_id=ADA, version=9)

    with smtp.channel() as send:
        actions.deliver(delivery=due, at=NOW, senders={"email": send})

    assert mailbox.mails == []
    assert not Delivery.objects.exists()


def test_a_time_zone_that_does_not_exist_stops_no_mail(
    delivery: Delivery, mailbox: Mailbox, deliver: Deliver
) -> None:
    account_mirror.upsert_account(
        account_id=ADA, name="Ada", language="ko", time_zone="Atlantis/Home", version=2
    )

    deliver()

    assert len(mailbox.mails) == 1


def test_the_waits_grow_from_a_minute_to_four_hours() -> None:
    waits = [delivery_backoff(n) for n in range(1, MAX_ATTEMPTS)]

    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits == sorted(waits)
    assert max(waits) == timedelta(hours=4)


def test_what_is_due_goes_over_one_connection_and_a_refused_address_stops_nothing(
    mirror_rows: None, receive_example: ReceiveExample, mailbox: Mailbox
) -> None:
    receive_example("study.announcement_published.v1", cohort_id=COHORT, recipients=[ADA, BORIS, OLGA])
    mailbox.answers["boris@example.org"] = "550 5.1.1 no such user"
    Delivery.objects.update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))

    tasks.send_due_deliveries()

    assert sorted(mail["To"] for mail in mailbox.mails) == ["ada@example.org", "olga@example.org"]
    assert len(mailbox.connections) == 1
    assert Delivery.objects.failed().count() == 1


def test_a_mail_that_cannot_be_composed_holds_up_no_other(
    mirror_rows: None, receive_example: ReceiveExample, mailbox: Mailbox
) -> None:
    receive_example("study.announcement_published.v1", cohort_id=COHORT, recipients=[ADA, OLGA])
    Delivery.objects.update(next_attempt_at=datetime(2020, 1, 2, tzinfo=UTC))
    broken = Delivery.objects.filter(notification__account_id=ADA)
    broken.update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))
    Notification.objects.filter(account_id=ADA).update(kind="nobody_knows")

    tasks.send_due_deliveries()

    assert [mail["To"] for mail in mailbox.mails] == ["olga@example.org"]
    next_attempt_at = broken.get().next_attempt_at
    assert next_attempt_at
    assert next_attempt_at > timezone.now()


def test_an_unavailable_broker_stops_neither_the_event_nor_the_mail(
    db: None, receive_example: ReceiveExample, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        acknowledged = receive_example("study.review_released.v1", recipients=[ADA])

    assert len(callbacks) == 1  # it ran against a port on which no Redis listens
    assert len(acknowledged) == 1
    assert Delivery.objects.filter(next_attempt_at__isnull=False).count() == 1


def test_an_event_of_a_clock_that_is_ahead_is_mailed_now(mirror_rows: None, mailbox: Mailbox) -> None:
    envelope = Envelope(
        event_id=str(uuid4()),
        name="study.review_released.v1",
        producer="study",
        occurred_at=(timezone.now() + timedelta(minutes=5)).isoformat(),
        payload={**example("study.review_released.v1"), "recipients": [str(ADA)]},
    )
    receive(envelope, SUBSCRIPTIONS, lambda _envelope: None, at=timezone.now())

    tasks.send_due_deliveries()

    assert len(mailbox.mails) == 1

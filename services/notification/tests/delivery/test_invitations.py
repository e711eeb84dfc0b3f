"""Invitations to people who may have no account, as a real mail server receives them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from notification.delivery import tasks
from notification.delivery.models import InvitationEmail
from notification.delivery.rules import MAX_ATTEMPTS
from tests.conftest import Mailbox, ReceiveExample, text_of

EVENT = "study.invitation_email_requested.v1"
FUTURE = "2099-12-08T09:00:00+00:00"


def test_the_mail_goes_to_the_address_and_the_address_is_deleted(
    db: None, receive_example: ReceiveExample, mailbox: Mailbox
) -> None:
    receive_example(EVENT, expires_at=FUTURE)

    tasks.send_due_invitations()

    (mail,) = mailbox.to("kim@example.org")
    assert mail["Subject"].strip() == "16기 초대가 왔어요"
    assert "List-Unsubscribe" not in mail
    for text in (text_of(mail), text_of(mail, "html")):
        assert "김서당 님, 안녕하세요" in text
        assert "Clara" in text
        assert "http://testserver/join/3q2-7w/" in text
        assert "2099.12.8" in text
    assert not InvitationEmail.objects.exists()
    tasks.send_due_invitations()
    assert len(mailbox.mails) == 1


def test_it_is_in_the_language_of_who_invites(
    db: None, receive_example: ReceiveExample, mailbox: Mailbox
) -> None:
    receive_example(EVENT, expires_at=FUTURE, language="en", cohort_title="Club <b>", invited_by="")

    tasks.send_due_invitations()

    (mail,) = mailbox.mails
    assert mail["Subject"].strip() == "You are invited to Club <b>"
    assert "You are invited to join Club <b> as a member." in text_of(mail)
    assert "Club &lt;b&gt;" in text_of(mail, "html")


@pytest.mark.parametrize(("answer", "is_kept"), [("450 try later", True), ("550 unknown", False)])
def test_a_refused_mail_is_tried_again_or_deleted(
    db: None, receive_example: ReceiveExample, mailbox: Mailbox, answer: str, is_kept: bool
) -> None:
    mailbox.answers["kim@example.org"] = answer
    receive_example(EVENT, expires_at=FUTURE)

    tasks.send_due_invitations()

    assert InvitationEmail.objects.exists() is is_kept
    if is_kept:
        mailbox.answers.clear()
        InvitationEmail.objects.update(next_attempt_at=timezone.now())
        tasks.send_due_invitations()
        assert len(mailbox.mails) == 1
        assert not InvitationEmail.objects.exists()


def test_what_is_over_or_was_tried_too_often_is_deleted_unsent(
    db: None, receive_example: ReceiveExample, mailbox: Mailbox
) -> None:
    receive_example(EVENT, expires_at=(timezone.now() - timedelta(days=1)).isoformat())
    receive_example(EVENT, expires_at=FUTURE, email_id="00000000-0000-4000-8000-000000000001")
    InvitationEmail.objects.filter(expires_at__gt=timezone.now()).update(attempts=MAX_ATTEMPTS)

    tasks.send_due_invitations()

    assert not mailbox.mails
    assert not InvitationEmail.objects.exists()

"""Failed deliveries: the owners' page, retrying, and the management command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from chassis.testing import NOW, assert_constant_queries
from notification.delivery import queries
from notification.delivery.models import Delivery
from notification.inbox.models import Notification
from tests.conftest import ADA, COHORT, OLGA, Mailbox, ReceiveExample

Browser = Callable[..., Any]


@pytest.fixture
def failed_delivery(
    mirror_rows: None, receive_example: ReceiveExample, mailbox: Mailbox, deliver: Callable[..., None]
) -> Delivery:
    """A delivery to Ada that failed permanently."""
    receive_example("study.review_released.v1", cohort_id=COHORT, recipients=[ADA])
    mailbox.answers["ada@example.org"] = "550 5.1.1 no such user"
    deliver()
    mailbox.answers.clear()
    return Delivery.objects.get()


def test_an_owner_sees_whom_it_was_for_and_why_it_failed(
    failed_delivery: Delivery, as_principal: Browser
) -> None:
    page = as_principal(OLGA, roles=["owner"]).get("/notifications/failures/").content.decode()

    for text in ("Ada", "ada@example.org", "결과 공개", "550 5.1.1 no such user", "1번 시도"):
        assert text in page


@pytest.mark.parametrize("roles", [[], ["cohort_creator"]])
def test_for_everyone_else_there_is_no_such_page(
    failed_delivery: Delivery, as_principal: Browser, roles: list[str]
) -> None:
    principal = as_principal(OLGA, roles=roles)

    assert principal.get("/notifications/failures/").status_code == 404
    assert principal.post(f"/notifications/failures/{failed_delivery.id}/retry/").status_code == 404
    assert "/notifications/failures/" not in principal.get("/notifications/").content.decode()
    failed_delivery.refresh_from_db()
    assert failed_delivery.failed_at is not None


def test_an_owner_retries_a_failed_delivery(
    failed_delivery: Delivery, as_principal: Browser, mailbox: Mailbox, deliver: Callable[..., None]
) -> None:
    owner = as_principal(OLGA, roles=["owner"])

    page = owner.post(f"/notifications/failures/{failed_delivery.id}/retry/", follow=True).content.decode()
    deliver(timezone.now() + timedelta(minutes=1))

    assert "다시 보내고 있어요" in page
    assert "보내지 못한 메일이 없어요" in page
    assert len(mailbox.mails) == 1


def test_only_failed_deliveries_can_be_retried(
    mirror_rows: None, receive_example: ReceiveExample, as_principal: Browser
) -> None:
    receive_example("study.review_released.v1", recipients=[ADA])
    owner = as_principal(OLGA, roles=["owner"])

    assert owner.post(f"/notifications/failures/{Delivery.objects.get().id}/retry/").status_code == 404
    assert owner.post(f"/notifications/failures/{uuid4()}/retry/").status_code == 404


def test_the_statements_of_the_list_do_not_grow_with_its_rows(mirror_rows: None) -> None:
    def create_failures(first: int, count: int) -> None:
        for n in range(first, first + count):
            notification = Notification.objects.create(
                account_id=ADA, kind="announcement", key=f"a:{n}", url="/", occurred_at=NOW
            )
            Delivery.objects.create(notification=notification, channel="email", failed_at=NOW, error="550 no")

    create_failures(0, 1)
    assert len(queries.failures().rows) == 1
    assert_constant_queries(queries.failures, lambda: create_failures(1, 29))
    assert len(queries.failures().rows) == 25


def test_a_former_member_leaves_no_failures_behind(
    failed_delivery: Delivery, receive_example: ReceiveExample
) -> None:
    receive_example("users.account_closed.v1", account_id=ADA, version=9)

    assert queries.failures().rows == []


def command(*arguments: str) -> str:
    """Return the output of `failed_mail`."""
    out = StringIO()
    call_command("failed_mail", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_lists_and_retries(failed_delivery: Delivery) -> None:
    assert "ada@example.org  550 5.1.1 no such user" in command("list")

    command("retry", str(failed_delivery.id))

    failed_delivery.refresh_from_db()
    assert (failed_delivery.failed_at, failed_delivery.attempts) == (None, 0)
    assert command("list") == ""


def test_the_command_retries_everything(failed_delivery: Delivery) -> None:
    command("retry", "--all")

    assert not Delivery.objects.failed().exists()


@pytest.mark.parametrize("arguments", [(str(uuid4()),), ()])
def test_the_command_says_when_there_is_no_such_mail(db: None, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="failed_mail list"):
        command("retry", *arguments)

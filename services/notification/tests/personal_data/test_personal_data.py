"""Account deletion, personal-data export and rebuilding the mirrors, as other services see them."""

from __future__ import annotations

from datetime import time
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import translation

from chassis.account_mirror.models import AccountMirror
from chassis.personal_data.models import Export
from chassis.personal_data.tasks import send_export
from chassis.testing import NOW
from chassis.testing.peers import FakePeers
from notification.delivery.models import Delivery
from notification.inbox import queries as inbox
from notification.inbox.models import Notification
from notification.mirrors.models import CohortMirror, ContactMirror, MembershipMirror
from notification.personal_data.queries import export_personal_data
from notification.preferences import actions as preferences
from notification.preferences.models import Preference, QuietHoursChoice
from notification.push import actions as push
from notification.push.models import PushSubscription
from tests.conftest import ADA, BORIS, COHORT, OLGA, ReceiveExample

SUBSCRIPTION = {
    "endpoint": "https://push.example/secret",
    # A point of the curve: its generator.
    "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    "auth": "MDEyMzQ1Njc4OWFiY2RlZg",
}
EXPORT = UUID("00000000-0000-4000-8000-0000000e8047")


def test_account_deletion_deletes_all_personal_data(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_released.v1", recipients=[ADA])
    receive_example("study.membership_changed.v1", account_id=ADA)
    receive_example("users.export_requested.v1", account_id=ADA)
    preferences.update_preferences(account_id=ADA, choices={("joined", "email"): True})
    preferences.update_quiet_hours(account_id=ADA, starts=time(22), ends=time(7))
    push.subscribe(account_id=ADA, at=NOW, **SUBSCRIPTION)

    acknowledged = receive_example("users.account_closed.v1", account_id=ADA, version=9)

    assert len(acknowledged) == 1
    mirror = AccountMirror.objects.get(account_id=ADA)
    assert (mirror.closed, mirror.name) == (True, "")
    assert ContactMirror.objects.get(account_id=ADA).email == ""
    for model in (
        Notification,
        Delivery,
        Preference,
        QuietHoursChoice,
        PushSubscription,
        Export,
        MembershipMirror,
    ):
        assert not model.objects.exists()


def test_other_accounts_keep_their_notifications_without_the_name(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.member_joined.v1", account_id=ADA, cohort_id=COHORT, recipients=[OLGA])
    receive_example("study.member_invited.v1", invited_by="Ada", cohort_id=COHORT, recipients=[OLGA])

    receive_example("users.account_closed.v1", account_id=ADA, version=9)

    with translation.override("ko"):
        rendered_items = [item.rendered for item in inbox.inbox(OLGA).rows]
    assert any("탈퇴한 회원 님이 16기에 참여했어요" in rendered.headline for rendered in rendered_items)
    assert not any("Ada" in rendered.headline + rendered.detail for rendered in rendered_items)
    assert not Notification.objects.filter(context__icontains="Ada").exists()


def test_a_late_address_is_not_stored_for_a_closed_account(db: None, receive_example: ReceiveExample) -> None:
    receive_example("users.account_closed.v1", account_id=ADA, version=4)

    receive_example("users.contact_changed.v1", account_id=ADA, email="ada@example.org", version=99)

    assert ContactMirror.objects.get().email == ""


def test_an_export_is_sent_to_users_in_the_background(
    mirror_rows: None, receive_example: ReceiveExample, peers: FakePeers
) -> None:
    receive_example("study.review_released.v1", cohort_id=COHORT, recipients=[ADA, BORIS])
    receive_example("users.export_requested.v1", export_id=EXPORT, account_id=ADA)
    preferences.update_quiet_hours(account_id=ADA, starts=time(22), ends=time(7))
    push.subscribe(account_id=ADA, at=NOW, **SUBSCRIPTION)

    send_export(export_id=str(EXPORT))

    ((path, body),) = peers.received
    assert path == f"/internal/exports/{EXPORT}/notification"
    assert (body["account"]["name"], body["account"]["email"]) == ("Ada", "ada@example.org")
    assert [notification["kind"] for notification in body["notifications"]] == ["review_released"]
    assert {choice["kind"] for choice in body["preferences"]} >= {"joined"}
    assert [sent["channel"] for sent in body["deliveries"]] == ["email"]
    assert body["quiet_hours"] == {"starts": "22:00:00", "ends": "07:00:00"}
    assert [browser["host"] for browser in body["push_subscriptions"]] == ["push.example"]
    # Who knows it can write to the browser.
    assert "secret" not in str(body["push_subscriptions"])


@pytest.mark.parametrize("many", [1, 20])
def test_an_export_takes_seven_queries(
    mirror_rows: None, receive_example: ReceiveExample, many: int, django_assert_num_queries: Any
) -> None:
    for version in range(1, many + 1):
        receive_example("study.review_released.v1", version=version, recipients=[ADA])

    with django_assert_num_queries(7):
        data = export_personal_data(ADA)

    assert len(data["notifications"]) == len(data["deliveries"]) == many


def test_mirrors_are_rebuilt_from_nothing(db: None, peers: FakePeers) -> None:
    account = {
        "name": "Ada",
        "github_id": None,
        "github_login": "",
        "language": "ko",
        "time_zone": "Asia/Seoul",
        "version": 2,
    }
    peers.lists = {
        "accounts": [
            {**account, "account_id": str(ADA), "closed": False, "email": "ada@example.org"},
            {**account, "account_id": str(BORIS), "closed": False, "email": None},
            {**account, "account_id": str(OLGA), "closed": True, "email": None},
        ],
        "cohorts": [{"cohort_id": str(COHORT), "title": "16기", "version": 1}],
        "memberships": [
            {
                "membership_id": str(UUID(int=1)),
                "cohort_id": str(COHORT),
                "account_id": str(ADA),
                "role": "member",
                "left": False,
                "version": 1,
            }
        ],
    }
    out = StringIO()

    for _ in range(2):
        call_command("rebuild_mirrors", stdout=out)

        assert AccountMirror.objects.names([ADA, BORIS, OLGA]) == {ADA: "Ada", BORIS: "Ada", OLGA: ""}
        assert ContactMirror.objects.get(account_id=ADA).email == "ada@example.org"
        assert CohortMirror.objects.get().title == "16기"
        assert MembershipMirror.objects.get().role == "member"
    assert out.getvalue().split() == ["accounts:", "3", "cohorts:", "1", "memberships:", "1"] * 2

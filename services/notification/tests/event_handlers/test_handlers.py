"""Recipients and texts of the notifications of each event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from chassis.account_mirror import actions as account_mirror
from chassis.testing import NOW
from notification.delivery.models import Delivery
from notification.inbox import queries
from notification.inbox.models import Notification
from notification.mirrors import actions as mirrors
from tests.conftest import ADA, BORIS, CLARA, COHORT, OLGA, ReceiveExample

FIRST, SECOND = UUID(int=1), UUID(int=2)


def headlines(account_id: UUID, language: str = "en") -> list[str]:
    """Return the headlines of that inbox, the newest first; those of one instant have no order."""
    with translation.override(language):
        return [str(row.rendered.headline) for row in queries.inbox(account_id).rows]


def headline(account_id: UUID, language: str = "en") -> str:
    """Return the newest headline of that inbox."""
    return headlines(account_id, language)[0]


def test_a_new_member_is_welcomed_and_the_operator_notified(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example(
        "study.member_joined.v1", account_id=ADA, cohort_id=COHORT, role="member", recipients=[ADA, OLGA]
    )

    assert headline(ADA) == "You are in 16기 now. Welcome"
    assert headline(OLGA) == "Ada joined 16기"
    assert headline(OLGA, "ko") == "Ada 님이 16기에 참여했어요"
    urls = dict(Notification.objects.values_list("account_id", "url"))
    assert urls == {ADA: f"/cohorts/{COHORT}/", OLGA: f"/cohorts/{COHORT}/members/"}


def test_operators_hear_of_a_request_to_join_and_who_asked_of_the_decision(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.join_requested.v1", account_id=CLARA, cohort_id=COHORT, recipients=[OLGA])
    receive_example(
        "study.join_request_decided.v1",
        cohort_id=COHORT,
        approved=False,
        request_id=FIRST,
        recipients=[CLARA],
    )
    assert headline(OLGA) == "Clara asks to join 16기"
    assert headline(OLGA, "ko") == "Clara 님이 16기 가입을 신청했어요"
    assert headline(CLARA) == "Your request to join 16기 was declined"
    urls = dict(Notification.objects.values_list("account_id", "url"))
    assert urls == {OLGA: f"/cohorts/{COHORT}/invitations/requests/", CLARA: f"/join/requests/{FIRST}/"}

    receive_example("study.join_request_decided.v1", cohort_id=COHORT, request_id=SECOND, recipients=[CLARA])

    # Both have the instant of the example, and no order.
    with translation.override("ko"):
        headlines = {str(row.rendered.headline) for row in queries.inbox(CLARA).rows}
    assert headlines == {"16기 가입 신청이 거절됐어요", "16기 가입 신청이 승인됐어요"}
    # Clara is no member of the cohort before, and gets both mails all the same.
    assert Delivery.objects.filter(notification__account_id=CLARA).count() == 2


def test_a_submission_is_a_receipt_for_its_author_and_work_for_the_mentor(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.submission_received.v1", member_id=ADA, cohort_id=COHORT, recipients=[ADA, BORIS])

    assert headline(ADA, "ko") == "django-vote 미션을 제출했어요"
    assert headline(BORIS) == "Ada submitted django-vote"
    submission = "c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44"
    urls = dict(Notification.objects.values_list("account_id", "url"))
    page = f"/cohorts/{COHORT}"
    assert urls == {ADA: f"{page}/submissions/{submission}/", BORIS: f"{page}/reviews/{submission}/"}


def test_a_later_attempt_is_notified_again_and_a_late_one_says_so(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    about = {"member_id": ADA, "cohort_id": COHORT, "recipients": [BORIS]}
    receive_example("study.submission_received.v1", attempt=1, **about)
    receive_example("study.submission_received.v1", attempt=2, late=True, **about)

    items = queries.inbox(BORIS).rows
    with translation.override("en"):
        texts = {(item.rendered.headline, item.rendered.detail) for item in queries.inbox(BORIS).rows}
    assert len(items) == 2
    assert ("Ada submitted django-vote again", "It came after the deadline.") in texts


def test_released_marks_have_points_and_changed_marks_say_so(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_released.v1", version=1, recipients=[ADA])
    assert headline(ADA, "ko") == "django-vote 미션 결과가 공개됐어요: 17 / 20점"

    receive_example("study.review_released.v1", version=2, points=19, recipients=[ADA])
    with translation.override("ko"):
        texts = {item.rendered.headline for item in queries.inbox(ADA).rows}
    assert "django-vote 미션 점수가 바뀌었어요: 19 / 20점" in texts


def test_one_review_version_in_two_events_is_notified_once(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_released.v1", event_id=FIRST, recipients=[ADA])
    acknowledged = receive_example("study.review_released.v1", event_id=SECOND, recipients=[ADA, BORIS])

    assert acknowledged == [str(SECOND)]
    assert sorted(Notification.objects.values_list("account_id", flat=True)) == sorted([ADA, BORIS])
    assert Delivery.objects.count() == 2


def test_a_recipient_listed_twice_is_notified_once(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.announcement_published.v1", recipients=[ADA, ADA])

    assert Notification.objects.count() == 1


def test_an_announcement_not_read_is_notified_again_once_a_day(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    about = {"announcement_id": FIRST, "title": "OT", "recipients": [ADA]}
    receive_example("study.announcement_published.v1", **about)
    for day in ("2026-12-01", "2026-12-01", "2026-12-02"):
        receive_example("study.readers_reminded.v1", day=day, **about)

    assert Notification.objects.filter(account_id=ADA, kind="announcement").count() == 3
    assert Delivery.objects.count() == 3
    assert sorted(headlines(ADA)) == ["OT", *["You have not read this yet: OT"] * 2]
    assert sorted(headlines(ADA, "ko")) == ["OT", *["아직 읽지 않은 공지예요: OT"] * 2]


def test_changes_may_be_asked_for_more_than_once(mirror_rows: None, receive_example: ReceiveExample) -> None:
    receive_example("study.changes_requested.v1", reviewer="boris-reviews", recipients=[ADA])
    receive_example("study.changes_requested.v1", reviewer="boris-reviews", recipients=[ADA])

    assert Notification.objects.filter(account_id=ADA).count() == 2
    assert headline(ADA) == "boris-reviews asked for changes: django-vote"


@pytest.mark.parametrize(
    ("completion", "detail"),
    [
        ("approval", "boris-reviews 님이 GitHub에서 승인했어요."),
        ("merge", "boris-reviews 님이 GitHub에서 병합했어요."),
    ],
)
def test_a_completed_mission_says_who_approved_or_merged_it(
    mirror_rows: None, receive_example: ReceiveExample, completion: str, detail: str
) -> None:
    receive_example("study.submission_completed.v1", completion=completion, recipients=[ADA])

    assert headline(ADA, "ko") == "django-vote 미션을 완료했어요"
    assert headline(ADA) == "You completed django-vote"
    with translation.override("ko"):
        (item,) = queries.inbox(ADA).rows
        assert item.rendered.detail == detail


def test_a_submission_that_completes_announces_no_review(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.submission_received.v1", member_id=ADA, is_completed=True, recipients=[ADA])

    with translation.override("en"):
        (item,) = queries.inbox(ADA).rows
        assert item.rendered.detail == "The mission is completed."


def test_a_closed_account_is_not_notified(mirror_rows: None, receive_example: ReceiveExample) -> None:
    receive_example("users.account_closed.v1", account_id=ADA, version=9)

    acknowledged = receive_example("study.announcement_published.v1", recipients=[ADA, BORIS])

    assert len(acknowledged) == 1
    assert list(Notification.objects.values_list("account_id", flat=True)) == [BORIS]


def test_an_account_that_is_no_recipient_is_not_notified(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_released.v1", recipients=[ADA])

    assert queries.inbox(CLARA).rows == []


def test_names_follow_what_people_and_cohorts_are_called_now(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.member_joined.v1", account_id=ADA, cohort_id=COHORT, recipients=[OLGA])
    account_mirror.upsert_account(
        account_id=ADA, name="Ada L.", language="ko", time_zone="Asia/Seoul", version=2
    )
    mirrors.upsert_cohort(cohort_id=COHORT, title="느티 16기", version=2)

    assert headline(OLGA) == "Ada L. joined 느티 16기"


def test_an_unknown_account_is_called_new_member(db: None, receive_example: ReceiveExample) -> None:
    receive_example("study.member_joined.v1", account_id=ADA, cohort_title="16기", recipients=[OLGA])

    assert headline(OLGA) == "New member joined 16기"


@pytest.mark.parametrize("people", [1, 10, 80])
def test_the_number_of_queries_does_not_grow_with_recipients(
    mirror_rows: None, receive_example: ReceiveExample, people: int, django_assert_num_queries: Any
) -> None:
    recipients = [UUID(int=1000 + n) for n in range(people)]

    # Seven for notifications (existing, closed, insert) and deliveries (preferences, quiet hours, zones,
    # insert), four for processing the event exactly once, ten for savepoints.
    with django_assert_num_queries(7 + 4 + 10):
        receive_example("study.announcement_published.v1", recipients=recipients)

    assert Notification.objects.count() == Delivery.objects.count() == people


def test_a_withdrawn_review_replaces_its_notification_and_the_next_release_is_notified(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_released.v1", version=1, recipients=[ADA])
    Notification.objects.update(read_at="2026-12-01T00:00:00Z")

    receive_example("study.review_withdrawn.v1", version=1, recipients=[ADA])

    assert headline(ADA, "ko") == "django-vote 미션 결과 공개가 취소됐어요"
    [notification] = Notification.objects.filter(account_id=ADA)
    assert notification.read_at is None
    assert not Delivery.objects.exists(), "the mail that waited"
    receive_example("study.review_released.v1", version=2, recipients=[ADA])
    assert Notification.objects.filter(account_id=ADA).count() == 2


def test_a_release_that_arrives_after_its_withdrawal_is_not_notified(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.review_withdrawn.v1", version=1, recipients=[ADA])
    acknowledged = receive_example("study.review_released.v1", version=1, recipients=[ADA])

    assert len(acknowledged) == 1
    assert [row.kind for row in Notification.objects.all()] == ["review_withdrawn"]
    assert not Delivery.objects.exists()


def test_an_answer_names_who_answered(mirror_rows: None, receive_example: ReceiveExample) -> None:
    receive_example("study.thread_answered.v1", author_id=ADA, recipients=[BORIS])

    assert headline(BORIS, "ko") == "Ada 님이 django-vote 미션에 답했어요"
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "window", "korean", "english"),
    [
        ("opened", "", "django-vote 미션이 공개됐어요", "django-vote is open"),
        ("moved", "", "django-vote 미션 마감이 바뀌었어요", "The deadline of django-vote has changed"),
        (
            "due",
            "24h",
            "django-vote 미션 마감이 하루도 남지 않았어요",
            "Less than a day left for django-vote",
        ),
        (
            "due",
            "3h",
            "django-vote 미션 마감이 3시간도 남지 않았어요",
            "Less than three hours left for django-vote",
        ),
        (
            "asked",
            "2026-11-28",
            "django-vote 미션을 아직 제출하지 않았어요",
            "You have not submitted django-vote yet",
        ),
    ],
)
def test_a_reminder_has_its_text(
    mirror_rows: None,
    receive_example: ReceiveExample,
    kind: str,
    window: str,
    korean: str,
    english: str,
) -> None:
    left = {"3h": timedelta(hours=3), "24h": timedelta(hours=24)}.get(window, timedelta(days=5))
    about = {"kind": kind, "window": window, "due_at": (NOW + left).isoformat()}
    receive_example("study.members_reminded.v1", recipients=[ADA, BORIS], **about)

    assert (headline(ADA, "ko"), headline(BORIS)) == (korean, english)


@pytest.mark.parametrize(
    ("window", "hours", "english"),
    [
        # Announced in the evening, because it would be due at night.
        ("3h", 12, "Less than a day left for django-vote"),
        ("24h", 33, "You have not submitted django-vote yet"),
    ],
)
def test_a_reminder_in_the_evening_before_says_how_much_is_left(
    mirror_rows: None, receive_example: ReceiveExample, window: str, hours: int, english: str
) -> None:
    due_at = (NOW + timedelta(hours=hours)).isoformat()
    receive_example("study.members_reminded.v1", kind="due", window=window, due_at=due_at, recipients=[BORIS])

    assert headline(BORIS) == english


def test_a_reminder_has_the_deadline_in_the_readers_zone(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example(
        "study.members_reminded.v1", recipients=[ADA, BORIS], due_at="2026-11-29T14:59:00.000001Z"
    )

    with translation.override("ko"), timezone.override(ZoneInfo("Asia/Seoul")):
        assert "11.29(일) 23:59" in queries.inbox(ADA).rows[0].rendered.detail
    with translation.override("en"), timezone.override(ZoneInfo("America/New_York")):
        assert "Sun 29 Nov, 09:59" in queries.inbox(BORIS).rows[0].rendered.detail


def test_a_reminder_in_two_events_is_notified_once_and_of_another_deadline_again(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.members_reminded.v1", event_id=FIRST, recipients=[ADA])
    receive_example("study.members_reminded.v1", event_id=SECOND, recipients=[ADA, BORIS])
    receive_example("study.members_reminded.v1", due_at="2026-11-30T14:59:00Z", recipients=[ADA])

    assert sorted(Notification.objects.values_list("account_id", flat=True)) == sorted([ADA, ADA, BORIS])


def test_a_digest_says_how_much_waits_and_comes_once_a_day(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example("study.reviewer_reminded.v1", recipients=[BORIS])
    receive_example("study.reviewer_reminded.v1", waiting=9, recipients=[BORIS])

    assert headline(BORIS) == "3 submissions are waiting for your review"
    assert headline(BORIS, "ko") == "리뷰 대기 중인 제출이 3건 있어요"
    assert Notification.objects.get().url == "/reviews/"


def test_operators_are_told_of_a_request_for_more_time_without_its_reason(
    mirror_rows: None, receive_example: ReceiveExample
) -> None:
    receive_example(
        "study.extension_requested.v1", member_id=ADA, cohort_id=COHORT, recipients=[OLGA], request_id=FIRST
    )
    receive_example(
        "study.extension_requested.v1", member_id=ADA, cohort_id=COHORT, recipients=[OLGA], request_id=FIRST
    )

    assert headline(OLGA) == "Ada asks for more time: django-vote"
    assert headline(OLGA, "ko") == "Ada 님의 기한 연장 요청: django-vote"
    assert Notification.objects.get().url == f"/cohorts/{COHORT}/extension-requests/"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("decision", "texts"),
    [
        (
            {"granted": True, "due_at": "2026-12-05T14:59:00Z", "answer": "푹 쉬어요"},
            ("django-vote 미션 기한이 연장됐어요", "바뀐 마감: 12.5(토) 23:59 · 운영진 답변: 푹 쉬어요"),
        ),
        (
            {"granted": False, "due_at": None, "answer": ""},
            ("기한 연장 요청이 거절됐어요: django-vote", "마감은 그대로예요."),
        ),
    ],
)
def test_the_member_is_answered_with_the_deadline(
    mirror_rows: None, receive_example: ReceiveExample, decision: dict[str, Any], texts: tuple[str, str]
) -> None:
    receive_example(
        "study.extension_request_decided.v1", member_id=ADA, cohort_id=COHORT, recipients=[ADA], **decision
    )

    with translation.override("ko"), timezone.override(ZoneInfo("Asia/Seoul")):
        (item,) = queries.inbox(ADA).rows
        assert (item.rendered.headline, item.rendered.detail) == texts
    assert Delivery.objects.count() == 1

"""Who is told what, in which words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import translation

from notification.delivery.models import Delivery
from notification.inbox import queries
from notification.inbox.models import Notification
from notification.mirrors import actions as mirrors
from tests.conftest import ADA, BORIS, CLARA, COHORT, OLGA, Happens

FIRST, SECOND = UUID(int=1), UUID(int=2)


def headline(account_id: UUID, language: str = "en") -> str:
    """What stands first in that person's inbox."""
    with translation.override(language):
        return queries.inbox(account_id).notes[0].words.headline


def test_who_joins_is_welcomed_and_the_operator_hears_of_it(names: None, happens: Happens) -> None:
    happens("study.member_joined.v1", account_id=ADA, cohort_id=COHORT, role="member", recipients=[ADA, OLGA])

    assert headline(ADA) == "You are in 16기 now. Welcome"
    assert headline(OLGA) == "Ada joined 16기"
    assert headline(OLGA, "ko") == "Ada 님이 16기에 들어왔어요"
    urls = dict(Notification.objects.values_list("account_id", "url"))
    assert urls == {ADA: f"/cohorts/{COHORT}/", OLGA: f"/cohorts/{COHORT}/members/"}


def test_a_submission_is_a_receipt_for_its_author_and_work_for_the_mentor(
    names: None, happens: Happens
) -> None:
    happens("study.submission_received.v1", member_id=ADA, cohort_id=COHORT, recipients=[ADA, BORIS])

    assert headline(ADA, "ko") == "django-vote 미션을 제출했어요"
    assert headline(BORIS) == "Ada handed in django-vote"
    submission = "c9f0f895-fb98-4b91-9f6a-7d1c2b3a4f44"
    urls = dict(Notification.objects.values_list("account_id", "url"))
    assert urls == {ADA: f"/submissions/{submission}/", BORIS: f"/reviews/{submission}/"}


def test_a_later_attempt_is_told_again_and_a_late_one_says_so(names: None, happens: Happens) -> None:
    about = {"member_id": ADA, "cohort_id": COHORT, "recipients": [BORIS]}
    happens("study.submission_received.v1", attempt=1, **about)
    happens("study.submission_received.v1", attempt=2, late=True, **about)

    notes = queries.inbox(BORIS).notes
    with translation.override("en"):
        told = {(note.words.headline, note.words.detail) for note in queries.inbox(BORIS).notes}
    assert len(notes) == 2
    assert ("Ada handed in django-vote again", "It came after the deadline.") in told


def test_marks_are_told_with_their_points_and_changed_marks_as_changed(names: None, happens: Happens) -> None:
    happens("study.review_released.v1", version=1, recipients=[ADA])
    assert headline(ADA, "ko") == "django-vote 미션 채점이 공개됐어요: 17 / 20점"

    happens("study.review_released.v1", version=2, points=19, recipients=[ADA])
    with translation.override("ko"):
        told = {note.words.headline for note in queries.inbox(ADA).notes}
    assert "django-vote 미션 점수가 바뀌었어요: 19 / 20점" in told


def test_the_same_review_version_from_two_events_is_told_once(names: None, happens: Happens) -> None:
    happens("study.review_released.v1", event_id=FIRST, recipients=[ADA])
    acknowledged = happens("study.review_released.v1", event_id=SECOND, recipients=[ADA, BORIS])

    assert acknowledged == [str(SECOND)]
    assert sorted(Notification.objects.values_list("account_id", flat=True)) == sorted([ADA, BORIS])
    assert Delivery.objects.count() == 2


def test_a_recipient_named_twice_is_told_once(names: None, happens: Happens) -> None:
    happens("study.announcement_published.v1", recipients=[ADA, ADA])

    assert Notification.objects.count() == 1


def test_changes_may_be_asked_for_more_than_once(names: None, happens: Happens) -> None:
    happens("study.changes_requested.v1", reviewer="boris-reviews", recipients=[ADA])
    happens("study.changes_requested.v1", reviewer="boris-reviews", recipients=[ADA])

    assert Notification.objects.filter(account_id=ADA).count() == 2
    assert headline(ADA) == "boris-reviews asked for changes: django-vote"


def test_who_has_closed_their_account_is_told_nothing(names: None, happens: Happens) -> None:
    happens("users.account_closed.v1", account_id=ADA, version=9)

    acknowledged = happens("study.announcement_published.v1", recipients=[ADA, BORIS])

    assert len(acknowledged) == 1
    assert list(Notification.objects.values_list("account_id", flat=True)) == [BORIS]


def test_someone_not_mentioned_is_told_nothing(names: None, happens: Happens) -> None:
    happens("study.review_released.v1", recipients=[ADA])

    assert queries.inbox(CLARA).notes == []


def test_names_follow_what_people_and_cohorts_are_called_now(names: None, happens: Happens) -> None:
    happens("study.member_joined.v1", account_id=ADA, cohort_id=COHORT, recipients=[OLGA])
    mirrors.keep_account(account_id=ADA, name="Ada L.", language="ko", time_zone="Asia/Seoul", version=2)
    mirrors.keep_cohort(cohort_id=COHORT, title="느티 16기", version=2)

    assert headline(OLGA) == "Ada L. joined 느티 16기"


def test_someone_not_heard_of_yet_is_a_new_member(db: None, happens: Happens) -> None:
    happens("study.member_joined.v1", account_id=ADA, cohort_title="16기", recipients=[OLGA])

    assert headline(OLGA) == "New member joined 16기"


@pytest.mark.parametrize("people", [1, 10, 80])
def test_telling_costs_the_same_however_many_are_told(
    names: None, happens: Happens, people: int, django_assert_num_queries: Any
) -> None:
    recipients = [UUID(int=1000 + n) for n in range(people)]

    # Five to tell: who has it, who is closed, the rows; who wants mail, the rows. Four that make the event
    # happen once. The rest opens and closes savepoints.
    with django_assert_num_queries(5 + 4 + 10):
        happens("study.announcement_published.v1", recipients=recipients)

    assert Notification.objects.count() == Delivery.objects.count() == people

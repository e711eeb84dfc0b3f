"""Threads: the member answers a review or a comment on a line, the reviewer answers, resolves and reopens."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from chassis.errors import NotFound
from chassis.testing import NOW
from study.cohorts.actions import CohortClosed
from study.cohorts.models import Membership
from study.discussions.actions import threads
from study.discussions.models import ThreadEntry
from study.personal_data.queries import export_personal_data
from study.reviews import actions as reviews
from tests.conftest import ADA, BORIS, CLARA, OLGA, review_page, submission_page
from tests.discussions.test_comments import FIRST, comment, files
from tests.reviews.test_actions import draft, release
from tests.reviews.test_pages import filled

__all__ = ["files"]


@pytest.fixture
def reviewed(work, files):
    """A released review with a comment on a line."""
    comment(work)
    draft(work, 4, 2)
    release(work)
    return work


def answer(work, author=ADA, body="고쳤어요", *, comment_id: UUID | None = FIRST, minute=1, entry_id=None):
    return threads.answer_thread(
        entry_id=entry_id or uuid4(),
        submission_id=work.submission.id,
        comment_id=comment_id,
        author_id=author,
        body=body,
        at=NOW + timedelta(minutes=minute),
    )


def resolve(work, *, is_resolved=True, comment_id: UUID | None = FIRST, minute=9):
    threads.resolve_thread(
        submission_id=work.submission.id,
        comment_id=comment_id,
        is_resolved=is_resolved,
        account_id=BORIS,
        at=NOW + timedelta(minutes=minute),
    )


def notified(published) -> list[tuple[str, list[str]]]:
    return [(event["author_id"], event["recipients"]) for event in published("study.thread_answered.v1")]


@pytest.mark.parametrize("comment_id", [None, FIRST])
def test_each_side_is_notified_once_until_it_answers(reviewed, published, comment_id):
    for minute, author in enumerate([ADA, ADA, BORIS, OLGA, ADA]):
        answer(reviewed, author, comment_id=comment_id, minute=minute)

    assert notified(published) == [
        (str(ADA), [str(BORIS)]),
        (str(BORIS), [str(ADA)]),
        (str(ADA), sorted([str(BORIS), str(OLGA)])),
    ]


def test_an_answer_sent_twice_is_there_once(reviewed, published):
    entry_id = uuid4()
    answer(reviewed, entry_id=entry_id)
    answer(reviewed, body="다른 말", entry_id=entry_id)

    assert ThreadEntry.objects.get().body == "고쳤어요"
    assert len(notified(published)) == 1
    with pytest.raises(NotFound):
        answer(reviewed, BORIS, entry_id=entry_id)


def test_a_mentor_who_left_is_not_notified(reviewed, published):
    Membership.objects.filter(account_id=BORIS).update(left_at=NOW)

    answer(reviewed)

    assert notified(published) == []


def test_nothing_is_answered_before_its_release(work, files):
    comment(work)
    with pytest.raises(NotFound):
        answer(work)
    with pytest.raises(threads.NothingReleased):
        answer(work, comment_id=None)


def test_a_closed_cohort_is_not_answered(reviewed):
    reviewed.mission.cohort.closed_at = NOW
    reviewed.mission.cohort.save(update_fields=["closed_at"])

    with pytest.raises(CohortClosed):
        answer(reviewed)


def test_resolving_twice_is_one_mark_and_a_thread_is_reopened(reviewed, api_as):
    resolve(reviewed)
    resolve(reviewed)
    path = f"/api/v1/study/submissions/{reviewed.submission.id}/threads"
    assert [row["is_resolved"] for row in api_as(ADA).get(path).json()["results"]] == [False, True]

    resolve(reviewed, is_resolved=False, minute=10)

    [_of_review, listed] = api_as(ADA).get(path).json()["results"]
    assert (listed["comment_id"], listed["is_resolved"]) == (str(FIRST), False)
    assert [entry["kind"] for entry in listed["entries"]] == ["resolved", "reopened"]


def test_a_review_that_was_answered_is_not_withdrawn(reviewed):
    answer(reviewed, comment_id=None)

    with pytest.raises(reviews.ReviewAnswered):
        reviews.withdraw_review(
            submission_id=reviewed.submission.id, mentor_id=BORIS, at=NOW + timedelta(minutes=2)
        )


def test_member_and_mentor_talk_on_pages(work, files, as_principal):
    boris, ada = as_principal(BORIS), as_principal(ADA)
    comment(work)
    boris.post(review_page(work.submission), filled(work, 4, 2, release="1"))
    page = submission_page(work.submission)
    thread = f"{page}thread/{FIRST}/"
    for url in (thread, f"{page}thread/"):
        assert url in ada.get(page).content.decode()
    shown = ada.get(thread).content.decode()
    assert "환경 변수가 좋아요" in shown
    assert "해결로 표시" not in shown

    fields = dict(
        re.findall(r'<input type="hidden" name="(entry_id|idempotency_key)" value="([^"]*)"', shown)
    )
    refused = ada.post(thread, {**fields, "body": "가" * 4001})
    assert refused.status_code == 422
    assert "가" * 4001 in refused.content.decode()
    ada.post(thread, {**fields, "body": "*고쳤어요* <b>"})
    ada.post(thread, {**fields, "body": "*고쳤어요* <b>"})

    assert ThreadEntry.objects.count() == 1
    shown = boris.get(thread).content.decode()
    assert "<em>고쳤어요</em> &lt;b&gt;" in shown
    assert "해결로 표시" in shown
    boris.post(f"{thread}resolve/", {"is_resolved": "1"})
    assert "해결됨" in ada.get(page).content.decode()
    assert "다시 열기" in boris.get(thread).content.decode()
    boris.post(f"{thread}resolve/", {})
    assert [entry.kind for entry in ThreadEntry.objects.order_by("created_at")][-2:] == [
        "resolved",
        "reopened",
    ]
    assert ada.post(f"{thread}resolve/", {"is_resolved": "1"}).status_code == 404
    assert as_principal(CLARA).get(thread).status_code == 404
    assert ada.get(f"{page}thread/{uuid4()}/").status_code == 404


def test_a_closed_account_takes_its_answers_along(reviewed, as_principal, deliver_event):
    answer(reviewed, body="제 전화번호는 010이에요")
    assert [row["body"] for row in export_personal_data(ADA)["answers"]] == ["제 전화번호는 010이에요"]
    assert export_personal_data(BORIS)["answers"] == []

    deliver_event("users.account_closed.v1", {"account_id": ADA, "version": 5})

    assert ThreadEntry.objects.get().body == ""
    shown = as_principal(BORIS).get(f"{submission_page(reviewed.submission)}thread/{FIRST}/").content.decode()
    assert "계정과 함께 지워졌어요" in shown


def test_the_api_answers_and_resolves(reviewed, api_as):
    path = f"/api/v1/study/submissions/{reviewed.submission.id}/threads"
    about = {"comment_id": str(FIRST), "body": "고쳤어요"}
    assert api_as(ADA).put(f"{path}/answers/{uuid4()}", about).status_code == 204
    unknown = {**about, "comment_id": str(uuid4())}
    assert api_as(ADA).put(f"{path}/answers/{uuid4()}", unknown).status_code == 404
    resolution = {"comment_id": str(FIRST), "is_resolved": True}
    assert api_as(ADA).put(f"{path}/resolution", resolution).status_code == 404
    assert api_as(BORIS).put(f"{path}/resolution", resolution).status_code == 204

    assert ThreadEntry.objects.filter(created_at__lte=timezone.now()).count() == 2

"""A released review can be withdrawn for a few minutes, and is a draft again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chassis.testing import NOW
from study.reviews import actions, queries
from study.reviews.models import Review, Score
from study.submissions.models import Attempt, Submission
from tests.conftest import ADA, BORIS, OLGA, review_page, submission_page
from tests.reviews.test_actions import draft, release
from tests.reviews.test_pages import filled

MINUTE = timedelta(minutes=1)


def withdraw(work, mentor=BORIS, at=NOW + MINUTE):
    return actions.withdraw_review(submission_id=work.submission.id, mentor_id=mentor, at=at)


def stored(submission: Submission) -> tuple[object, ...]:
    fields = ("points", "max_points", "released_at", "awaits_review", "waiting_since", "state")
    return tuple(Submission.objects.values_list(*fields).get(id=submission.id))


def test_a_withdrawn_review_is_the_draft_again_with_everything_in_it(work, published):
    before = stored(work.submission)
    draft(work, 4, 2)
    review = release(work)

    withdraw(work)

    again = queries.review_draft(work.submission)
    assert again.review.id == review.id
    assert (again.points, again.comment, again.saved_at, again.version) == (6, "잘했어요", NOW + MINUTE, 2)
    assert set(Score.objects.values_list("comment", flat=True)) == {"ok"}
    assert stored(work.submission) == before
    assert queries.find_released_review(Submission.objects.get()) is None
    [event] = published("study.review_withdrawn.v1")
    assert (event["review_id"], event["version"], event["recipients"]) == (str(review.id), 1, [str(ADA)])


def test_what_is_released_next_has_another_version(work, published):
    draft(work, 4, 2)
    release(work)
    withdraw(work)
    draft(work, 4, 4, at=NOW + 2 * MINUTE)
    release(work, at=NOW + 3 * MINUTE)

    assert [event["version"] for event in published("study.review_released.v1")] == [1, 2]
    assert Review.objects.get().withdrawn_at is None
    assert stored(work.submission)[0] == 8


def test_the_points_of_the_release_before_are_put_back(work):
    draft(work, 4, 2)
    release(work)
    before = stored(work.submission)
    draft(work, 1, 1, at=NOW + MINUTE)
    release(work, at=NOW + 2 * MINUTE)

    withdraw(work, at=NOW + 3 * MINUTE)

    assert stored(work.submission) == before
    shown = queries.find_released_review(Submission.objects.get())
    assert shown is not None
    assert (shown.version, shown.points) == (1, 6)
    assert queries.review_draft(work.submission).version == 3


def test_an_attempt_that_came_meanwhile_still_waits(work):
    draft(work, 4, 2)
    release(work)
    came = NOW + timedelta(seconds=30)
    Attempt.objects.create(
        submission=work.submission,
        number=2,
        head_sha="b" * 40,
        received_at=came,
        recorded_at=came,
        due_at=came,
    )
    Submission.objects.update(awaits_review=True, waiting_since=came)

    review = withdraw(work)

    assert review.attempt.number == 1
    assert stored(work.submission)[3] is True


def test_after_five_minutes_it_stays(work, published):
    draft(work, 4, 2)
    release(work)

    with pytest.raises(actions.WithdrawalExpired):
        withdraw(work, at=NOW + timedelta(minutes=5, seconds=1))
    withdraw(work, at=NOW + timedelta(minutes=5))
    assert len(published("study.review_withdrawn.v1")) == 1


def test_only_who_released_it_can_withdraw_it(work):
    with pytest.raises(actions.NothingToWithdraw):
        withdraw(work)
    draft(work, 4, 2)
    with pytest.raises(actions.NothingToWithdraw):
        withdraw(work)
    release(work)

    with pytest.raises(actions.NothingToWithdraw):
        withdraw(work, mentor=OLGA)


def test_the_next_draft_of_somebody_else_is_not_lost(work):
    draft(work, 4, 2)
    release(work)
    draft(work, 1, mentor=OLGA, at=NOW + MINUTE)

    with pytest.raises(actions.NextDraftExists):
        withdraw(work)
    assert stored(work.submission)[0] == 6


def test_a_page_that_was_open_before_the_withdrawal_overwrites_nothing(work):
    draft(work, 4, 2)
    released = release(work).revision
    withdraw(work)

    with pytest.raises(actions.EditConflict):
        draft(work, 1, revision=released)


def test_pages_of_the_mentor_and_the_member(work, as_principal):
    boris, ada = as_principal(BORIS), as_principal(ADA)
    review, page = review_page(work.submission), submission_page(work.submission)
    sent = boris.post(review, filled(work, 4, 2, release="1"), follow=True)
    assert f'<a href="{review}withdraw/">공개 취소</a>' in sent.content.decode()
    assert f"{review}withdraw/" in boris.get(review).content.decode()
    assert "2점인 까닭" in ada.get(page).content.decode()
    assert "취소할까요" in boris.get(f"{review}withdraw/").content.decode()

    answer = boris.post(f"{review}withdraw/", follow=True)

    assert "리뷰 공개를 취소했어요" in answer.content.decode()
    assert "2점인 까닭" in answer.content.decode()
    shown = ada.get(page).content.decode()
    assert "2점인 까닭" not in shown
    assert "Boris 님이 수정하려고 리뷰 공개를 취소했어요" in shown
    refused = boris.post(f"{review}withdraw/", follow=True).content.decode()
    assert "공개를 취소할 리뷰가 없어요" in refused
    boris.post(review, filled(work, 4, 4, release="1"))
    assert "공개를 취소했어요" not in ada.get(page).content.decode()


def test_the_page_offers_it_only_to_who_can(work, as_principal):
    review = review_page(work.submission)
    as_principal(BORIS).post(review, filled(work, 4, 2, release="1"))
    assert f"{review}withdraw/" not in as_principal(OLGA).get(review).content.decode()

    Review.objects.update(released_at=timezone.now() - timedelta(minutes=6))

    assert f"{review}withdraw/" not in as_principal(BORIS).get(review).content.decode()


def test_the_api_withdraws_and_says_until_when(work, api_as):
    api, path = api_as(BORIS), f"/api/v1/study/submissions/{work.submission.id}/review"
    chosen = [
        {"criterion_id": str(line.criterion.id), "level_id": str(line.levels[2].id)} for line in work.rubric
    ]
    api.put(f"{path}/draft", {"scores": chosen, "comment": "잘했어요"})
    api.post(f"{path}/release")
    assert api.get(f"{path}/draft").json()["withdrawable_until"] is not None

    answer = api.post(f"{path}/withdraw")

    assert answer.status_code == 200
    assert (answer.json()["comment"], answer.json()["withdrawable_until"]) == ("잘했어요", None)
    assert api_as(ADA).get(path).status_code == 404
    assert api.post(f"{path}/withdraw").json()["type"] == "/problems/nothing_to_withdraw"

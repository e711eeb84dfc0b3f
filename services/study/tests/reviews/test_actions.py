"""A review is drafted in private, released whole, and superseded, never changed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from chassis.errors import NotFound
from chassis.events.models import OutboxEvent
from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.reviews import actions, queries
from study.reviews.forms import ScoreInput
from study.reviews.models import Review, Score
from study.submissions.access import submission_for_operator
from study.submissions.actions import grading
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CLARA, OLGA
from tests.reviews.conftest import create_submission


def choose(work, *points, said=""):
    """The level worth that many points, criterion by criterion."""
    given = {}
    for line, wanted in zip(work.rubric, points, strict=False):
        [level] = [level for level in line.levels if level.points == wanted]
        given[line.criterion.id] = ScoreInput(level.id, said)
    return given


def draft(work, *points, mentor=BORIS, at=NOW, **kwargs):
    return actions.save_draft(
        submission_id=work.submission.id,
        mentor_id=mentor,
        scores=choose(work, *points, said="ok"),
        comment="잘했어요",
        at=at,
        **kwargs,
    )


def release(work, mentor=BORIS, at=NOW):
    return actions.release(submission_id=work.submission.id, mentor_id=mentor, at=at)


def test_a_draft_is_kept_and_says_nothing(work):
    draft(work, 4)

    review_draft = queries.review_draft(work.submission)
    assert (review_draft.points, review_draft.max_points, review_draft.comment) == (4, 8, "잘했어요")
    assert queries.find_released_review(work.submission) is None
    assert not OutboxEvent.objects.exists()


def test_saving_again_replaces_the_draft(work):
    draft(work, 4, 4)
    draft(work, 1)

    assert Review.objects.count() == 1
    assert [score.level.points for score in Score.objects.select_related("level")] == [1]


def test_releasing_tells_the_author_and_empties_the_queue(work, published):
    draft(work, 4, 2)
    release(work)

    submission = Submission.objects.get()
    assert (submission.points, submission.max_points, submission.awaits_review) == (6, 8, False)
    [event] = published("study.review_released.v1")
    assert event["recipients"] == [str(ADA)]
    assert (event["points"], event["max_points"], event["version"]) == (6, 8, 1)
    review = queries.find_released_review(submission)
    assert review is not None
    assert [(mark.criterion.title, mark.level.points, mark.max_points) for mark in review.scores.all()] == [
        ("요구사항", 4, 4),
        ("테스트", 2, 4),
    ]


def test_open_criteria_hold_the_release_back_and_are_all_named(work):
    draft(work)

    with pytest.raises(actions.NotScored) as refused:
        release(work)
    assert "요구사항, 테스트" in str(refused.value)
    assert not OutboxEvent.objects.exists()


def test_there_is_nothing_to_release_without_a_draft(work):
    with pytest.raises(actions.NoDraft):
        release(work)


def test_a_change_after_release_is_a_new_version_and_shows_only_when_released(work, published):
    draft(work, 4, 2)
    release(work)
    draft(work, 4, 4, at=NOW + timedelta(hours=1))

    before = queries.find_released_review(Submission.objects.get())
    assert before is not None
    assert (before.version, before.points) == (1, 6)
    release(work, at=NOW + timedelta(hours=2))
    after = queries.find_released_review(Submission.objects.get())
    assert after is not None
    assert (after.version, after.points) == (2, 8)
    assert [event["version"] for event in published("study.review_released.v1")] == [1, 2]
    assert Review.objects.get(version=1).points == 6


@pytest.mark.parametrize("other", [BORIS, OLGA])
def test_a_later_draft_of_anybody_is_not_overwritten(work, other):
    first = draft(work, 4)
    draft(work, 1, mentor=other, at=NOW + timedelta(minutes=1))

    with pytest.raises(actions.EditConflict):
        draft(work, 2, at=NOW + timedelta(minutes=2), revision=first.revision)
    assert queries.review_draft(work.submission).points == 1


def test_nothing_is_begun_over_what_was_saved_released_or_thrown_away_meanwhile(work):
    draft(work, 4, 2)
    with pytest.raises(actions.EditConflict):
        draft(work, 1, revision="")
    before = Review.objects.get().revision
    release(work, at=NOW + timedelta(minutes=1))
    with pytest.raises(actions.EditConflict):
        draft(work, 1, revision=before)
    second = draft(work, 1, at=NOW + timedelta(minutes=2)).revision
    actions.discard_draft(submission_id=work.submission.id)

    with pytest.raises(actions.EditConflict):
        draft(work, 1, revision=second)
    assert draft(work, 4, 4, revision=queries.review_draft(work.submission).revision).version == 2


def test_a_level_of_another_rubric_is_refused(work):
    other = {work.rubric[0].criterion.id: ScoreInput(work.rubric[1].levels[0].id)}

    for given in (other, {uuid4(): ScoreInput(work.rubric[0].levels[0].id)}):
        with pytest.raises(actions.RubricChanged):
            actions.save_draft(
                submission_id=work.submission.id, mentor_id=BORIS, scores=given, comment="", at=NOW
            )
    assert not Score.objects.exists()


def test_throwing_a_draft_away_keeps_what_was_released(work):
    draft(work, 4, 2)
    release(work)
    draft(work, 1, 1)

    actions.discard_draft(submission_id=work.submission.id)

    assert [review.version for review in Review.objects.all()] == [1]


def test_a_submission_without_an_attempt_cannot_be_reviewed(work):
    work.submission.attempts.all().delete()

    with pytest.raises(actions.NothingHandedIn):
        draft(work, 4)


def test_even_shares_touch_only_what_has_no_mentor(work, club):
    other = Membership.objects.create(
        cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, part=club.backend, joined_at=NOW
    )
    fresh = create_submission(work.mission, other, number=43)

    assert actions.assign_evenly(cohort_id=club.cohort.id) == 1
    fresh.refresh_from_db()
    assert fresh.mentor_id == BORIS
    assert actions.assign_evenly(cohort_id=club.cohort.id) == 0


def test_an_operator_can_be_given_work(work, club):
    assert grading.assign_mentor(submission=work.submission, mentor_id=OLGA).mentor_id == OLGA


@pytest.mark.parametrize("who", [ADA, CLARA, uuid4()])
def test_only_a_reviewer_of_the_cohort_can_be_given_work(work, club, who):
    with pytest.raises(grading.NotAMentor):
        grading.assign_mentor(submission=work.submission, mentor_id=who)


def test_work_of_another_cohort_is_not_there(work, club):
    with pytest.raises(NotFound):
        submission_for_operator(club.other.id, work.submission.id, account_id=CLARA)

"""Nobody reviews their own submission: Ada handed in as a member and is a mentor now."""

from __future__ import annotations

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership, Role
from study.reviews import actions
from study.reviews.forms import ScoreInput
from study.reviews.models import Review
from study.submissions.actions import grading
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, OLGA, review_page, submission_page


@pytest.fixture(params=[Role.MENTOR, Role.OPERATOR])
def promoted(request, work, club, as_principal):
    """Ada's work with a draft by Boris, after Olga has promoted her on her page."""
    given = {row.criterion.id: ScoreInput(row.levels[0].id, "비밀 메모") for row in work.rubric}
    actions.save_draft(
        submission_id=work.submission.id, mentor_id=BORIS, scores=given, comment="초안", at=NOW
    )
    page = f"/cohorts/{club.cohort.id}/members/{club.ada.id}/"
    body = {"role": request.param, "part_id": str(club.backend.id), "team_id": ""}
    assert as_principal(OLGA).post(page, body).status_code == 302
    return work


def test_the_pages_of_the_review_are_not_there(promoted, as_principal):
    ada, url = as_principal(ADA), review_page(promoted.submission)

    answers = [
        ada.get(url),
        ada.post(url, {"draft": "1", "comment": "좋아요"}),
        ada.post(url, {"release": "1", "comment": "좋아요"}),
        ada.get(f"{url}discard/"),
        ada.post(f"{url}discard/"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert not any("비밀 메모" in answer.content.decode() for answer in answers)
    [draft] = Review.objects.all()
    assert (draft.mentor_id, draft.comment, draft.released_at) == (BORIS, "초안", None)


def test_nor_are_the_operations(promoted, api_as):
    ada, url = api_as(ADA), f"/api/v1/study/submissions/{promoted.submission.id}/review"

    answers = [
        ada.get(f"{url}/draft"),
        ada.put(f"{url}/draft", {"comment": "", "scores": []}, format="json"),
        ada.delete(f"{url}/draft"),
        ada.post(f"{url}/release"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert Review.objects.get().released_at is None


def test_the_author_still_reads_the_submission_as_its_author(promoted, as_principal):
    page = as_principal(ADA).get(submission_page(promoted.submission)).content.decode()

    assert review_page(promoted.submission) not in page
    assert "비밀 메모" not in page


def test_it_is_neither_given_to_its_author_nor_stands_in_their_queue(promoted, club, as_principal, api_as):
    row = f"cohorts/{club.cohort.id}/reviewers/{promoted.submission.id}"
    olga = as_principal(OLGA)

    olga.post(f"/{row}/", {"mentor_id": str(ADA)})
    refused = api_as(OLGA).put(f"/api/v1/study/{row}", {"mentor_id": str(ADA)}, format="json")
    assert refused.json()["code"] == "not_a_mentor"
    with pytest.raises(grading.NotAMentor):
        grading.assign_mentor(submission=promoted.submission, mentor_id=ADA)
    assert Submission.objects.get().mentor_id == BORIS

    # As a release before this one may have left it.
    Submission.objects.update(mentor_id=ADA)
    assert review_page(promoted.submission) not in as_principal(ADA).get("/reviews/").content.decode()
    assert api_as(ADA).get("/api/v1/study/reviews").json()["results"] == []


def test_even_distribution_gives_it_to_somebody_else_or_to_nobody(promoted, club, as_principal):
    url = f"/cohorts/{club.cohort.id}/reviewers/evenly/"
    Submission.objects.update(mentor_id=None)
    Membership.objects.filter(account_id=BORIS).update(left_at=NOW)

    as_principal(OLGA).post(url)
    assert Submission.objects.get().mentor_id is None

    Membership.objects.filter(account_id=BORIS).update(left_at=None)
    as_principal(OLGA).post(url)
    assert Submission.objects.get().mentor_id == BORIS


def test_the_actions_refuse_it_too(promoted):
    given = {"submission_id": promoted.submission.id, "mentor_id": ADA, "at": NOW}

    with pytest.raises(grading.NotAMentor):
        actions.save_draft(scores={}, comment="", **given)
    with pytest.raises(grading.NotAMentor):
        actions.release(**given)

    assert Review.objects.get().released_at is None

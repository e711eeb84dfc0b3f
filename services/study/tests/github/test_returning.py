"""Who leaves a cohort and comes back goes on where they stopped."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership
from study.github.models import PullRequest
from study.submissions.models import Submission
from tests.conftest import ADA, BORIS, CONSENT, mission_page, submission_page
from tests.github.payloads import ADA_ON_GITHUB, A, B, closed, pull_request, push, review
from tests.memberships.conftest import invite

__all__ = ["invite"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def leave_and_return(club, invite, as_principal):
    """leave_and_return() → Ada's new membership, after the pages for leaving and joining."""

    def go() -> Membership:
        ada = as_principal(ADA)
        ada.post(f"/cohorts/{club.cohort.id}/leave/")
        assert ada.post(invite(at=timezone.now()).path, CONSENT).status_code == 302
        return Membership.objects.live().get(cohort=club.cohort, account_id=ADA)

    return go


@pytest.fixture
def pinned(club, mission, send):
    """Ada, whose account an operator named: GitHub's id is pinned with her first pull request."""
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None, github_login="")
    Membership.objects.filter(id=club.ada.id).update(github_login="ada-codes")
    send("pull_request", pull_request())
    return Membership.objects.get(id=club.ada.id)


def test_they_have_one_submission_and_their_github_account(
    pinned, leave_and_return, send, as_principal, mission
):
    back = leave_and_return()

    answer = send("pull_request", push(A, B, at=2, user={**ADA_ON_GITHUB, "login": "ada-renamed"}))

    assert answer.json()["outcome"] == "resubmitted"
    submission = Submission.objects.get()
    assert (submission.membership, submission.attempts_count) == (back, 2)
    assert (back.github_id, back.github_login) == (101, "ada-codes")
    assert submission_page(submission) in as_principal(ADA).get(mission_page(mission)).content.decode()


def test_a_pull_request_opened_after_coming_back_takes_the_first_ones_place(pinned, leave_and_return, send):
    back = leave_and_return()
    send("pull_request", closed(at=2))

    assert send("pull_request", pull_request(number=43, sha=B, at=3)).json()["outcome"] == "resubmitted"

    submission = Submission.objects.get()
    assert submission.pull_request
    assert (submission.membership, submission.pull_request.number, submission.attempts_count) == (back, 43, 2)
    assert PullRequest.objects.get(number=43).member == back


def test_what_somebody_else_has_by_now_stays_theirs(pinned, leave_and_return, club):
    Membership.objects.filter(id=club.boris.id).update(github_id=None)
    Membership.objects.filter(id=pinned.id).update(github_id=102)

    back = leave_and_return()

    # Boris has linked that account.
    assert AccountMirror.objects.get(account_id=BORIS).github_id == 102
    assert back.github_id is None


def test_who_comes_back_as_a_mentor_does_not_review_their_own(pinned, club, invite, as_principal, send):
    ada = as_principal(ADA)
    ada.post(f"/cohorts/{club.cohort.id}/leave/")
    ada.post(invite(role="mentor", part_id=None, at=timezone.now()).path, CONSENT)

    send("pull_request_review", review("approved", at=3, by=ADA_ON_GITHUB, association="MEMBER"))
    assert Submission.objects.get().state == "waiting"

"""Whose a pull request is: each kind of author and repository has its outcome."""

from __future__ import annotations

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.testing import NOW
from study.cohorts.models import Membership
from study.github.models import EventKind, Outcome, PullRequest, TimelineEvent
from study.submissions.models import State, Submission
from tests.conftest import ADA, CLARA
from tests.github.payloads import (
    ADA_ON_GITHUB,
    BORIS_ON_GITHUB,
    A,
    B,
    closed,
    minutes,
    person,
    pull_request,
    push,
)

pytestmark = pytest.mark.django_db


def test_an_unknown_repository_leaves_nothing(mission, ingest):
    result = ingest("pull_request", pull_request(repository="ada-codes/diary"))

    assert (result.outcome, PullRequest.objects.count()) == (Outcome.UNKNOWN_REPOSITORY, 0)


def test_a_repository_of_another_cohort_is_unknown_here(mission, ingest, club):
    assert ingest("pull_request", pull_request(), cohort=club.other).outcome == Outcome.UNKNOWN_REPOSITORY
    assert not PullRequest.objects.exists()


def test_an_unknown_person_waits_in_the_operators_list(mission, ingest, published):
    result = ingest("pull_request", pull_request(user=person(999, "somebody")))

    assert (result.outcome, result.submission) == (Outcome.UNKNOWN_PERSON, None)
    assert PullRequest.objects.get().unmatched == Outcome.UNKNOWN_PERSON
    assert published("study.submission_received.v1") == []


def test_a_member_of_another_cohort_is_unknown_here(mission, ingest):
    Membership.objects.filter(account_id=CLARA).update(role="member")

    assert (
        ingest("pull_request", pull_request(user=person(104, "clara-else"))).outcome == Outcome.UNKNOWN_PERSON
    )


def test_a_login_that_now_is_somebody_elses_hands_in_nothing(mission, ingest):
    assert (
        ingest("pull_request", pull_request(user=person(999, "ada-codes"))).outcome == Outcome.UNKNOWN_PERSON
    )


def test_a_login_set_by_an_operator_matches_once_and_is_pinned_to_the_id(mission, ingest, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None, github_login="")
    Membership.objects.filter(id=club.ada.id).update(github_login="ada-codes")

    assert ingest("pull_request", pull_request()).outcome == Outcome.SUBMITTED
    club.ada.refresh_from_db()
    assert club.ada.github_id == 101
    ingest("pull_request", pull_request("edited", at=1, user=person(101, "ada-renamed")))
    assert Submission.objects.get().membership == club.ada


def test_an_operators_word_for_an_account_of_somebody_else_here_counts_for_nothing(mission, ingest, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None, github_login="")
    Membership.objects.filter(id=club.ada.id).update(github_login="boris-reviews")
    Membership.objects.filter(id=club.boris.id).update(github_id=102)

    assert ingest("pull_request", pull_request(user=BORIS_ON_GITHUB)).outcome == Outcome.STAFF
    assert not Submission.objects.exists()


def test_a_members_own_claim_waits_for_the_operator(mission, ingest, club):
    Membership.objects.filter(id=club.ada.id).update(github_claim="somebody")

    assert ingest("pull_request", pull_request(user=person(999, "Somebody"))).outcome == Outcome.CLAIMED
    assert not Submission.objects.exists()


def test_a_mentors_pull_request_is_nobodys_submission_and_bothers_nobody(mission, ingest):
    assert ingest("pull_request", pull_request(user=BORIS_ON_GITHUB)).outcome == Outcome.STAFF
    assert PullRequest.objects.get().unmatched == ""


@pytest.mark.parametrize("action", ["opened", "synchronize", "closed"])
def test_a_bots_pull_request_is_never_a_submission(mission, ingest, action):
    result = ingest("pull_request", pull_request(action, user=person(101, "dependabot[bot]", "Bot")))

    assert (result.outcome, PullRequest.objects.count()) == (Outcome.BOT, 0)


def test_a_bots_doing_on_a_members_pull_request_is_told(mission, ingest):
    bot = person(5, "github-actions[bot]", "Bot")
    ingest("pull_request", pull_request())

    assert ingest("pull_request", push(A, B, at=2, sender=bot)).outcome == Outcome.RESUBMITTED


def test_a_pull_request_of_nobody_waits(mission, ingest):
    result = ingest("pull_request", pull_request(user=None))

    assert result.outcome == Outcome.NO_AUTHOR
    assert (PullRequest.objects.get().author_id, PullRequest.objects.get().author_login) == (0, "")


def test_an_author_who_leaves_github_later_keeps_the_submission(mission, ingest):
    ingest("pull_request", pull_request())
    result = ingest("pull_request", push(A, B, at=3, user=None, sender=None))

    assert result.outcome == Outcome.RESUBMITTED
    assert PullRequest.objects.get().author_login == "ada-codes"


def test_a_deleted_fork_changes_nothing_but_its_name(mission, ingest):
    ingest("pull_request", pull_request())
    head = {"ref": "ada-codes", "sha": A, "repo": None}
    result = ingest(
        "pull_request", closed(at=4) | {"pull_request": closed(at=4)["pull_request"] | {"head": head}}
    )

    assert result.submission is not None
    assert (PullRequest.objects.get().head_repository, PullRequest.objects.get().state) == ("", "closed")


def test_a_deleted_fork_can_still_be_handed_in(mission, ingest):
    head = {"ref": "ada-codes", "sha": A, "repo": None}

    assert ingest("pull_request", pull_request(head=head)).outcome == Outcome.SUBMITTED


def test_a_second_pull_request_of_the_same_member_waits(mission, ingest):
    ingest("pull_request", pull_request())
    result = ingest("pull_request", pull_request(number=43))

    assert result.outcome == Outcome.SECOND_PULL
    assert PullRequest.objects.exclude(submission=None).get().number == 42
    assert PullRequest.objects.get(number=43).unmatched == Outcome.SECOND_PULL

    ingest("pull_request", closed(at=3, number=43))
    assert PullRequest.objects.get(number=43).unmatched == ""


def test_after_giving_up_the_first_the_second_takes_its_place(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", closed(at=2))
    result = ingest("pull_request", pull_request(number=43, sha=B, at=3), at=minutes(3))

    assert result.outcome == Outcome.RESUBMITTED
    submission = Submission.objects.get()
    assert submission.pull_request
    assert (submission.pull_request.number, submission.state, submission.attempts_count) == (
        43,
        "resubmitted",
        2,
    )

    ingest("pull_request", pull_request("reopened", at=6))
    assert PullRequest.objects.exclude(submission=None).get().number == 43
    assert PullRequest.objects.get(number=42).unmatched == Outcome.SECOND_PULL


def test_one_who_left_hands_in_nothing_new(mission, ingest, club):
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)

    assert ingest("pull_request", pull_request()).outcome == Outcome.UNKNOWN_PERSON


def test_what_somebody_who_left_handed_in_goes_on(mission, ingest, club):
    ingest("pull_request", pull_request())
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)

    assert ingest("pull_request", closed(at=5, merged=True)).submission.state == State.MERGED


def test_a_review_is_asked_once_for_each_head(mission, ingest):
    ingest("pull_request", pull_request())
    asks = pull_request("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB, sender=ADA_ON_GITHUB)
    ingest("pull_request", asks)
    ingest("pull_request", asks)
    team = pull_request("review_requested", at=2, requested_team={"name": "멘토"})
    ingest("pull_request", team)

    timeline_events = TimelineEvent.objects.filter(kind=EventKind.REVIEW_REQUESTED).order_by("at")
    assert [timeline_event.text for timeline_event in timeline_events] == ["boris-reviews", "멘토"]

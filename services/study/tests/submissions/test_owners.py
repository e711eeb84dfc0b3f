"""Whose a pull request is: each kind of author and repository has its outcome."""

from __future__ import annotations

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership
from study.mirrors.models import AccountMirror
from study.submissions.models import Kind, Moment, Outcome, Pull, State, Submission
from tests.conftest import ADA, CLARA
from tests.hooks.payloads import (
    ADA_ON_GITHUB,
    BORIS_ON_GITHUB,
    A,
    B,
    closed,
    minutes,
    person,
    pull,
    push,
)

pytestmark = pytest.mark.django_db


def test_an_unknown_repository_leaves_nothing(mission, take):
    taken = take("pull_request", pull(repository="ada-codes/diary"))

    assert (taken.outcome, Pull.objects.count()) == (Outcome.UNKNOWN_REPOSITORY, 0)


def test_a_repository_of_another_cohort_is_unknown_here(mission, take, club):
    assert take("pull_request", pull(), cohort=club.other).outcome == Outcome.UNKNOWN_REPOSITORY
    assert not Pull.objects.exists()


def test_an_unknown_person_waits_in_the_operators_list(mission, take, published):
    taken = take("pull_request", pull(user=person(999, "somebody")))

    assert (taken.outcome, taken.submission) == (Outcome.UNKNOWN_PERSON, None)
    assert Pull.objects.get().unmatched == Outcome.UNKNOWN_PERSON
    assert published("study.submission_received.v1") == []


def test_a_member_of_another_cohort_is_unknown_here(mission, take):
    Membership.objects.filter(account_id=CLARA).update(role="member")

    assert take("pull_request", pull(user=person(104, "clara-else"))).outcome == Outcome.UNKNOWN_PERSON


def test_a_login_that_now_is_somebody_elses_hands_in_nothing(mission, take):
    assert take("pull_request", pull(user=person(999, "ada-codes"))).outcome == Outcome.UNKNOWN_PERSON


def test_a_login_set_by_an_operator_matches_once_and_is_pinned_to_the_id(mission, take, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None, github_login="")
    Membership.objects.filter(id=club.ada.id).update(github_login="ada-codes")

    assert take("pull_request", pull()).outcome == Outcome.SUBMITTED
    club.ada.refresh_from_db()
    assert club.ada.github_id == 101
    take("pull_request", pull("edited", at=1, user=person(101, "ada-renamed")))
    assert Submission.objects.get().membership == club.ada


def test_an_operators_word_for_an_account_of_somebody_else_here_counts_for_nothing(mission, take, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None, github_login="")
    Membership.objects.filter(id=club.ada.id).update(github_login="boris-reviews")
    Membership.objects.filter(id=club.boris.id).update(github_id=102)

    assert take("pull_request", pull(user=BORIS_ON_GITHUB)).outcome == Outcome.STAFF
    assert not Submission.objects.exists()


def test_a_members_own_claim_waits_for_the_operator(mission, take, club):
    Membership.objects.filter(id=club.ada.id).update(github_claim="somebody")

    assert take("pull_request", pull(user=person(999, "Somebody"))).outcome == Outcome.CLAIMED
    assert not Submission.objects.exists()


def test_a_mentors_pull_request_is_nobodys_submission_and_bothers_nobody(mission, take):
    assert take("pull_request", pull(user=BORIS_ON_GITHUB)).outcome == Outcome.STAFF
    assert Pull.objects.get().unmatched == ""


@pytest.mark.parametrize("action", ["opened", "synchronize", "closed"])
def test_a_bots_pull_request_is_never_a_submission(mission, take, action):
    taken = take("pull_request", pull(action, user=person(101, "dependabot[bot]", "Bot")))

    assert (taken.outcome, Pull.objects.count()) == (Outcome.BOT, 0)


def test_a_bots_doing_on_a_members_pull_request_is_told(mission, take):
    bot = person(5, "github-actions[bot]", "Bot")
    take("pull_request", pull())

    assert take("pull_request", push(A, B, at=2, sender=bot)).outcome == Outcome.RESUBMITTED


def test_a_pull_request_of_nobody_waits(mission, take):
    taken = take("pull_request", pull(user=None))

    assert taken.outcome == Outcome.NO_AUTHOR
    assert (Pull.objects.get().author_id, Pull.objects.get().author_login) == (0, "")


def test_an_author_who_leaves_github_later_keeps_the_submission(mission, take):
    take("pull_request", pull())
    taken = take("pull_request", push(A, B, at=3, user=None, sender=None))

    assert taken.outcome == Outcome.RESUBMITTED
    assert Pull.objects.get().author_login == "ada-codes"


def test_a_deleted_fork_changes_nothing_but_its_name(mission, take):
    take("pull_request", pull())
    head = {"ref": "ada-codes", "sha": A, "repo": None}
    taken = take(
        "pull_request", closed(at=4) | {"pull_request": closed(at=4)["pull_request"] | {"head": head}}
    )

    assert taken.submission is not None
    assert (Pull.objects.get().head_repository, Pull.objects.get().state) == ("", "closed")


def test_a_deleted_fork_can_still_be_handed_in(mission, take):
    head = {"ref": "ada-codes", "sha": A, "repo": None}

    assert take("pull_request", pull(head=head)).outcome == Outcome.SUBMITTED


def test_a_second_pull_request_of_the_same_member_waits(mission, take):
    take("pull_request", pull())
    taken = take("pull_request", pull(number=43))

    assert taken.outcome == Outcome.SECOND_PULL
    assert Submission.objects.get().pull.number == 42
    assert Pull.objects.get(number=43).unmatched == Outcome.SECOND_PULL

    take("pull_request", closed(at=3, number=43))
    assert Pull.objects.get(number=43).unmatched == ""


def test_after_giving_up_the_first_the_second_takes_its_place(mission, take):
    take("pull_request", pull())
    take("pull_request", closed(at=2))
    taken = take("pull_request", pull(number=43, sha=B, at=3), at=minutes(3))

    assert taken.outcome == Outcome.RESUBMITTED
    submission = Submission.objects.get()
    assert (submission.pull.number, submission.state, submission.attempts_count) == (43, "resubmitted", 2)

    take("pull_request", pull("reopened", at=6))
    assert Submission.objects.get().pull.number == 43
    assert Pull.objects.get(number=42).unmatched == Outcome.SECOND_PULL


def test_one_who_left_hands_in_nothing_new(mission, take, club):
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)

    assert take("pull_request", pull()).outcome == Outcome.UNKNOWN_PERSON


def test_what_somebody_who_left_handed_in_goes_on(mission, take, club):
    take("pull_request", pull())
    Membership.objects.filter(id=club.ada.id).update(left_at=NOW)

    assert take("pull_request", closed(at=5, merged=True)).submission.state == State.MERGED


def test_a_review_is_asked_once_for_each_head(mission, take):
    take("pull_request", pull())
    asks = pull("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB, sender=ADA_ON_GITHUB)
    take("pull_request", asks)
    take("pull_request", asks)
    team = pull("review_requested", at=2, requested_team={"name": "멘토"})
    take("pull_request", team)

    told = Moment.objects.filter(kind=Kind.REVIEW_REQUESTED).order_by("at")
    assert [moment.text for moment in told] == ["boris-reviews", "멘토"]

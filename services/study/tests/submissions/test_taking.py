"""What becomes of a pull request: each thing that GitHub may tell has its outcome."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership
from study.mirrors.models import AccountMirror
from study.missions.models import Extension, PartDue
from study.submissions.models import Attempt, Kind, Moment, Outcome, Pull, Source, State, Submission
from tests.conftest import ADA, CLARA, OLGA
from tests.hooks.payloads import (
    ADA_ON_GITHUB,
    BORIS_ON_GITHUB,
    A,
    B,
    C,
    closed,
    minutes,
    person,
    pull,
    push,
)

pytestmark = pytest.mark.django_db


def story() -> list[str]:
    return list(Moment.objects.order_by("at", "id").values_list("kind", flat=True))


def heads() -> list[str]:
    return [attempt.head_sha[0] for attempt in Attempt.objects.order_by("number")]


def test_an_opened_pull_request_is_the_first_attempt(mission, take, club):
    taken = take("pull_request", pull(), at=minutes(1))

    assert taken.outcome == Outcome.SUBMITTED
    submission = Submission.objects.get()
    assert (submission.membership, submission.state) == (club.ada, State.WAITING)
    assert (submission.waiting_since, submission.created_at) == (minutes(1), minutes(1))
    attempt = submission.attempts.get()
    assert (attempt.received_at, attempt.due_at, attempt.late_seconds) == (minutes(1), mission.due_at, 0)
    assert story() == [Kind.OPENED]
    assert Moment.objects.get().at == minutes(0)


def test_each_new_head_is_another_attempt_and_is_told(mission, take, published):
    take("pull_request", pull())
    taken = take("pull_request", push(A, B, at=3), at=minutes(3))

    assert taken.outcome == Outcome.RESUBMITTED
    assert heads() == ["a", "b"]
    submission = Submission.objects.get()
    assert (submission.state, submission.attempts_count) == (State.RESUBMITTED, 2)
    assert [event["attempt"] for event in published("study.submission_received.v1")] == [1, 2]
    assert story() == [Kind.OPENED, Kind.COMMITS_PUSHED]
    told = Moment.objects.get(kind=Kind.COMMITS_PUSHED)
    assert (told.before_sha, told.sha, told.actor) == (A, B, "ada-codes")


def test_the_wait_begins_when_the_ball_comes_to_the_mentor_not_with_every_push(mission, take):
    take("pull_request", pull(), at=minutes(0))
    take("pull_request", push(A, B, at=3), at=minutes(3))

    assert Submission.objects.get().waiting_since == minutes(0)


def test_an_attempt_keeps_the_deadline_that_bound_when_it_came(mission, take, club):
    mission.due_at = NOW - timedelta(hours=1)
    mission.save(update_fields=["due_at"])
    PartDue.objects.create(mission=mission, part=club.backend, due_at=NOW - timedelta(minutes=30))
    take("pull_request", pull(), at=NOW)
    Extension.objects.create(
        mission=mission, membership=club.ada, hours=2, reason="병원", granted_by=OLGA, granted_at=NOW
    )
    take("pull_request", push(A, B, at=3), at=NOW + timedelta(minutes=1))

    first, second = Attempt.objects.order_by("number")
    assert (first.due_at, first.late_seconds) == (NOW - timedelta(minutes=30), 1800)
    assert (second.due_at, second.late_seconds) == (NOW + timedelta(minutes=90), 0)
    assert Submission.objects.get().is_late is True


def test_the_deadline_itself_is_in_time_and_a_second_later_is_not(mission, take, published):
    take("pull_request", pull(), at=mission.due_at)
    take("pull_request", push(A, B, at=3), at=mission.due_at + timedelta(seconds=1))

    assert [attempt.late_seconds for attempt in Attempt.objects.order_by("number")] == [0, 1]
    assert [event["late"] for event in published("study.submission_received.v1")] == [False, True]
    assert Submission.objects.get().is_late is False


def test_told_again_by_another_delivery_nothing_is_added(mission, take, published):
    take("pull_request", pull())
    taken = take("pull_request", pull())

    assert taken.outcome == Outcome.UNCHANGED
    assert (Attempt.objects.count(), Moment.objects.count(), Pull.objects.count()) == (1, 1, 1)
    assert len(published("study.submission_received.v1")) == 1


def test_hook_link_and_poll_tell_one_story(mission, take):
    told = [pull(), push(A, B, at=3), closed(at=9, sha=B, merged=True)]
    for payload in told:
        # Our own question is answered with the same object, and nobody says what was done.
        asked = {"repository": payload["repository"], "pull_request": payload["pull_request"]}
        take("pull_request", asked, source=Source.POLL)
        take("pull_request", payload, source=Source.WEBHOOK)
        take("pull_request", asked, source=Source.LINK)

    assert story() == [Kind.OPENED, Kind.COMMITS_PUSHED, Kind.MERGED]
    assert heads() == ["a", "b"]


LIFE = [
    pull(),
    pull("review_requested", at=1, requested_reviewer=BORIS_ON_GITHUB),
    push(A, B, at=2),
    pull("edited", at=3, sha=B, title="다시 제출합니다"),
    closed(at=4, sha=B, merged=True, title="다시 제출합니다"),
]
# Every fifth of the 120: each place is taken by each of them.
ORDERS = list(itertools.permutations(range(5)))[::5]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "".join(map(str, order)))
def test_whatever_the_order_of_arrival_the_end_is_the_same(mission, take, order):
    for n, which in enumerate(order):
        take("pull_request", LIFE[which], at=NOW + timedelta(seconds=n))

    submission, found = Submission.objects.get(), Pull.objects.get()
    assert (found.state, found.head_sha, found.title) == ("merged", B, "다시 제출합니다")
    assert (found.github_updated_at, submission.state) == (minutes(4), State.MERGED)
    assert story() == [Kind.OPENED, Kind.REVIEW_REQUESTED, Kind.COMMITS_PUSHED, Kind.MERGED]
    assert heads()[-1] == "b"


def test_an_older_push_adds_its_line_and_no_attempt(mission, take):
    take("pull_request", pull())
    take("pull_request", push(B, C, at=5))
    taken = take("pull_request", push(A, B, at=3))

    assert taken.outcome == Outcome.UPDATED
    assert heads() == ["a", "c"]
    assert Pull.objects.get().head_sha == C
    assert story() == [Kind.OPENED, Kind.COMMITS_PUSHED, Kind.COMMITS_PUSHED]


def test_within_one_second_a_push_follows_the_head_it_names(mission, take):
    take("pull_request", pull())
    take("pull_request", push(A, B, at=0))
    take("pull_request", pull("labeled"))
    assert (Pull.objects.get().head_sha, heads()) == (B, ["a", "b"])

    take("pull_request", closed(at=0, sha=B))
    take("pull_request", pull("labeled", sha=B))
    assert Pull.objects.get().state == "closed"


def test_a_branch_that_comes_back_to_an_old_commit_is_no_new_attempt(mission, take):
    take("pull_request", pull())
    take("pull_request", push(A, B, at=2))
    taken = take("pull_request", push(B, A, at=3))

    assert taken.outcome == Outcome.UPDATED
    assert (heads(), Pull.objects.get().head_sha) == (["a", "b"], A)


def test_a_push_heard_of_too_late_counts_once_the_branch_comes_back_to_it(mission, take):
    take("pull_request", pull())
    take("pull_request", push(B, C, at=5))
    take("pull_request", push(A, B, at=3))

    taken = take("pull_request", push(C, B, at=7), at=minutes(7))

    assert taken.outcome == Outcome.RESUBMITTED
    assert heads() == ["a", "c", "b"]


def test_a_missed_push_is_noticed_with_the_next_word(mission, take):
    take("pull_request", pull())
    taken = take("pull_request", pull("labeled", at=4, sha=B))

    assert taken.outcome == Outcome.RESUBMITTED
    assert heads() == ["a", "b"]
    assert Moment.objects.get(kind=Kind.COMMITS_PUSHED).before_sha == A


def test_a_pull_request_first_heard_of_by_a_push_is_handed_in_once(mission, take):
    taken = take("pull_request", push(A, B, at=2))

    assert taken.outcome == Outcome.SUBMITTED
    assert heads() == ["b"]
    assert story() == [Kind.OPENED, Kind.COMMITS_PUSHED]


def test_a_draft_is_no_attempt_until_it_is_ready(mission, take, published):
    assert take("pull_request", pull(draft=True)).outcome == Outcome.DRAFT
    assert take("pull_request", push(A, B, at=2, draft=True)).outcome == Outcome.DRAFT
    assert not Submission.objects.exists()
    assert published("study.submission_received.v1") == []

    taken = take("pull_request", pull("ready_for_review", at=4, sha=B), at=minutes(4))

    assert taken.outcome == Outcome.SUBMITTED
    assert heads() == ["b"]
    assert Attempt.objects.get().received_at == minutes(4)
    assert story() == [Kind.DRAFT_OPENED, Kind.COMMITS_PUSHED, Kind.READY]


def test_turned_back_into_a_draft_it_leaves_the_queue_until_ready(mission, take):
    take("pull_request", pull(), at=minutes(0))
    take("pull_request", pull("converted_to_draft", at=2, draft=True))
    assert Submission.objects.get().awaits_review is False
    take("pull_request", push(A, B, at=3, draft=True))
    assert heads() == ["a"]

    take("pull_request", pull("ready_for_review", at=5, sha=B), at=minutes(5))

    submission = Submission.objects.get()
    assert (submission.awaits_review, submission.waiting_since) == (True, minutes(5))
    assert heads() == ["a", "b"]
    assert story() == [Kind.OPENED, Kind.DRAFTED, Kind.COMMITS_PUSHED, Kind.READY]


def test_closed_and_reopened(mission, take):
    take("pull_request", pull())
    take("pull_request", closed(at=2))
    submission = Submission.objects.get()
    assert (submission.state, submission.awaits_review) == (State.CLOSED, False)

    taken = take("pull_request", pull("reopened", at=4), at=minutes(4))

    submission.refresh_from_db()
    assert (submission.state, submission.awaits_review) == (State.WAITING, True)
    assert (taken.outcome, heads()) == (Outcome.UPDATED, ["a"])
    assert story() == [Kind.OPENED, Kind.CLOSED, Kind.REOPENED]


def test_reopened_with_another_head_it_is_another_attempt(mission, take):
    take("pull_request", pull())
    take("pull_request", closed(at=2))

    assert take("pull_request", pull("reopened", at=4, sha=B)).outcome == Outcome.RESUBMITTED
    assert heads() == ["a", "b"]


def test_merged_says_where_and_by_whom(mission, take):
    take("pull_request", pull())
    take("pull_request", closed(at=5, merged=True))

    assert Submission.objects.get().state == State.MERGED
    told = Moment.objects.get(kind=Kind.MERGED)
    assert (told.text, told.actor, told.sha, told.at) == ("ada-codes", "boris-reviews", "d" * 40, minutes(5))


def test_a_merged_pull_request_that_we_never_heard_of_is_handed_in(mission, take):
    taken = take("pull_request", closed(at=5, merged=True))

    assert taken.outcome == Outcome.SUBMITTED
    assert Submission.objects.get().state == State.MERGED


def test_a_closed_pull_request_that_we_never_heard_of_is_not(mission, take):
    taken = take("pull_request", closed(at=5))

    assert taken.outcome == Outcome.UPDATED
    assert not Submission.objects.exists()
    assert Pull.objects.get().unmatched == ""


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

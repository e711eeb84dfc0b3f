"""What an operator decides, and what time decides by itself."""

from __future__ import annotations

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.errors import NotFound
from chassis.testing import NOW
from study.cohorts.models import Membership
from study.github.models import Outcome, PullRequest, Source
from study.memberships.actions.github import GitHubTaken, pin_github
from study.submissions.actions.matching import (
    AlreadyMatched,
    dismiss_pull_request,
    match_pull_request,
    match_waiting_pull_request,
    restore_pull_request,
)
from study.submissions.models import Attempt, Submission
from study.submissions.queries.pending import pull_requests_with_member
from study.submissions.tasks import match_waiting_pull_requests
from tests.conftest import ADA, OLGA
from tests.github.payloads import A, B, closed, make_mission, minutes, person, pull_request, push

pytestmark = pytest.mark.django_db

SOMEBODY = person(999, "Hanbit-Dev")


@pytest.fixture
def waiting(mission, ingest) -> PullRequest:
    """A pull request by an account that nobody has linked, with two heads; Ada has linked none."""
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None, github_login="")
    ingest("pull_request", pull_request(number=61, user=SOMEBODY), at=minutes(1))
    ingest("pull_request", push(A, B, at=3, number=61, user=SOMEBODY), at=minutes(3))
    return PullRequest.objects.get()


def test_matched_its_heads_count_from_when_they_were_handed_in(waiting, club, published):
    result = match_pull_request(pull_request=waiting, membership=club.ada, by=OLGA, at=minutes(60))

    assert result.outcome == Outcome.SUBMITTED
    attempts = Attempt.objects.order_by("number")
    assert [(a.head_sha, a.received_at, a.source) for a in attempts] == [
        (A, minutes(0), Source.OPERATOR),
        (B, minutes(3), Source.OPERATOR),
    ]
    assert Submission.objects.get().waiting_since == minutes(60)
    waiting.refresh_from_db()
    assert (waiting.member, waiting.unmatched) == (club.ada, "")
    (event,) = published("study.submission_received.v1")
    assert (event["attempt"], event["recipients"]) == (2, [str(ADA)])


def test_the_account_is_theirs_from_then_on_and_what_else_waited(waiting, club, ingest):
    other = make_mission(club, repository="ceos-developers/django-auth-15th")
    ingest("pull_request", pull_request(number=7, user=SOMEBODY, repository=other.repository))

    match_pull_request(pull_request=waiting, membership=club.ada, by=OLGA, at=NOW)

    club.ada.refresh_from_db()
    assert (club.ada.github_id, club.ada.github_login) == (999, "hanbit-dev")
    assert Submission.objects.filter(membership=club.ada).count() == 2
    third = make_mission(club, repository="ceos-developers/django-deploy-15th")
    assert ingest(
        "pull_request", pull_request(number=9, user=SOMEBODY, repository=third.repository)
    ).submission


def test_somebody_with_another_account_gets_this_one_alone(mission, ingest, club):
    ingest("pull_request", pull_request(number=61, user=SOMEBODY))

    match_pull_request(pull_request=PullRequest.objects.get(), membership=club.ada, by=OLGA, at=NOW)

    club.ada.refresh_from_db()
    assert club.ada.github_id is None
    assert Submission.objects.get().membership == club.ada


def test_matched_in_place_of_another_the_first_is_set_aside(mission, ingest, club):
    ingest("pull_request", pull_request())
    ingest("pull_request", pull_request(number=43, sha=B))
    second = PullRequest.objects.get(number=43)

    result = match_pull_request(pull_request=second, membership=club.ada, by=OLGA, at=NOW)

    assert result.submission is not None
    assert result.submission.pull_request == second
    assert Submission.objects.count() == 1
    assert [a.head_sha for a in Attempt.objects.order_by("number")] == [A, B]
    first = PullRequest.objects.get(number=42)
    assert (first.dismissed_by, first.dismissed_at) == (OLGA, NOW)


def test_matching_again_changes_nothing(waiting, club):
    match_pull_request(pull_request=waiting, membership=club.ada, by=OLGA, at=NOW)

    assert (
        match_pull_request(pull_request=waiting, membership=club.ada, by=OLGA, at=NOW).outcome
        == Outcome.UNCHANGED
    )
    assert Attempt.objects.count() == 2


def test_what_is_somebodys_submission_is_not_given_to_another(mission, ingest, club):
    ingest("pull_request", pull_request())
    club.boris.role = "member"
    club.boris.save(update_fields=["role"])

    with pytest.raises(AlreadyMatched):
        match_pull_request(pull_request=PullRequest.objects.get(), membership=club.boris, by=OLGA, at=NOW)


@pytest.mark.parametrize("whose", ["boris", "clara"])
def test_only_a_member_of_the_cohort_can_be_matched(waiting, club, whose):
    with pytest.raises(NotFound):
        match_pull_request(pull_request=waiting, membership=getattr(club, whose), by=OLGA, at=NOW)

    assert not Submission.objects.exists()


def test_a_draft_can_be_matched_before_it_is_ready(mission, ingest, club):
    AccountMirror.objects.filter(account_id=ADA).update(github_id=None)
    ingest("pull_request", pull_request(user=SOMEBODY, draft=True))

    assert (
        match_pull_request(
            pull_request=PullRequest.objects.get(), membership=club.ada, by=OLGA, at=NOW
        ).outcome
        == Outcome.DRAFT
    )
    assert (
        ingest("pull_request", pull_request("ready_for_review", at=5, user=SOMEBODY)).outcome
        == Outcome.SUBMITTED
    )


def test_set_aside_and_taken_back(waiting, ingest):
    dismiss_pull_request(pull_request=waiting, by=OLGA, at=NOW)
    waiting.refresh_from_db()
    assert (waiting.unmatched, waiting.dismissed_by) == ("", OLGA)
    again = push(B, "c" * 40, at=9, number=61, user=SOMEBODY)
    assert ingest("pull_request", again).outcome == Outcome.DISMISSED

    assert restore_pull_request(pull_request=waiting, at=NOW).outcome == Outcome.UNKNOWN_PERSON
    waiting.refresh_from_db()
    assert (waiting.unmatched, waiting.dismissed_at) == (Outcome.UNKNOWN_PERSON, None)


def test_a_submission_cannot_be_set_aside(mission, ingest):
    ingest("pull_request", pull_request())

    with pytest.raises(AlreadyMatched):
        dismiss_pull_request(pull_request=PullRequest.objects.get(), by=OLGA, at=NOW)


def test_who_links_their_account_later_finds_it_handed_in(waiting, club):
    assert pull_requests_with_member(limit=9) == []
    AccountMirror.objects.filter(account_id=ADA).update(github_id=999)
    assert pull_requests_with_member(limit=9) == [waiting.id]

    match_waiting_pull_requests()

    submission = Submission.objects.get()
    assert (submission.membership, submission.attempts_count) == (club.ada, 2)
    assert Attempt.objects.get(number=1).received_at == minutes(0)
    assert pull_requests_with_member(limit=9) == []


def test_who_is_named_by_an_operator_later_finds_it_handed_in(waiting, club):
    Membership.objects.filter(id=club.ada.id).update(github_login="hanbit-dev")

    match_waiting_pull_requests()

    assert Submission.objects.get().membership == club.ada


def test_the_second_takes_its_place_once_the_first_is_given_up(mission, ingest):
    ingest("pull_request", pull_request())
    ingest("pull_request", pull_request(number=43, sha=B))
    assert pull_requests_with_member(limit=9) == []
    ingest("pull_request", closed(at=4))

    match_waiting_pull_requests()

    assert PullRequest.objects.exclude(submission=None).get().number == 43


def test_looking_again_for_a_member_who_is_not_there_changes_nothing(waiting):
    assert match_waiting_pull_request(pull_request_id=waiting.id, at=NOW).outcome == Outcome.UNKNOWN_PERSON


def test_an_account_is_pinned_to_one_person_of_a_cohort(waiting, club):
    pin_github(membership=club.boris, github_id=999, login="hanbit-dev", by=None, at=NOW)

    match_pull_request(pull_request=waiting, membership=club.ada, by=OLGA, at=NOW)

    club.ada.refresh_from_db()
    assert club.ada.github_id is None
    with pytest.raises(GitHubTaken):
        pin_github(membership=club.ada, github_id=999, login="hanbit-dev", by=None, at=NOW)

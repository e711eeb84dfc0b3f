"""Read models of submissions, and their query counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis.account_mirror.models import AccountMirror
from chassis.errors import NotFound
from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Membership
from study.github.models import EventKind, PullRequest, TimelineEvent
from study.missions.models import Extension
from study.submissions import access
from study.submissions.actions.matching import dismiss_pull_request
from study.submissions.models import Submission
from study.submissions.queries import timeline as queries
from study.submissions.queries.lists import (
    list_cohort_submissions,
    list_own_submissions,
)
from study.submissions.queries.pull_requests import (
    dismissed,
    member_choices,
    mission_of,
    preview_match,
    unmatched,
)
from study.submissions.tasks import set_cohorts
from tests.conftest import ADA, BORIS, CLARA, OLGA, STRANGER
from tests.github.payloads import A, B, C, make_mission, minutes, person, pull_request, push, review

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(club, ingest):
    """Five missions handed in by Ada and by a newcomer whose account is unknown."""
    newcomer = Membership.objects.create(
        cohort=club.cohort, account_id=uuid4(), role="member", joined_at=NOW, github_id=555
    )
    for n in range(5):
        mission = make_mission(club, repository=f"ceos-developers/mission-{n}", title=f"미션 {n}")
        for number, who in [(n * 2 + 1, person(101, "ada-codes")), (n * 2 + 2, person(555, "newcomer"))]:
            payload = pull_request(number=number, user=who, repository=mission.repository)
            ingest("pull_request", payload, at=NOW + timedelta(minutes=n))
    return newcomer


def test_my_submissions_cost_a_single_statement_however_many(many, django_assert_num_queries):
    with django_assert_num_queries(1):
        first = list_own_submissions(ADA, size=3)
    with django_assert_num_queries(1):
        second = list_own_submissions(ADA, cursor=first.next, size=3)

    titles = [row.mission_title for row in [*first.rows, *second.rows]]
    assert titles == ["미션 4", "미션 3", "미션 2", "미션 1", "미션 0"]
    assert second.next is None
    assert {row.name for row in first.rows} == {"Ada"}


def test_a_cohorts_submissions_cost_a_single_statement_however_many(many, club, django_assert_num_queries):
    with django_assert_num_queries(1):
        page = list_cohort_submissions(club.cohort.id, size=100)

    assert len(page.rows) == 10
    assert {row.name for row in page.rows} == {"Ada", None}
    assert list_cohort_submissions(club.cohort.id, state="merged").rows == []
    assert list_cohort_submissions(club.other.id).rows == []


def test_what_waits_says_whose_it_may_be(club, ingest):
    mission = make_mission(club)
    ingest("pull_request", pull_request())
    ingest("pull_request", pull_request(number=43, sha=B))

    def ingest_more() -> None:
        ingest("pull_request", pull_request(number=44, user=person(9, "Somebody")))
        ingest("pull_request", pull_request(number=45, user=person(8, "nobody-knows")))
        ingest("pull_request", pull_request(number=46, user=None))

    assert_constant_queries(lambda: unmatched(club.cohort.id), ingest_more)
    Membership.objects.filter(id=club.ada.id).update(github_claim="somebody")
    ingest("pull_request", pull_request("edited", at=1, number=44, user=person(9, "Somebody")))

    rows = unmatched(club.cohort.id).rows
    found_rows = {row.number: (row.unmatched, row.guess, row.first_number) for row in rows}
    assert found_rows == {
        43: ("second_pull", "Ada", 42),
        44: ("claimed", "Ada", None),
        45: ("unknown_person", None, None),
        46: ("no_author", None, None),
    }
    assert {row.guess_id for row in rows} == {club.ada.id, None}
    assert {getattr(mission_of(row), "title", None) for row in rows} == {mission.title}
    dismiss_pull_request(pull_request=PullRequest.objects.get(number=45), by=OLGA, at=NOW)
    assert [row.number for row in dismissed(club.cohort.id).rows] == [45]
    assert 45 not in [row.number for row in unmatched(club.cohort.id).rows]


def test_members_to_choose_from_come_by_name(club, many, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = list(member_choices(club.cohort.id))

    assert {member.id for member in found} == {club.ada.id, many.id}


@pytest.fixture
def submission(mission, ingest) -> Submission:
    ingest("pull_request", pull_request(), at=minutes(0))
    ingest("pull_request_review", review("changes_requested", at=2, body="다시"))
    ingest("pull_request", push(A, B, at=4), at=minutes(4))
    TimelineEvent.objects.filter(kind=EventKind.COMMITS_PUSHED).update(kind=EventKind.FORCE_PUSHED)
    return access.submission_for_reader(Submission.objects.get().id, account_id=ADA)


def test_a_timeline_runs_from_the_opening_to_the_deadline(submission, mission):
    timeline = queries.timeline(submission, at=NOW)

    kinds = [item.kind for item in timeline.items]
    assert kinds == ["opened", "attempt", "changes_requested", "force_pushed", "attempt", "deadline"]
    pushed = timeline.items[3].event
    assert pushed is not None
    assert (pushed.before_sha, pushed.sha) == (A, B)
    assert [attempt.number for attempt in timeline.attempts] == [2, 1]
    assert (submission.deadline.at, timeline.sha_at_deadline) == (mission.due_at, None)


def test_the_commit_at_the_deadline_follows_the_deadline_that_binds(submission, mission, club, ingest):
    mission.due_at = minutes(3)
    mission.save(update_fields=["due_at"])

    def now() -> queries.Timeline:
        return queries.timeline(
            access.submission_for_reader(submission.id, account_id=ADA), at=NOW + timedelta(days=3)
        )

    assert now().sha_at_deadline == A
    ingest("pull_request", push(B, C, at=90), at=NOW + timedelta(minutes=88))
    assert now().sha_at_deadline == A
    Extension.objects.create(
        mission=mission, membership=club.ada, hours=1, reason="병원", granted_by=OLGA, granted_at=NOW
    )
    assert now().sha_at_deadline == B
    mission.due_at = minutes(-600)
    mission.save(update_fields=["due_at"])
    assert now().sha_at_deadline == ""
    assert now().items[0].kind == "deadline"


def test_a_submission_is_read_by_its_author_and_by_those_who_mentor(submission):
    for account_id in (ADA, BORIS, OLGA):
        found: Any = access.submission_for_reader(submission.id, account_id=account_id)
        assert found.name == "Ada"
    for account_id in (CLARA, STRANGER):
        with pytest.raises(NotFound):
            access.submission_for_reader(submission.id, account_id=account_id)


def test_a_submission_is_reviewed_by_those_who_mentor(submission):
    for account_id in (BORIS, OLGA):
        assert access.submission_for_reviewer(submission.id, account_id=account_id).id == submission.id
    for account_id in (ADA, CLARA, STRANGER):
        with pytest.raises(NotFound):
            access.submission_for_reviewer(submission.id, account_id=account_id)


def test_another_member_reads_nothing_and_who_left_reads_their_own(submission, club):
    Membership.objects.create(cohort=club.cohort, account_id=STRANGER, role="member", joined_at=NOW)
    Membership.objects.filter(account_id=ADA).update(left_at=NOW)
    Membership.objects.filter(account_id=BORIS).update(left_at=NOW)

    assert access.submission_for_reader(submission.id, account_id=ADA).id == submission.id
    for account_id in (STRANGER, BORIS):
        with pytest.raises(NotFound):
            access.submission_for_reader(submission.id, account_id=account_id)


def test_only_operators_settle_pull_requests(submission):
    assert (
        access.pull_request_for_operator(submission.pull_request_id, account_id=OLGA).id
        == submission.pull_request_id
    )
    for account_id in (ADA, BORIS, CLARA):
        with pytest.raises(NotFound):
            access.pull_request_for_operator(submission.pull_request_id, account_id=account_id)


def test_what_matching_means_is_said_before(club, ingest):
    make_mission(club)
    ingest("pull_request", pull_request())
    ingest("pull_request", pull_request(number=61, user=person(9, "somebody")))
    waiting = PullRequest.objects.get(number=61)

    meant = preview_match(waiting, club.ada)
    assert (meant.name, meant.learns, meant.is_anothers, meant.replaces) == ("Ada", False, True, 42)

    AccountMirror.objects.filter(account_id=ADA).update(github_id=None)
    meant = preview_match(waiting, club.ada)
    assert (meant.learns, meant.is_anothers) == (True, False)

    Membership.objects.filter(account_id=BORIS).update(github_id=9)
    meant = preview_match(waiting, club.ada)
    assert (meant.learns, meant.is_anothers) == (False, True)


def test_a_submission_of_the_release_before_gets_its_cohort(many, club):
    Submission.objects.update(cohort=None)
    assert list_cohort_submissions(club.cohort.id).rows == []

    set_cohorts()

    assert len(list_cohort_submissions(club.cohort.id).rows) == 10

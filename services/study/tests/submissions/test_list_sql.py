"""The hand-written SQL of lists returns what Django's own does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.testing import NOW
from study.cohorts.models import Membership
from study.github.models import TimelineEvent
from study.missions.models import Extension, PartDeadline
from study.submissions.models import MissionDecision, Submission
from study.submissions.queries.lists import NEWEST_FIRST, list_cohort_submissions, list_own_submissions
from study.submissions.queries.rows import SubmissionRow, submission_columns
from tests.conftest import ADA, BORIS, OLGA
from tests.github.payloads import make_mission
from tests.reviews.conftest import create_submission


@pytest.fixture
def varied(club: Any) -> None:
    """60 submissions, three at a time, that differ in everything that a row shows."""
    mission = make_mission(club, repository="ceos-developers/mission", title="미션")
    part = club.ada.part
    PartDeadline.objects.create(mission=mission, part=part, due_at=mission.due_at + timedelta(hours=5))
    given_to = [BORIS, OLGA, ADA, uuid4(), None]
    for n in range(60):
        # Ada reviews nothing here, and nobody knows the others' accounts.
        member = club.ada if n == 0 else Membership(cohort=club.cohort, account_id=uuid4(), role="member")
        if n:
            member.joined_at, member.part = NOW, part if n % 2 else None
            member.save()
        submission = create_submission(mission, member, number=n, at=NOW + timedelta(minutes=n // 3))
        pull_request = submission.pull_request
        assert pull_request
        submission.mentor_id = given_to[n % 5]
        if n % 3 == 0:
            granted = {"mission": mission, "membership": member, "reason": "시험", "granted_by": OLGA}
            for hours in (2, 3, 5):
                at = NOW + timedelta(minutes=hours)
                withdrawn_at = at if hours == 5 and n % 2 else None
                Extension.objects.create(**granted, hours=hours, granted_at=at, withdrawn_at=withdrawn_at)
        if n % 4 == 0:
            decision = {"mission": mission, "rule": "only", "decided_at": NOW}
            MissionDecision.objects.create(pull_request=pull_request, **decision)
        if n % 7 == 0:
            event = {"kind": "merged", "at": NOW, "actor": "boris-reviews", "key": "merged"}
            submission.completing_event = TimelineEvent.objects.create(pull_request=pull_request, **event)
        if n % 6 == 0:
            submission.state, submission.completed_at, submission.awaits_review = "completed", NOW, False
        if n % 10 == 0:
            submission.points, submission.max_points, submission.released_at = 7, 10, NOW
        if n % 11 == 0:
            submission.attempts.all().delete()
            submission.pull_request = None
        submission.was_late = n % 13 == 0
        submission.save()


def pages(**arguments: Any) -> list[SubmissionRow]:
    """Return the rows of all pages, each of 25 but the last."""
    found: list[SubmissionRow] = []
    cursor = ""
    while True:
        page = list_cohort_submissions(cursor=cursor, **arguments)
        found += page.rows
        if page.next is None:
            return found
        assert len(page.rows) == 25
        cursor = page.next


@pytest.mark.parametrize("state", ["", "waiting", "completed"])
def test_its_rows_are_those_of_django(club: Any, varied: None, state: str) -> None:
    chosen = Submission.objects.filter(cohort=club.cohort.id, **({"state": state} if state else {}))

    rows = pages(cohort_id=club.cohort.id, state=state)

    assert len(rows) == {"": 60, "waiting": 50, "completed": 10}[state]
    assert rows == list(submission_columns(chosen).order_by(*NEWEST_FIRST))


def test_a_row_is_typed_and_says_what_the_submission_does(club: Any, varied: None) -> None:
    submissions: dict[UUID, Any] = {row.id: row for row in Submission.objects.for_reading()}
    rows = [*pages(cohort_id=club.cohort.id), *list_own_submissions(ADA).rows]

    assert len(rows) == 61
    for row in rows:
        submission = submissions[row.id]
        for name in ("name", "mentor", "state", "display_state", "is_late", "handed_in_at", "completion"):
            assert getattr(row, name) == getattr(submission, name), name
        assert (row.mentor_id, row.deadline_at) == (submission.assignee_id, submission.deadline.at)
        assert type(row.was_late) is type(row.is_assigned) is bool
    assert {row.mentor for row in rows} == {"Boris", "Olga", None}
    assert len({row.deadline_at for row in rows}) == 4

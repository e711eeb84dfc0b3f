"""Read models of the home pages: correct for each role, with a number of queries that does not grow."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from chassis.testing import NOW, assert_constant_queries
from study.cohorts.models import Membership, Role
from study.github.models import PullRequest, Repository
from study.home.queries.navigation import memberships
from study.home.queries.overview import Overview
from study.home.queries.overview import overview as overview_of
from study.home.queries.week import my_week
from study.missions.actions.deadlines import grant_extension, withdraw_extension
from study.missions.models import Extension, Mission, PartDeadline
from study.missions.queries.missions import missions_by_week
from study.reviews.queries import queue
from study.submissions.models import State, Submission
from study.submissions.queries.lists import list_cohort_submissions, list_own_submissions
from tests.conftest import ADA, BORIS, OLGA, review_page
from tests.reviews.conftest import create_submission


def mission(club: SimpleNamespace, week: int, deadline: timedelta, part=None, **more) -> Mission:
    return Mission.objects.create(
        cohort=club.cohort,
        part=part,
        week=club.weeks[week - 1],
        title=f"미션 {week}",
        github_repository=Repository.objects.create(
            cohort=club.cohort, name=f"club/mission-{week}-{uuid4()}"
        ),
        opens_at=NOW + deadline - timedelta(days=6),
        due_at=NOW + deadline,
        created_at=NOW,
        **more,
    )


def overview(club: SimpleNamespace) -> Overview:
    return overview_of(club.cohort, now=NOW)


def this_week(result: Overview) -> tuple[int, int]:
    """How many submissions of the current week there are, and how many are expected."""
    assert result.this_week
    return result.this_week.handed_in, result.this_week.expected


def late_of(result: Overview) -> int:
    """How many missions the first member submitted late."""
    return sum(cell is not None and cell.is_late for cell in result.rows[0].cells)


def statuses(club: SimpleNamespace, account_id=ADA) -> dict[int, str]:
    membership = Membership.objects.select_related("cohort", "part").get(account_id=account_id)
    return {task.mission.week.number: task.status for task in my_week(membership, now=NOW).tasks}


def first_status(club: SimpleNamespace) -> str:
    """The status that the overview shows of the first member's first mission."""
    cell = overview(club).rows[0].cells[0]
    assert cell is not None
    return cell.status


def test_a_week_says_what_is_to_be_done_and_what_is_not_mine(club):
    mission(club, 1, timedelta(days=-7))
    mission(club, 2, timedelta(hours=1), part=club.backend)
    mission(club, 3, timedelta(hours=2), part=club.frontend)
    mission(club, 4, timedelta(days=13))

    assert statuses(club) == {1: "missing", 2: "not_yet", 4: "not_yet"}
    result = my_week(club.ada, now=NOW)
    assert [task.mission.week.number for task in result.todo] == [1, 2]
    assert [task.mission.week.number for task in result.upcoming] == [4]
    assert result.week is not None
    assert result.week.number == 3


def test_more_time_moves_what_is_missing(club):
    late = mission(club, 1, timedelta(hours=-3))
    assert statuses(club) == {1: "missing"}

    PartDeadline.objects.create(mission=late, part=club.backend, due_at=NOW - timedelta(hours=1))
    assert statuses(club) == {1: "missing"}
    Extension.objects.create(
        mission=late, membership=club.ada, hours=2, reason="병원", granted_by=OLGA, granted_at=NOW
    )
    assert statuses(club) == {1: "not_yet"}
    assert first_status(club) == "not_yet"

    Extension.objects.update(withdrawn_at=NOW)
    assert statuses(club) == {1: "missing"}
    assert first_status(club) == "missing"


@pytest.mark.parametrize(
    ("state", "more", "status"),
    [
        (State.WAITING, {}, "waiting"),
        (State.APPROVED, {"released_at": NOW}, "released"),
        (State.MERGED, {"released_at": NOW}, "merged"),
        (State.CLOSED, {}, "closed"),
    ],
)
def test_a_submission_has_the_status_of_its_pull_request(club, state, more, status):
    submission = create_submission(mission(club, 1, timedelta(hours=1)), club.ada, number=1)
    Submission.objects.filter(id=submission.id).update(state=state, **more)

    assert statuses(club) == {1: status}
    assert first_status(club) == status


def test_what_came_late_is_late_until_more_time_excuses_it(club, as_principal):
    late = mission(club, 1, timedelta(hours=-6))
    work = create_submission(late, club.ada, number=1)

    def late_everywhere() -> set[bool]:
        return {
            statuses(club) == {1: "late"},
            first_status(club) == "late",
            late_of(overview(club)) == 1,
            missions_by_week(club.ada, part_id=None, now=NOW)[0].status == "late",
            list_own_submissions(ADA).rows[0].is_late,
            list_cohort_submissions(club.cohort.id).rows[0].is_late,
            queue(BORIS).rows[0].is_late,
            "지각 제출" in as_principal(BORIS).get(review_page(work)).content.decode(),
        }

    Submission.objects.update(mentor_id=BORIS)
    assert late_everywhere() == {True}
    extension = grant_extension(
        mission=late, membership_id=club.ada.id, hours=2, reason="병원", granted_by=OLGA, at=NOW
    )
    assert late_everywhere() == {False}
    withdraw_extension(extension=extension, at=NOW, by=OLGA)
    assert late_everywhere() == {True}
    PartDeadline.objects.create(mission=late, part=club.backend, due_at=NOW)
    assert late_everywhere() == {False}


def test_the_overview_counts_waiting_submissions_and_members_at_risk(club):
    handed = mission(club, 3, timedelta(hours=1))
    mission(club, 1, timedelta(days=-9))
    submission = create_submission(handed, club.ada, number=1, at=NOW - timedelta(hours=30))
    Submission.objects.filter(id=submission.id).update(mentor_id=BORIS)
    assert handed.github_repository
    PullRequest.objects.create(
        repository=handed.github_repository,
        cohort=club.cohort,
        number=2,
        github_id=77,
        title="?",
        url="https://github.com/club/x/pull/2",
        author_id=9,
        state="open",
        opened_at=NOW,
        github_updated_at=NOW,
        unmatched="unknown_person",
    )

    result = overview(club)

    assert this_week(result) == (1, 1)
    assert (result.waiting, result.overdue, result.unmatched) == (1, 1, 1)
    assert [(row.member.name, row.missing) for row in result.rows] == [("Ada", 1)]
    assert result.missing == 1
    assert [(load.name, load.waiting, load.overdue, load.done) for load in result.mentor_loads] == [
        ("Boris", 1, 1, 0)
    ]


def test_every_mission_of_the_week_counts_for_every_member(club, as_principal):
    """Forty members with three missions each, of which the first is handed in by 24: 24 of 120."""
    first, *_others = [mission(club, 3, timedelta(hours=n)) for n in (1, 2, 3)]
    for n in range(39):
        member = Membership.objects.create(
            cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, part=club.backend, joined_at=NOW
        )
        if n < 24:
            create_submission(first, member, number=n + 1)

    result = overview(club)

    assert this_week(result) == (24, 120)


def test_every_missing_mission_counts_also_two_of_one_week(club):
    mission(club, 1, timedelta(days=-9))
    mission(club, 1, timedelta(days=-8))
    late = mission(club, 1, timedelta(days=-7))
    create_submission(late, club.ada, number=1, at=NOW)

    [row] = overview(club).rows

    assert (row.missing, late_of(overview(club))) == (2, 1)


@pytest.mark.parametrize(
    ("deadline", "more", "missing", "handed_in"),
    [
        (timedelta(hours=-1), {}, 1, 0),
        (timedelta(hours=1), {}, 0, 0),
        # Graded and then closed, as some clubs do.
        (timedelta(hours=-1), {"released_at": NOW}, 0, 1),
    ],
    ids=["after the deadline", "before it", "reviewed"],
)
def test_a_pull_request_closed_without_merging_is_not_handed_in(club, deadline, more, missing, handed_in):
    submission = create_submission(mission(club, 3, deadline), club.ada, number=1)
    Submission.objects.filter(id=submission.id).update(state=State.CLOSED, awaits_review=False, **more)

    result = overview(club)

    assert result.rows[0].missing == result.missing == missing
    assert this_week(result) == (handed_in, 1)
    assert first_status(club) == "closed"


@pytest.mark.parametrize(
    "read",
    [overview, lambda club: my_week(club.ada, now=NOW), lambda _club: memberships(ADA)],
    ids=["overview", "week", "navigation"],
)
def test_the_number_of_queries_does_not_grow_with_the_cohort(club, read):
    missions = [mission(club, n, timedelta(days=n - 4)) for n in range(1, 9)]
    create_submission(missions[0], club.ada, number=100)

    def add_members() -> None:
        for n in range(40):
            member = Membership.objects.create(
                cohort=club.cohort, account_id=uuid4(), role=Role.MEMBER, part=club.backend, joined_at=NOW
            )
            create_submission(missions[n % 8], member, number=n + 1)
            Extension.objects.create(
                mission=missions[n % 8],
                membership=member,
                hours=2,
                reason="병원",
                granted_by=OLGA,
                granted_at=NOW,
            )

    assert_constant_queries(lambda: read(club), add_members)

    assert len(overview(club).rows) == 41

"""An operator's overview: the members of a cohort and the status of their missions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import OuterRef

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Cohort, Membership, Part, Role, Team, TeamKind, Week
from study.cohorts.queries import parts_of, weeks_of
from study.cohorts.rules import day_in
from study.github.models import PullRequest
from study.home.rules import Cell, cell_of, current_week, is_overdue
from study.missions.models import Mission
from study.missions.queries.deadlines import deadlines_of
from study.submissions.models import Submission


class SubmissionFacts(NamedTuple):
    """The columns of a submission that the overview counts: a fraction of the cost of its model."""

    id: UUID
    mission_id: UUID
    membership_id: UUID
    mentor_id: UUID | None
    state: str
    awaits_review: bool
    waiting_since: datetime
    released_at: datetime | None
    points: int | None
    completing_event_id: int | None
    # Since when its first attempt counts.
    first_received_at: datetime | None


@dataclass(frozen=True)
class MemberRow:
    """A member, annotated with `name`, with a cell per mission; None where the mission is not for them."""

    member: Any
    cells: list[Cell | None]
    points: int
    # Whether any of the missions was scored.
    is_scored: bool

    @property
    def missing(self) -> int:
        """Return the number of missions whose deadline has passed without a submission."""
        return sum(cell is not None and cell.is_missing for cell in self.cells)

    @property
    def has_problem(self) -> bool:
        """Return True if a mission needs the member and is not merely open."""
        return any(cell is not None and cell.is_problem for cell in self.cells)


@dataclass(frozen=True)
class WeekFigures:
    """The missions of a week, over all members."""

    week: Week
    expected: int
    on_time: int
    late: int
    missing: int
    # Median hours from the first attempt to the released review; None without one.
    review_hours: float | None

    @property
    def handed_in(self) -> int:
        """Return the number of submissions to grade."""
        return self.on_time + self.late


@dataclass(frozen=True)
class MentorLoad:
    """A mentor's number of reviews."""

    name: str | None
    done: int
    waiting: int
    overdue: int


@dataclass(frozen=True)
class Overview:
    """The overview of a cohort at one instant."""

    week: Week | None
    # By week and deadline: the columns of the rows' cells.
    missions: list[Mission]
    rows: list[MemberRow]
    parts: list[Part]
    teams: list[Team]
    figures: list[WeekFigures]
    mentor_loads: list[MentorLoad]
    waiting: int
    overdue: int
    unassigned: int
    unmatched: int
    without_part: int

    @property
    def this_week(self) -> WeekFigures | None:
        """Return the figures of the current week."""
        return next((row for row in self.figures if row.week == self.week), None)

    @property
    def missing(self) -> int:
        """Return the number of members who missed a deadline."""
        return sum(row.missing > 0 for row in self.rows)


def overview(cohort: Cohort, *, now: datetime) -> Overview:
    """Return the overview of the cohort."""
    weeks = weeks_of(cohort)
    missions = list(
        Mission.objects.filter(cohort=cohort)
        .select_related("week")
        .defer("body")
        .order_by("week__number", "due_at", "id")
    )
    submissions = _submissions(mission__cohort=cohort)
    members = _members(cohort, Role.MEMBER)
    rows = _rows(missions, members, submissions, now)
    waiting = [submission for submission in submissions if submission.awaits_review]
    reviewers = _members(cohort, Role.MENTOR, Role.OPERATOR)
    reviewing = {reviewer.account_id for reviewer in reviewers}
    parts = parts_of(cohort)
    unmatched = PullRequest.objects.filter(cohort=cohort, dismissed_at=None).exclude(unmatched="")
    return Overview(
        week=current_week(weeks, day_in(cohort.time_zone, now)),
        missions=missions,
        rows=rows,
        parts=parts,
        teams=list(Team.objects.filter(cohort=cohort, kind=TeamKind.STUDY).order_by("name")),
        figures=[_figures(week, missions, rows, submissions) for week in weeks],
        mentor_loads=_mentor_loads(reviewers, submissions, now),
        waiting=len(waiting),
        overdue=sum(is_overdue(submission.waiting_since, now) for submission in waiting),
        unassigned=sum(submission.mentor_id not in reviewing for submission in waiting),
        unmatched=unmatched.count(),
        without_part=sum(member.part_id is None for member in members) if parts else 0,
    )


def _submissions(**conditions: Any) -> list[SubmissionFacts]:
    rows = Submission.objects.filter(**conditions).with_first_attempt()
    return [SubmissionFacts._make(row) for row in rows.values_list(*SubmissionFacts._fields)]


def rows_of_mission(mission: Mission, *, now: datetime) -> list[MemberRow]:
    """Return the members who have the mission to do, by name, each with the one cell. Four statements."""
    rows = _rows([mission], _members(mission.cohort, Role.MEMBER), _submissions(mission=mission), now)
    return [row for row in rows if row.cells[0]]


def _members(cohort: Cohort, *roles: Role) -> list[Any]:
    """Return the live memberships of these roles by `name`, which is annotated, with part and teams."""
    named = Membership.objects.live().annotate(name=AccountMirror.objects.name_of(OuterRef("account_id")))
    rows = named.filter(cohort=cohort, role__in=roles).select_related("part", "study_team")
    return list(rows.order_by("name", "id"))


def _rows(
    missions: Sequence[Mission], members: Iterable[Any], submissions: Iterable[SubmissionFacts], now: datetime
) -> list[MemberRow]:
    deadline_of = deadlines_of(missions)
    by_member: dict[UUID, dict[UUID, SubmissionFacts]] = defaultdict(dict)
    for submission in submissions:
        by_member[submission.membership_id][submission.mission_id] = submission

    def cell(mission: Mission, member: Membership) -> Cell | None:
        if not mission.is_for(member):
            return None
        return cell_of(
            mission,
            by_member[member.id].get(mission.id),
            due_at=deadline_of(mission, member).at,
            now=now,
        )

    return [
        MemberRow(
            member=member,
            cells=[cell(mission, member) for mission in missions],
            points=sum(submission.points or 0 for submission in by_member[member.id].values()),
            is_scored=any(submission.points is not None for submission in by_member[member.id].values()),
        )
        for member in members
    ]


def _figures(
    week: Week,
    missions: Sequence[Mission],
    rows: Iterable[MemberRow],
    submissions: Iterable[SubmissionFacts],
) -> WeekFigures:
    columns = [n for n, mission in enumerate(missions) if mission.week_id == week.id]
    ids = {missions[n].id for n in columns}
    cells = [cell for row in rows for n in columns if (cell := row.cells[n])]
    hours = [
        (submission.released_at - submission.first_received_at) / timedelta(hours=1)
        for submission in submissions
        if submission.mission_id in ids and submission.released_at and submission.first_received_at
    ]
    handed_in = [cell for cell in cells if cell.is_handed_in]
    late = sum(cell.is_late for cell in handed_in)
    return WeekFigures(
        week=week,
        expected=len(cells),
        on_time=len(handed_in) - late,
        late=late,
        missing=sum(cell.is_missing for cell in cells),
        review_hours=median(hours) if hours else None,
    )


def _mentor_loads(
    reviewers: Iterable[Any], submissions: Sequence[SubmissionFacts], now: datetime
) -> list[MentorLoad]:
    """Return the load of each mentor, and of operators who review."""
    by_mentor: dict[UUID | None, list[SubmissionFacts]] = defaultdict(list)
    for submission in submissions:
        by_mentor[submission.mentor_id].append(submission)
    loads = []
    for reviewer in reviewers:
        theirs = by_mentor.get(reviewer.account_id, [])
        if reviewer.role == Role.MENTOR or theirs:
            waiting = [submission for submission in theirs if submission.awaits_review]
            loads.append(
                MentorLoad(
                    name=reviewer.name,
                    done=sum(bool(row.released_at or row.completing_event_id) for row in theirs),
                    waiting=len(waiting),
                    overdue=sum(is_overdue(submission.waiting_since, now) for submission in waiting),
                )
            )
    return loads

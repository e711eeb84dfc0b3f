"""Read models: navigation, a member's week, an operator's overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from study.cohorts.models import Cohort, Membership, Part, Role, Week
from study.cohorts.queries import weeks_of
from study.cohorts.rules import day_in
from study.github.models import PullRequest
from study.home.rules import BY_URGENCY, Task, current_week, is_overdue, most_urgent_by_week
from study.installations.queries import is_connected
from study.missions.models import Mission
from study.missions.queries.deadlines import deadline_of, deadlines_of
from study.submissions.models import Submission


def memberships(account_id: UUID) -> list[Membership]:
    """Return the account's live memberships with cohorts, the newest first."""
    mine = Membership.objects.live().filter(account_id=account_id)
    return list(mine.select_related("cohort").order_by("-joined_at", "id"))


@dataclass(frozen=True)
class Checklist:
    """What a cohort that begins has, in the order in which operators set it up."""

    has_parts: bool
    has_github: bool
    has_missions: bool
    has_people: bool

    @property
    def is_complete(self) -> bool:
        return self.has_parts and self.has_github and self.has_missions and self.has_people


def checklist(cohort: Cohort) -> Checklist | None:
    """Return what the cohort has. None if that is everything, or it is closed, or an operator hid the list.

    One statement.
    """
    if cohort.closed_at or cohort.checklist_hidden_at:
        return None
    people = Membership.objects.live().exclude(role=Role.OPERATOR)
    facts = Cohort.objects.filter(id=cohort.id).values_list(
        Exists(Part.objects.filter(cohort=OuterRef("id"))),
        is_connected(OuterRef("id")),
        Exists(Mission.objects.filter(cohort=OuterRef("id"))),
        Exists(people.filter(cohort=OuterRef("id"))),
    )
    found = Checklist(*facts.get())
    return None if found.is_complete else found


def _submissions(**conditions: Any) -> QuerySet[Any]:
    return Submission.objects.filter(**conditions).with_first_attempt()


@dataclass(frozen=True)
class MyWeek:
    """A member's tasks, by week and deadline."""

    week: Week | None
    weeks: list[Week]
    tasks: list[Task]
    is_closed: bool

    @property
    def todo(self) -> list[Task]:
        """Return open missions that need the member, by deadline; empty if the cohort is closed."""
        actionable = [task for task in self.tasks if task.is_actionable and not self.is_closed]
        return sorted(actionable, key=lambda task: task.deadline.at)

    @property
    def waiting(self) -> list[Task]:
        """Return submitted missions that wait for a mentor."""
        return [task for task in self.tasks if task.status in {"waiting", "resubmitted", "late", "approved"}]

    @property
    def upcoming(self) -> list[Task]:
        """Return missions that open later, the next first."""
        later = [task for task in self.tasks if not task.is_open]
        return sorted(later, key=lambda task: task.mission.opens_at)

    @property
    def missions_by_week(self) -> list[tuple[Week, Task | None]]:
        """Return each week with its most urgent task, if any."""
        return most_urgent_by_week(self.weeks, self.tasks)


def my_week(membership: Membership, *, now: datetime) -> MyWeek:
    """Return the member's week."""
    cohort = membership.cohort
    weeks = weeks_of(cohort)
    missions = (
        Mission.objects.filter(cohort=cohort)
        .of_member(membership)
        .for_membership(membership)
        .select_related("team", "week", "github_repository")
        .order_by("week__number", "due_at", "id")
    )
    submissions = {row.mission_id: row for row in _submissions(membership=membership)}
    return MyWeek(
        week=current_week(weeks, day_in(cohort.time_zone, now)),
        weeks=weeks,
        tasks=[
            Task(mission, deadline_of(mission, membership), submissions.get(mission.id), now)
            for mission in missions
        ],
        is_closed=cohort.closed_at is not None,
    )


@dataclass(frozen=True)
class Row:
    """A member, annotated with `name`, with all tasks and the most urgent one of each week."""

    member: Any
    tasks: list[Task]
    cells: list[tuple[Week, Task | None]]

    @property
    def missing(self) -> int:
        return sum(task.is_missing for task in self.tasks)

    @property
    def late(self) -> int:
        return sum(task.is_late for task in self.tasks)


def statuses_in(rows: list[Row]) -> list[str]:
    """Return the distinct statuses of the cells, the least urgent first, for the legend."""
    return sorted({task.status for row in rows for _week, task in row.cells if task}, key=BY_URGENCY.index)


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
    weeks: list[Week]
    rows: list[Row]
    # Each part that has members: its id, its name, their number.
    parts: list[tuple[UUID, str, int]]
    # Members without a part, in a cohort that has parts: missions of parts do not apply to them.
    without_part: int
    mentor_loads: list[MentorLoad]
    waiting: int
    overdue: int
    unmatched: int
    handed_in: int
    expected: int

    @property
    def at_risk(self) -> list[Row]:
        """Return members with missing submissions, most missing first."""
        rows = [row for row in self.rows if row.missing]
        return sorted(rows, key=lambda row: (-row.missing, -row.late, row.member.name or ""))


def overview(membership: Membership, memberships: Sequence[Membership], *, now: datetime) -> Overview:
    """Return the overview of the membership's cohort; `memberships` are all its live ones, with names."""
    cohort = membership.cohort
    weeks = weeks_of(cohort)
    week = current_week(weeks, day_in(cohort.time_zone, now))
    submissions = list(_submissions(mission__cohort=cohort))
    waiting = [submission for submission in submissions if submission.awaits_review]
    assigned = {submission.mentor_id for submission in submissions}
    members = [member for member in memberships if member.role == Role.MEMBER]
    rows = [
        Row(member, tasks, most_urgent_by_week(weeks, tasks))
        for member, tasks in _tasks(cohort, members, submissions, now)
    ]
    this_week = [task for row in rows for task in row.tasks if week and task.mission.week_id == week.id]
    parts = Counter(
        (member.part.position, member.part.name, member.part.id) for member in members if member.part
    )
    without_part = sum(member.part is None for member in members)
    if without_part and not parts and not cohort.parts.exists():
        without_part = 0
    unmatched = PullRequest.objects.filter(cohort=cohort, dismissed_at=None).exclude(unmatched="")
    return Overview(
        week=week,
        weeks=weeks,
        rows=rows,
        parts=[(part_id, name, n) for (_position, name, part_id), n in sorted(parts.items())],
        without_part=without_part,
        mentor_loads=[
            _mentor_load(reviewer, submissions, now)
            for reviewer in memberships
            if reviewer.role == Role.MENTOR
            or (reviewer.role == Role.OPERATOR and reviewer.account_id in assigned)
        ],
        waiting=len(waiting),
        overdue=sum(is_overdue(submission.waiting_since, now) for submission in waiting),
        unmatched=unmatched.count(),
        handed_in=sum(task.is_handed_in for task in this_week),
        expected=len(this_week),
    )


def _tasks(
    cohort: Cohort, members: list[Membership], submissions: Iterable[Any], now: datetime
) -> list[tuple[Membership, list[Task]]]:
    """Return each member with their tasks, by week and base deadline."""
    missions = list(Mission.objects.filter(cohort=cohort).order_by("week__number", "due_at", "id"))
    deadline_of_member = deadlines_of(missions)
    by_member = {(row.mission_id, row.membership_id): row for row in submissions}

    def task(mission: Mission, member: Membership) -> Task:
        submission = by_member.get((mission.id, member.id))
        return Task(mission, deadline_of_member(mission, member), submission, now)

    return [
        (member, [task(mission, member) for mission in missions if mission.is_for(member)])
        for member in members
    ]


def _mentor_load(mentor: Any, submissions: Iterable[Any], now: datetime) -> MentorLoad:
    theirs = [submission for submission in submissions if submission.mentor_id == mentor.account_id]
    waiting = [submission for submission in theirs if submission.awaits_review]
    return MentorLoad(
        name=mentor.name,
        done=sum(
            submission.released_at is not None or submission.completing_event_id is not None
            for submission in theirs
        ),
        waiting=len(waiting),
        overdue=sum(is_overdue(submission.waiting_since, now) for submission in waiting),
    )

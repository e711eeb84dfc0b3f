"""Read model of an operator's overview: members by weeks, members at risk, waiting reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import CharField, DateTimeField, F, OuterRef, QuerySet, Subquery, UUIDField, Value
from django.db.models.fields import BooleanField, Field, PositiveSmallIntegerField

from study.cohorts.models import Membership, Role, Week
from study.home.rules import (
    SubmissionFacts,
    WeekDay,
    compute_status,
    current_week,
    is_handed_in,
    is_missing,
    is_overdue,
    urgency,
)
from study.missions.models import Extension, PartDeadline
from study.missions.rules import ExtensionGrant, effective_deadline, is_after_deadline
from study.submissions.models import Attempt, PullRequest, Submission


@dataclass(frozen=True)
class Cell:
    """Status of a member's mission in a week; `status` is empty if the week has no mission for them."""

    week: int
    title: str = ""
    status: str = ""
    submission_id: UUID | None = None
    is_missing: bool = False
    is_late: bool = False
    is_handed_in: bool = False


@dataclass
class Row:
    """A member with one cell per week (the most urgent mission) and all missions."""

    membership_id: UUID
    name: str | None
    part: str | None
    cells: list[Cell] = field(default_factory=list)
    missions: list[Cell] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return sum(cell.is_missing for cell in self.missions)

    @property
    def late(self) -> int:
        return sum(cell.is_late for cell in self.missions)


def statuses_in(rows: list[Row]) -> list[str]:
    """Return the distinct statuses of the cells, the least urgent first, for the legend."""
    return sorted({cell.status for row in rows for cell in row.cells if cell.status}, key=urgency)


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

    week: WeekDay | None
    weeks: list[WeekDay]
    rows: list[Row]
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
        return sorted(rows, key=lambda row: (-row.missing, -row.late, row.name or ""))


@dataclass(frozen=True)
class _Schedule:
    weeks: list[WeekDay]
    missions: list[dict[str, Any]]


def overview(membership: Membership, memberships: Sequence[Membership], *, now: datetime) -> Overview:
    """Return the overview of the membership's cohort; `memberships` are all its live ones.

    Two queries; a third one if a member has no part.
    """
    schedule = _schedule(membership.cohort_id)
    records = [
        {name.removeprefix("f_"): value for name, value in row.items()}
        for row in _records(membership.cohort_id)
    ]
    members = [member for member in memberships if member.role == Role.MEMBER]
    rows = _rows(members, schedule, records, now)
    week = current_week(schedule.weeks, now.astimezone(ZoneInfo(membership.cohort.time_zone)).date())
    this_week = [cell for row in rows for cell in row.missions if week and cell.week == week.number]
    waiting = [record for record in records if record["kind"] == "submission" and record["awaits"]]
    parts = Counter(
        (member.part.position, member.part.name, member.part.id) for member in members if member.part
    )
    without_part = sum(member.part is None for member in members)
    if without_part and not parts and not membership.cohort.parts.exists():
        without_part = 0
    return Overview(
        week=week,
        weeks=schedule.weeks,
        rows=rows,
        parts=[(part_id, name, n) for (_position, name, part_id), n in sorted(parts.items())],
        without_part=without_part,
        mentor_loads=_mentor_loads(
            (member for member in memberships if member.role == Role.MENTOR), records, now
        ),
        waiting=len(waiting),
        overdue=sum(is_overdue(record["at"], now) for record in waiting),
        unmatched=sum(record["kind"] == "unmatched" for record in records),
        handed_in=sum(cell.is_handed_in for cell in this_week),
        expected=len(this_week),
    )


def _schedule(cohort_id: UUID) -> _Schedule:
    found = (
        Week.objects.filter(cohort_id=cohort_id)
        .values("number", "starts_on")
        .annotate(
            mission_id=F("missions__id"),
            title=F("missions__title"),
            part_id=F("missions__part_id"),
            opens_at=F("missions__opens_at"),
            due_at=F("missions__due_at"),
        )
        .order_by("number", "missions__due_at", "missions__id")
    )
    rows = list(found)
    weeks = {row["number"]: WeekDay(row["number"], row["starts_on"]) for row in rows}
    return _Schedule(list(weeks.values()), [row for row in rows if row["mission_id"]])


_SHAPE: dict[str, Field[Any, Any]] = {
    "kind": CharField(),
    "mission": UUIDField(null=True),
    "who": UUIDField(null=True),  # membership id; part id for a part's deadline
    "at": DateTimeField(null=True),
    "hours": PositiveSmallIntegerField(null=True),
    "submission": UUIDField(null=True),
    "mentor": UUIDField(null=True),
    "state": CharField(),
    "received": DateTimeField(null=True),
    "awaits": BooleanField(),
    "released": DateTimeField(null=True),
}
_EMPTY = {"state": "", "awaits": False}


def _records(cohort_id: UUID) -> QuerySet[Any, dict[str, Any]]:
    # Four kinds of rows in one query, so that the page's number of queries stays fixed.
    first = Attempt.objects.filter(submission=OuterRef("id"), number=1)
    submissions = Submission.objects.filter(mission__cohort_id=cohort_id)
    extensions = Extension.objects.filter(mission__cohort_id=cohort_id, withdrawn_at=None)
    part_deadlines = PartDeadline.objects.filter(mission__cohort_id=cohort_id)
    unmatched = PullRequest.objects.filter(cohort_id=cohort_id, dismissed_at=None).exclude(unmatched="")
    return _shaped(
        submissions,
        "submission",
        mission=F("mission_id"),
        who=F("membership_id"),
        at=F("waiting_since"),
        submission=F("id"),
        mentor=F("mentor_id"),
        state=F("state"),
        received=Subquery(first.values("received_at")[:1]),
        awaits=F("awaits_review"),
        released=F("released_at"),
    ).union(
        _shaped(
            extensions,
            "extension",
            mission=F("mission_id"),
            who=F("membership_id"),
            at=F("granted_at"),
            hours=F("hours"),
        ),
        _shaped(part_deadlines, "due", mission=F("mission_id"), who=F("part_id"), at=F("due_at")),
        _shaped(unmatched, "unmatched"),
        all=True,
    )


def _shaped(rows: QuerySet[Any], kind: str, **columns: F | Subquery) -> QuerySet[Any, dict[str, Any]]:
    values: dict[str, Any] = {"kind": Value(kind, output_field=CharField())}
    for name, output in _SHAPE.items():
        if name != "kind":
            values[name] = columns.get(name) or Value(_EMPTY.get(name), output_field=output)
    # Prefixed, because an annotation must not have a column's name.
    return rows.order_by().values(**{f"f_{name}": value for name, value in values.items()})


def _rows(
    members: list[Membership], schedule: _Schedule, records: list[dict[str, Any]], now: datetime
) -> list[Row]:
    of_kind: dict[str, dict[tuple[UUID, UUID], dict[str, Any]]] = {
        "submission": {},
        "extension": {},
        "due": {},
    }
    for record in sorted(records, key=lambda record: (record["at"] is None, record["at"])):
        if record["kind"] in of_kind:
            of_kind[record["kind"]][record["mission"], record["who"]] = record
    return [_row(member, schedule, _missions(member, schedule, of_kind, now)) for member in members]


def _row(member: Membership, schedule: _Schedule, missions: list[Cell]) -> Row:
    cells = {week.number: Cell(week.number) for week in schedule.weeks}
    for cell in missions:
        if urgency(cell.status) > urgency(cells[cell.week].status):
            cells[cell.week] = cell
    return Row(
        membership_id=member.id,
        name=member.name,  # type: ignore[attr-defined]
        part=member.part.name if member.part else None,
        cells=list(cells.values()),
        missions=missions,
    )


def _missions(member: Membership, schedule: _Schedule, of_kind: dict[str, Any], now: datetime) -> list[Cell]:
    missions = []
    for mission in schedule.missions:
        if mission["part_id"] not in {None, member.part_id}:
            continue
        key = (mission["mission_id"], member.id)
        record, extension = of_kind["submission"].get(key), of_kind["extension"].get(key)
        part_deadline = of_kind["due"].get((mission["mission_id"], member.part_id))
        deadline = effective_deadline(
            base=mission["due_at"],
            part=part_deadline["at"] if part_deadline else None,
            extension=ExtensionGrant(extension["hours"], "") if extension else None,
        )
        submission = record and SubmissionFacts(
            record["submission"], record["state"], record["received"], bool(record["released"])
        )
        missions.append(
            Cell(
                week=mission["number"],
                title=mission["title"],
                status=compute_status(submission, opens_at=mission["opens_at"], due_at=deadline.at, now=now),
                submission_id=record["submission"] if record else None,
                is_missing=is_missing(submission, opens_at=mission["opens_at"], due_at=deadline.at, now=now),
                is_late=bool(record and is_after_deadline(record["received"], deadline.at)),
                is_handed_in=is_handed_in(submission),
            )
        )
    return missions


def _mentor_loads(
    mentors: Iterable[Membership], records: list[dict[str, Any]], now: datetime
) -> list[MentorLoad]:
    mentor_loads = []
    for mentor in mentors:
        theirs = [f for f in records if f["kind"] == "submission" and f["mentor"] == mentor.account_id]
        waiting = [record for record in theirs if record["awaits"]]
        mentor_loads.append(
            MentorLoad(
                name=mentor.name,  # type: ignore[attr-defined]
                done=sum(bool(record["released"]) for record in theirs),
                waiting=len(waiting),
                overdue=sum(is_overdue(record["at"], now) for record in waiting),
            )
        )
    return mentor_loads

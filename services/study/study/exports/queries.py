"""Tables for operators: people, submissions and scores of a cohort, and the records of alumni."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from chassis.account_mirror.models import AccountMirror
from chassis.account_mirror.rules import display_name
from chassis.errors import NotFound
from chassis.web.pagination import Page, page_of
from study.cohorts.models import Cohort, Membership, Role
from study.cohorts.rules import write_csv
from study.exports.rules import FORMATS, Cell, Rows, time_cell, write_xlsx
from study.memberships.queries import people_of
from study.missions.models import Mission
from study.submissions.models import State, Submission


def people(cohort: Cohort) -> Rows:
    """Return the members, mentors and operators by name, below the titles. One statement.

    The titles are those that an import of people recognises. Addresses are not known here.
    """
    titles = [_("Name"), _("Role"), _("Part"), _("Study team"), _("Project team"), "GitHub", _("Joined")]
    return [
        titles,
        *(
            [
                display_name(person.name),
                str(Role(person.role).label),
                person.part.name if person.part else "",
                person.study_team.name if person.study_team else "",
                person.team.name if person.team else "",
                person.login,
                time_cell(person.joined_at, cohort.time_zone),
            ]
            for person in people_of(cohort)
        ),
    ]


def submissions(cohort: Cohort) -> Rows:
    """Return the submissions by mission and time, below the titles. One statement."""
    found: QuerySet[Any] = Submission.objects.filter(mission__cohort=cohort).for_reading()
    states = dict(State.choices) | {"released": _("Released")}
    titles = [
        *(
            _("Week"),
            _("Mission"),
            _("Name"),
            _("Part"),
            _("State"),
            _("Submitted"),
            _("Late"),
            _("Attempts"),
        ),
        *(_("Reviewer"), _("Points"), _("Out of"), _("Released on"), _("Completed on"), _("Link")),
    ]
    rows: list[list[Cell]] = [[*titles]]
    for submission in found.order_by(
        "mission__week__number", "mission__due_at", "mission_id", "created_at", "id"
    ):
        part, pull_request = submission.membership.part, submission.pull_request
        rows.append(
            [
                submission.mission.week.number,
                submission.mission.title,
                display_name(submission.name),
                part.name if part else "",
                str(states[submission.display_state]),
                time_cell(submission.handed_in_at, cohort.time_zone),
                _("Late") if submission.is_late else "",
                submission.attempts_count,
                display_name(submission.mentor) if submission.assignee_id else "",
                submission.points,
                submission.max_points,
                time_cell(submission.released_at, cohort.time_zone),
                time_cell(submission.completed_at, cohort.time_zone),
                pull_request.url if pull_request else "",
            ]
        )
    return rows


def scores(cohort: Cohort) -> Rows:
    """Return a row for each member, with the released points in each mission. Three statements."""
    missions = list(
        Mission.objects.filter(cohort=cohort)
        .order_by("week__number", "due_at", "id")
        .values_list("id", "title")
    )
    released = Submission.objects.filter(mission__cohort=cohort, released_at__isnull=False)
    points = {
        (membership_id, mission_id): value
        for membership_id, mission_id, value in released.values_list("membership_id", "mission_id", "points")
    }
    rows: list[list[Cell]] = [
        [_("Name"), _("Part"), "GitHub", *(title for _id, title in missions), _("Total")]
    ]
    for person in people_of(cohort):
        if person.role == Role.MEMBER:
            given = [points.get((person.id, mission_id)) for mission_id, _title in missions]
            part = person.part.name if person.part else ""
            rows.append(
                [display_name(person.name), part, person.login, *given, sum(value or 0 for value in given)]
            )
    return rows


TABLES: dict[str, Callable[[Cohort], Rows]] = {
    "people": people,
    "submissions": submissions,
    "scores": scores,
}


def table_file(cohort: Cohort, table: str, file_format: str) -> bytes:
    """Return the table as a file. Raise NotFound for a table or format that there is not."""
    if table not in TABLES:
        raise NotFound
    return _file(TABLES[table](cohort), table, file_format)


def is_any_operator(account_id: UUID) -> bool:
    """Return True if the account operates a cohort, also a closed one. One statement."""
    return _operated(account_id).exists()


def alumni(operator_id: UUID, *, cursor: str | None = None, size: int = 50) -> Page[Any]:
    """Return the records of alumni by name, one row for each membership in a cohort of the operator.

    An alumnus has been in one of these cohorts, and is now in none of them that is open. Each is annotated
    with `name`, and with what was `submitted`, its `points` and `max_points`.
    """
    order = ("sort_name", "account_id", "joined_at", "id")
    return page_of(_records(operator_id), order=order, cursor=cursor, size=size)


def alumni_file(operator_id: UUID, file_format: str) -> bytes:
    """Return the records of alumni as a file. Raise NotFound for a format that there is not."""
    titles = [_("Name"), _("Cohort"), _("Role"), _("Part"), _("Study team"), _("Project team"), "GitHub"]
    titles += [_("Joined"), _("Left"), _("Submissions"), _("Points"), _("Out of")]
    rows: list[list[Cell]] = [[*titles]]
    for record in _records(operator_id).order_by("sort_name", "account_id", "joined_at", "id"):
        groups = (record.part, record.study_team, record.team)
        rows.append(
            [
                display_name(record.name),
                record.cohort.title,
                str(Role(record.role).label),
                *(group.name if group else "" for group in groups),
                record.github_login,
                time_cell(record.joined_at, record.cohort.time_zone),
                time_cell(record.left_at or record.cohort.closed_at, record.cohort.time_zone),
                record.submitted,
                record.points,
                record.max_points,
            ]
        )
    return _file(rows, "alumni", file_format)


def _records(operator_id: UUID) -> QuerySet[Any]:
    cohorts = _operated(operator_id).values("cohort")
    present = Membership.objects.live().filter(
        account_id=OuterRef("account_id"), cohort__in=cohorts, cohort__closed_at=None
    )
    name = AccountMirror.objects.name_of(OuterRef("account_id"))
    submissions = Submission.objects.filter(membership=OuterRef("pk")).order_by().values("membership")
    sums = {
        "submitted": Count("id"),
        "points": Coalesce(Sum("points"), 0),
        "max_points": Coalesce(Sum("max_points"), 0),
    }
    counted = {
        key: Coalesce(Subquery(submissions.annotate(n=value).values("n")), 0) for key, value in sums.items()
    }
    records = Membership.objects.filter(~Exists(present), cohort__in=cohorts)
    return records.select_related("cohort", "part", "study_team", "team").annotate(
        name=name, sort_name=Coalesce(name, Value("")), **counted
    )


def _operated(account_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.live().filter(account_id=account_id, role=Role.OPERATOR)


def _file(rows: Rows, name: str, file_format: str) -> bytes:
    if file_format not in FORMATS:
        raise NotFound
    return write_csv(rows) if file_format == "csv" else write_xlsx(name, rows)

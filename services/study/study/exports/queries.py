"""Tables of a cohort for its operators: people, submissions, scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chassis.account_mirror.rules import display_name
from chassis.errors import NotFound
from study.cohorts.models import Cohort, Role
from study.exports.rules import FORMATS, Cell, Rows, time_cell, write_csv, write_xlsx
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
    if table not in TABLES or file_format not in FORMATS:
        raise NotFound
    rows = TABLES[table](cohort)
    return write_csv(rows) if file_format == "csv" else write_xlsx(table, rows)

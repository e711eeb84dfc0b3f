"""The hand-written SQL of lists of submissions, for MySQL and SQLite.

It chooses a page's ids in an index and joins the rest to them, which Django cannot write: its own takes two
statements and half as much again of the database's time (`make bench-mysql`). Its columns are those of
rows.submission_columns; tests hold them equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from chassis.compiled import row_converter
from study.cohorts.models import Role
from study.submissions.models import Submission
from study.submissions.queries.rows import SubmissionRow, submission_columns

_REVIEWERS = ", ".join(f"'{role}'" for role in (Role.MENTOR, Role.OPERATOR))
# A page after another begins where that ended: the first bound is where MySQL begins to read the index.
_AFTER = " AND s.created_at <= %s AND (s.created_at < %s OR s.id < %s)"
_PAGE = """
SELECT s.id, m.cohort_id, c.title, s.mission_id, m.title, w.number, s.account_id, author.name,
    s.mentor_id, reviewer.id IS NOT NULL, mentor.name,
    repository.name, decision.rule, p.number, p.url,
    s.state, s.awaits_review, s.was_late, s.attempts_count, s.points, s.max_points,
    s.released_at, s.completed_at, completing.kind, completing.actor,
    s.created_at, first.received_at, m.due_at, part.due_at,
    (
        SELECT hours FROM missions_extension
        WHERE mission_id = s.mission_id AND membership_id = s.membership_id AND withdrawn_at IS NULL
        ORDER BY granted_at DESC, id DESC LIMIT 1
    )
FROM (
    SELECT s.id FROM submissions_submission s
    WHERE {condition} ORDER BY s.created_at DESC, s.id DESC LIMIT %s
) chosen
JOIN submissions_submission s ON s.id = chosen.id
JOIN missions_mission m ON m.id = s.mission_id
JOIN cohorts_cohort c ON c.id = m.cohort_id
JOIN cohorts_week w ON w.id = m.week_id
JOIN cohorts_membership member ON member.id = s.membership_id
LEFT JOIN account_mirror_accountmirror author ON author.account_id = s.account_id
LEFT JOIN account_mirror_accountmirror mentor ON mentor.account_id = s.mentor_id
LEFT JOIN cohorts_membership reviewer ON reviewer.cohort_id = m.cohort_id
    AND reviewer.account_id = s.mentor_id AND reviewer.live = 1 AND reviewer.role IN ({roles})
LEFT JOIN github_pullrequest p ON p.id = s.pull_request_id
LEFT JOIN github_repository repository ON repository.id = p.repository_id
LEFT JOIN submissions_missiondecision decision ON decision.pull_request_id = s.pull_request_id
LEFT JOIN github_timelineevent completing ON completing.id = s.completing_event_id
LEFT JOIN submissions_attempt first ON first.submission_id = s.id AND first.number = 1
LEFT JOIN missions_partdeadline part ON part.mission_id = s.mission_id AND part.part_id = member.part_id
ORDER BY s.created_at DESC, s.id DESC
"""


def newest_submissions(
    filters: dict[str, UUID | str], *, after: Sequence[Any], limit: int
) -> list[SubmissionRow]:
    """Return the newest submissions with these values of columns, `after` a time and an id, if given.

    One query, in which an index of the columns, created_at and id gives the rows.
    """
    condition = " AND ".join(f"s.{column} = %s" for column in filters)
    parameters: list[Any] = list(filters.values())
    if after:
        at, id_ = after
        condition += _AFTER
        parameters += [at, at, id_]
    with connection.cursor() as cursor:
        cursor.execute(
            _PAGE.format(condition=condition, roles=_REVIEWERS), [*map(_stored, parameters), limit]
        )
        return [SubmissionRow._make(row) for row in map(_convert(), cursor.fetchall())]


@cache
def _convert() -> Callable[[Sequence[Any]], list[Any]]:
    return row_converter(submission_columns(Submission.objects.all()))


def _stored(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value

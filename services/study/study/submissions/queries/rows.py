"""What lists and the API show of a submission, its attempts and timeline: as values, without their models."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet

from chassis.account_mirror.models import AccountMirror
from chassis.compiled import compiled
from chassis.errors import NotFound
from study.cohorts.access import has_role
from study.cohorts.models import Role
from study.missions.rules.deadlines import deadline_at, is_after_deadline
from study.missions.rules.submissions import completion_of, counted_by, display_state
from study.submissions.models import Attempt, Submission, SubmissionQuerySet, SubmittedWork, has_reviewer
from study.submissions.queries.works import works_by_attempt

# By the names of SubmissionRow: where each column is.
_RELATED = {
    "cohort_title": "mission__cohort__title",
    "mission_title": "mission__title",
    "week": "mission__week__number",
    "due_at": "mission__due_at",
    "repository": "pull_request__repository__name",
    "mission_rule": "pull_request__decision__rule",
    "number": "pull_request__number",
    "url": "pull_request__url",
    "completion_login": "completing_event__actor",
    "completing_kind": "completing_event__kind",
}


class SubmissionRow(NamedTuple):
    """A submission with what is shown of its mission, pull request and people.

    A name (`name`, `mentor`) is None if the account is unknown. `given_to` and `mentor_name` are of the
    account that it was given to, which may review here no more: `mentor_id` and `mentor` are then None.
    """

    id: UUID
    cohort_id: UUID
    cohort_title: str
    mission_id: UUID
    mission_title: str
    week: int
    account_id: UUID
    name: str | None
    given_to: UUID | None
    is_assigned: bool
    mentor_name: str | None
    repository: str | None
    mission_rule: str | None
    number: int | None
    url: str | None
    state: str
    awaits_review: bool
    was_late: bool
    attempts: int
    points: int | None
    max_points: int | None
    released_at: datetime | None
    completed_at: datetime | None
    completing_kind: str | None
    completion_login: str | None
    created_at: datetime
    first_received_at: datetime | None
    due_at: datetime
    part_deadline_at: datetime | None
    extension_hours: int | None

    @property
    def mentor_id(self) -> UUID | None:
        """Return the mentor's account, None for the unassigned."""
        return self.given_to if self.is_assigned else None

    @property
    def mentor(self) -> str | None:
        """Return the mentor's name."""
        return self.mentor_name if self.is_assigned else None

    @property
    def deadline_at(self) -> datetime:
        """Return the deadline in force now."""
        return deadline_at(self.due_at, self.part_deadline_at, self.extension_hours)

    @property
    def is_late(self) -> bool:
        """Return whether even the first attempt came after the deadline in force now."""
        return is_after_deadline(self.first_received_at, self.deadline_at)

    @property
    def handed_in_at(self) -> datetime:
        """Return since when the first attempt counts."""
        return self.first_received_at or self.created_at

    @property
    def completion(self) -> str | None:
        """Return what completed it, as Submission.completion."""
        return completion_of(self.completed_at, self.completing_kind)

    @property
    def display_state(self) -> str:
        """Return the state to show."""
        return display_state(self.state, released_at=self.released_at, awaits_review=self.awaits_review)


# Of other names than the table's columns and the annotations.
_OWN = {"cohort_id": "mission__cohort_id", "attempts": "attempts_count", "given_to": "mentor_id"}
_COLUMNS = [{**_RELATED, **_OWN}.get(name, name) for name in SubmissionRow._fields]


def submission_columns(submissions: SubmissionQuerySet) -> QuerySet[Any, Any]:
    """Return the columns of SubmissionRow."""
    named = submissions.with_lateness().annotate(
        is_assigned=has_reviewer(),
        name=AccountMirror.objects.name_of(OuterRef("account_id")),
        mentor_name=AccountMirror.objects.name_of(OuterRef("mentor_id")),
    )
    return named.values_list(*_COLUMNS)


@compiled
def _readable(*, submission_id: UUID, account_id: UUID) -> QuerySet[Any, Any]:
    is_staff = has_role(account_id, Role.MENTOR, Role.OPERATOR, cohort="mission__cohort")
    readable = Submission.objects.filter(Q(account_id=account_id) | is_staff, id=submission_id)
    return submission_columns(readable)


def readable_submission(submission_id: UUID, *, account_id: UUID) -> SubmissionRow:
    """Return a submission for its author, and for the mentors and operators of its cohort. One query."""
    found = _readable(submission_id=submission_id, account_id=account_id)
    if not found:
        raise NotFound
    return SubmissionRow._make(found[0])


class AttemptRow(NamedTuple):
    """An attempt. `work` is what was sent to Seodang with it: None for a commit, and once it was deleted."""

    number: int
    head_sha: str | None
    source: str
    received_at: datetime
    counted_by: str | None
    due_at: datetime
    late_seconds: int
    work: SubmittedWork | None
    is_late: bool


@compiled
def _attempts(*, submission_id: UUID) -> QuerySet[Any, Any]:
    columns = ("number", "head_sha", "source", "received_at", "clock", "due_at", "late_seconds")
    return Attempt.objects.filter(submission=submission_id).order_by("number").values_list(*columns)


def attempts_of(submission: SubmissionRow) -> list[AttemptRow]:
    """Return its attempts by number. One query, and two more if something was sent to Seodang."""
    attempts = _attempts(submission_id=submission.id)
    is_sent = any(head_sha is None for _number, head_sha, *_ in attempts)
    works = works_by_attempt(submission.id) if is_sent else {}
    deadline = submission.deadline_at
    return [
        AttemptRow(
            number=number,
            head_sha=head_sha,
            source=source,
            received_at=received_at,
            counted_by=counted_by(clock, head_sha),
            due_at=due_at,
            late_seconds=late_seconds,
            work=works.get(number),
            is_late=is_after_deadline(received_at, deadline),
        )
        for number, head_sha, source, received_at, clock, due_at, late_seconds in attempts
    ]

"""From an id and an account to a row that this account may see or change, or NotFound."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from chassis.errors import NotFound
from study.cohorts.models import Membership, Role
from study.github.models import PullRequest
from study.submissions.models import Submission

Row = TypeVar("Row", bound=Model)


def submission_for_reader(submission_id: UUID, *, account_id: UUID) -> Submission:
    """Return a submission for its author, and for the mentors and operators of its cohort. One query.

    Loads its mission, cohort, pull request and membership, and annotates the author's `name` and the
    `mentor`'s, None if the account is unknown.
    """
    is_theirs = Q(account_id=account_id)
    is_staff = Exists(_memberships(account_id, Role.MENTOR, Role.OPERATOR))
    return _get_or_not_found(Submission.objects.for_reading().filter(is_theirs | is_staff), submission_id)


def submission_for_reviewer(submission_id: UUID, *, account_id: UUID) -> Submission:
    """Return another's submission, for the mentors and operators of its cohort. One query; loads the same."""
    others = Submission.objects.for_reading().exclude(account_id=account_id)
    is_staff = Exists(_memberships(account_id, Role.MENTOR, Role.OPERATOR))
    return _get_or_not_found(others.filter(is_staff), submission_id)


def submission_for_operator(cohort_id: UUID, submission_id: UUID, *, account_id: UUID) -> Submission:
    """Return a submission of a cohort for its operators. One query."""
    theirs = Submission.objects.filter(Exists(_memberships(account_id, Role.OPERATOR)))
    return _get_or_not_found(theirs.filter(mission__cohort_id=cohort_id), submission_id)


def pull_request_for_operator(pull_request_id: UUID, *, account_id: UUID) -> PullRequest:
    """Return a pull request for the operators of its cohort, with its mission and cohort. One query."""
    memberships = Membership.objects.live().filter(
        cohort_id=OuterRef("cohort_id"), account_id=account_id, role=Role.OPERATOR
    )
    joined = PullRequest.objects.select_related("repository__cohort", "repository__mission", "member")
    return _get_or_not_found(joined.filter(Exists(memberships)), pull_request_id)


def member_for_match(pull_request: PullRequest, membership_id: UUID) -> Membership:
    """Return a member of the pull request's cohort, who has not left. One query."""
    members = Membership.objects.live().filter(cohort_id=pull_request.cohort_id, role=Role.MEMBER)
    return _get_or_not_found(members, membership_id)


def _memberships(account_id: UUID, *roles: Role) -> QuerySet[Membership]:
    return Membership.objects.live().filter(
        cohort_id=OuterRef("mission__cohort_id"), account_id=account_id, role__in=roles
    )


def _get_or_not_found(rows: QuerySet[Row], row_id: UUID) -> Row:
    row = rows.filter(id=row_id).first()
    if row is None:
        raise NotFound
    return row

"""From an id and an account to a row that this account may see or change, or NotFound."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from chassis.errors import NotFound
from study.cohorts.models import Membership, Role
from study.github.models import PullRequest
from study.submissions.models import Submission


def submission_for_reader(submission_id: UUID, *, account_id: UUID) -> Submission:
    """Return a submission for its author, and for the mentors and operators of its cohort. One query.

    Loads its mission, cohort, pull request and membership, and annotates the author's `name` and the
    `mentor`'s, None if the account is unknown.
    """
    is_theirs = Q(account_id=account_id)
    is_staff = Exists(_memberships(account_id, Role.MENTOR, Role.OPERATOR))
    return _one(submission_id, Submission.objects.for_reading().filter(is_theirs | is_staff))


def submission_for_reviewer(submission_id: UUID, *, account_id: UUID) -> Submission:
    """Another's submission, for the mentors and operators of its cohort. One query; comes with the same."""
    others = Submission.objects.for_reading().exclude(account_id=account_id)
    return _one(submission_id, others.filter(Exists(_memberships(account_id, Role.MENTOR, Role.OPERATOR))))


def submission_for_operator(cohort_id: UUID, submission_id: UUID, *, account_id: UUID) -> Submission:
    """Return a submission of a cohort for its operators. One query."""
    theirs = Submission.objects.filter(Exists(_memberships(account_id, Role.OPERATOR)))
    submission = theirs.filter(id=submission_id, mission__cohort_id=cohort_id).first()
    if submission is None:
        raise NotFound
    return submission


def pull_request_for_operator(pull_request_id: UUID, *, account_id: UUID) -> PullRequest:
    """A pull request for the operators of its cohort, with its mission and cohort. One query."""
    memberships = Membership.objects.live().filter(
        cohort_id=OuterRef("cohort_id"), account_id=account_id, role=Role.OPERATOR
    )
    pull_requests = PullRequest.objects.select_related(
        "repository__cohort", "repository__mission", "member"
    ).filter(Exists(memberships))
    pull_request = pull_requests.filter(id=pull_request_id).first()
    if pull_request is None:
        raise NotFound
    return pull_request


def member_for_match(pull_request: PullRequest, membership_id: UUID) -> Membership:
    """A member of the pull request's cohort, who has not left. One query."""
    members = Membership.objects.live().filter(cohort_id=pull_request.cohort_id, role=Role.MEMBER)
    member = members.filter(id=membership_id).first()
    if member is None:
        raise NotFound
    return member


def _memberships(account_id: UUID, *roles: Role) -> QuerySet[Membership]:
    return Membership.objects.live().filter(
        cohort_id=OuterRef("mission__cohort_id"), account_id=account_id, role__in=roles
    )


def _one(submission_id: UUID, rows: QuerySet[Submission]) -> Submission:
    submission = rows.filter(id=submission_id).first()
    if submission is None:
        raise NotFound
    return submission

"""From an id and an account to a row that this account may see or change, or NotFound.

The address of a page names the row's cohort, that of the API does not.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from study.cohorts.access import get_or_not_found, has_role, in_cohort
from study.cohorts.models import Membership, Role
from study.github.models import PullRequest
from study.submissions.models import Submission, SubmittedFile, is_stored


def submission_for_reader(
    submission_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> Submission:
    """Return a submission for its author, and for the mentors and operators of its cohort. One query.

    Loads its mission, cohort, pull request and membership, and annotates the author's `name` and the
    `mentor`'s, None if the account is unknown.
    """
    is_theirs = Q(account_id=account_id)
    is_staff = has_role(account_id, Role.MENTOR, Role.OPERATOR, cohort="mission__cohort")
    named = in_cohort(cohort_id, cohort="mission__cohort")
    return get_or_not_found(Submission.objects.for_reading(), named, is_theirs | is_staff, id=submission_id)


def submission_for_reviewer(
    submission_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> Submission:
    """Return another's submission, for the mentors and operators of its cohort. One query; loads the same."""
    others = Submission.objects.for_reading().exclude(account_id=account_id)
    is_staff = has_role(account_id, Role.MENTOR, Role.OPERATOR, cohort="mission__cohort")
    return get_or_not_found(
        others, in_cohort(cohort_id, cohort="mission__cohort"), is_staff, id=submission_id
    )


def submitted_file_for_reader(
    submission_id: UUID, file_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> SubmittedFile:
    """Return a file, which has its content still, for those who may read its submission. One query."""
    is_theirs = Q(work__attempt__submission__account_id=account_id)
    cohort = "work__attempt__submission__mission__cohort"
    is_staff = has_role(account_id, Role.MENTOR, Role.OPERATOR, cohort=cohort)
    stored = SubmittedFile.objects.filter(is_stored())
    stored = stored.filter(in_cohort(cohort_id, cohort=cohort), work__attempt__submission=submission_id)
    return get_or_not_found(stored, is_theirs | is_staff, id=file_id)


def submission_for_operator(cohort_id: UUID, submission_id: UUID, *, account_id: UUID) -> Submission:
    """Return a submission of a cohort for its operators. One query."""
    is_operator = has_role(account_id, Role.OPERATOR, cohort="mission__cohort")
    return get_or_not_found(
        Submission.objects.all(), is_operator, id=submission_id, mission__cohort_id=cohort_id
    )


def pull_request_for_operator(
    pull_request_id: UUID, *, account_id: UUID, cohort_id: UUID | None = None
) -> PullRequest:
    """Return a pull request for the operators of its cohort, with repository and cohort. One query."""
    joined = PullRequest.objects.select_related("repository__cohort", "member")
    is_operator = has_role(account_id, Role.OPERATOR)
    return get_or_not_found(joined, in_cohort(cohort_id), is_operator, id=pull_request_id)


def member_for_match(pull_request: PullRequest, membership_id: UUID) -> Membership:
    """Return a member of the pull request's cohort, who has not left. One query."""
    members = Membership.objects.live().filter(cohort_id=pull_request.cohort_id, role=Role.MEMBER)
    return get_or_not_found(members, id=membership_id)

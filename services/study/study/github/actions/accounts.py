"""Find the people of a cohort by their GitHub accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from chassis.compiled import compiled
from study.cohorts.models import Membership, Role
from study.github.models import PullRequest, Repository, TimelineEvent
from study.github.rules.payloads import GitHubUser
from study.memberships.actions.github import GitHubTaken, pin_github


def membership_of(*, cohort_id: UUID, github_id: int) -> Membership | None:
    """Return the membership in the cohort that has this GitHub account, in any role, or None."""
    found = _with_account(cohort_id=cohort_id, github_id=github_id)
    return found[0] if found else None


@compiled
def _with_account(*, cohort_id: UUID, github_id: int) -> QuerySet[Membership]:
    theirs = Membership.objects.live().with_github_account(github_id).filter(cohort_id=cohort_id)
    return theirs.order_by("id")[:1]


def is_of_other_cohort(*, repository: Repository, github_id: int, login: str) -> bool:
    """Return True if it is a member's in another open cohort with the same repository, and nobody's here."""
    if not github_id or repository.github_id is None:
        return False
    cohort_id = repository.cohort_id
    cohorts = _cohorts_of_account(
        github_id=github_id, cohort_id=cohort_id, repository_github_id=repository.github_id
    )
    if not cohorts or cohort_id in cohorts:
        return False
    return not _named_members(cohort_id=cohort_id, login=login.lower())


@compiled
def _cohorts_of_account(
    *, github_id: int, cohort_id: UUID, repository_github_id: int
) -> QuerySet[Membership, UUID]:
    """Return the cohort if the account is somebody's there, and the open ones with it as a member's."""
    is_other = Q(
        role=Role.MEMBER, cohort__repositories__github_id=repository_github_id, cohort__closed_at=None
    )
    owned = Membership.objects.live().with_github_account(github_id)
    return owned.filter(Q(cohort=cohort_id) | is_other).values_list("cohort_id", flat=True)


@compiled
def _named_members(*, cohort_id: UUID, login: str) -> QuerySet[Membership, UUID]:
    named = Membership.objects.live().with_github_login(login).filter(cohort=cohort_id)
    return named.values_list("id", flat=True)[:1]


def find_reviewer(*, cohort_id: UUID, github_id: int, login: str, at: datetime) -> Membership | None:
    """Return the mentor or operator of the cohort who has this GitHub account, or None.

    Matches by GitHub's id, else by the login that an operator entered for somebody who has linked no
    account; the id is pinned then. GitHub's author association is ignored.
    """
    if not github_id:
        return None
    membership = membership_of(cohort_id=cohort_id, github_id=github_id)
    if membership is None and login:
        named = Membership.objects.live().with_github_login(login.lower()).filter(cohort_id=cohort_id)
        membership = named.exclude(role=Role.MEMBER).first()
        try:
            if membership is not None:
                pin_github(membership=membership, github_id=github_id, login=login, by=None, at=at)
        except GitHubTaken:
            return None
    return membership if membership is not None and membership.role != Role.MEMBER else None


def authorise(
    *, timeline_event: TimelineEvent, pull_request: PullRequest, user: GitHubUser, at: datetime
) -> None:
    """Note on a review or merge who did it, and as which mentor or operator: no bot, not the author."""
    timeline_event.actor_id = user.id or None
    if user.is_bot or user.id == pull_request.author_id:
        return
    timeline_event.reviewer = find_reviewer(
        cohort_id=pull_request.cohort_id, github_id=user.id, login=user.login, at=at
    )
    timeline_event.is_authorised_review = timeline_event.reviewer is not None

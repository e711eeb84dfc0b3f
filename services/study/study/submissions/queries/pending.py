"""Work that periodic tasks pick up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership, Role
from study.submissions.models import EarlyCheck, Outcome, PendingLink, PullRequest, Submission, TimelineEvent


def pending_links_of(mission_id: UUID, membership_id: UUID) -> list[PendingLink]:
    """This member's links that wait for GitHub or were refused since, oldest first. One statement."""
    links = PendingLink.objects.filter(mission_id=mission_id, membership_id=membership_id)
    return list(links.order_by("pasted_at", "id"))


def links_to_retry(at: datetime, *, limit: int) -> list[UUID]:
    """Pending links that are due for a retry, oldest first. One statement."""
    rows = PendingLink.objects.filter(next_try_at__lte=at, error_code=None).order_by("next_try_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def pushes_to_compare(at: datetime, *, limit: int) -> list[int]:
    """Pushes that are due for a comparison, oldest first. One statement."""
    rows = TimelineEvent.objects.filter(compare_at__lte=at).order_by("compare_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def pull_requests_with_owner(*, limit: int) -> list[UUID]:
    """Unmatched pull requests that have an owner by now. One statement.

    Their author has joined, linked or been named since, or gave up the first one of two; or another
    transaction held them when they became the submission.
    """
    linked = AccountMirror.objects.filter(github_id=OuterRef(OuterRef("author_id"))).values("account_id")
    is_author = (
        Q(github_id=OuterRef("author_id"))
        | Q(github_id=None, github_login=Lower(OuterRef("author_login")))
        | Q(account_id__in=linked)
    )
    memberships = Membership.objects.live().filter(
        is_author, cohort_id=OuterRef("cohort_id"), role=Role.MEMBER
    )
    given_up = Submission.objects.filter(
        Q(pull_request__state="closed") | Q(pull_request=OuterRef("id")),
        mission_id=OuterRef("mission_id"),
        account_id=OuterRef("owner__account_id"),
    )
    waiting = PullRequest.objects.filter(dismissed_at=None).filter(
        Exists(memberships) & Q(unmatched__in=[Outcome.UNKNOWN_PERSON, Outcome.CLAIMED])
        | Exists(given_up) & Q(unmatched=Outcome.SECOND_PULL) & ~Q(state="closed")
    )
    return list(waiting.order_by("opened_at", "id").values_list("id", flat=True)[:limit])


def early_checks_with_pull_request(*, limit: int) -> list[int]:
    """Checks kept for a push that has been delivered by now, oldest first. One statement."""
    pushed = TimelineEvent.objects.filter(sha=OuterRef("sha"), pull_request__mission=OuterRef("mission_id"))
    return list(EarlyCheck.objects.filter(Exists(pushed)).order_by("id").values_list("id", flat=True)[:limit])

"""Work that periodic tasks pick up."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower

from chassis.account_mirror.models import AccountMirror
from study.cohorts.models import Membership, Role
from study.github.models import Outcome, PullRequest, Repository
from study.github.queries import POLL_INTERVAL_WITH_WEBHOOK, POLL_INTERVAL_WITHOUT_WEBHOOK, has_live_webhook
from study.missions.models import Mission, has_repository
from study.submissions.models import PendingLink, Submission

# What comes so long after the deadline may be found some hours later.
LATE_SUBMISSION_WINDOW = timedelta(days=14)


def pending_links_of(mission_id: UUID, membership_id: UUID) -> list[PendingLink]:
    """This member's links that wait for GitHub or were refused since, oldest first. One statement."""
    links = PendingLink.objects.filter(mission_id=mission_id, membership_id=membership_id)
    return list(links.order_by("pasted_at", "id"))


def links_to_retry(at: datetime, *, limit: int) -> list[UUID]:
    """Pending links that are due for a retry, oldest first. One statement."""
    rows = PendingLink.objects.filter(next_attempt_at__lte=at, error_code=None).order_by(
        "next_attempt_at", "id"
    )
    return list(rows.values_list("id", flat=True)[:limit])


def repositories_to_poll(at: datetime, *, limit: int) -> list[tuple[UUID, datetime]]:
    """Repositories that are due for a poll, least recently polled first, and when their first mission opens.

    Often without a live webhook, else rarely; also rarely after LATE_SUBMISSION_WINDOW. One statement.
    """
    missions = Mission.objects.filter(
        has_repository(OuterRef("id"), OuterRef("pattern_id")), cohort=OuterRef("cohort_id")
    )
    rows = Repository.objects.annotate(
        has_live_webhook=has_live_webhook(at),
        first_opens_at=Subquery(missions.order_by("opens_at").values("opens_at")[:1]),
        last_due_at=Subquery(missions.order_by("-due_at").values("due_at")[:1]),
    ).exclude(name__endswith="*")
    often, seldom = at - POLL_INTERVAL_WITHOUT_WEBHOOK, at - POLL_INTERVAL_WITH_WEBHOOK
    is_recent = Q(last_due_at__gte=at - LATE_SUBMISSION_WINDOW)
    is_due = Q(polled_at=None) | Q(polled_at__lt=seldom)
    is_due |= Q(polled_at__lt=often, has_live_webhook=False) & is_recent
    return list(
        rows.filter(is_due, first_opens_at__lte=at, cohort__closed_at=None)
        .order_by(F("polled_at").asc(nulls_first=True), "id")
        .values_list("id", "first_opens_at")[:limit]
    )


def pull_requests_with_member(*, limit: int) -> list[UUID]:
    """Unmatched pull requests that have a member by now. One statement.

    Their author has joined, linked or been named since, or gave up the first one of two; or another
    transaction held them when they became the submission; or a mission was chosen, or created, since;
    or their part or teams changed (assignment.decide_again).
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
        mission=OuterRef("decision__mission"),
        account_id=OuterRef("member__account_id"),
    )
    newer_missions = Mission.objects.annotate(since=Coalesce("decides_since", "created_at")).filter(
        has_repository(OuterRef("repository_id"), OuterRef("repository__pattern_id")),
        cohort=OuterRef("cohort_id"),
        since__gt=OuterRef("decision__decided_at"),
    )
    waiting = PullRequest.objects.filter(dismissed_at=None).filter(
        Exists(memberships) & Q(unmatched__in=[Outcome.UNKNOWN_PERSON, Outcome.CLAIMED])
        | Exists(given_up) & Q(unmatched=Outcome.SECOND_PULL) & ~Q(state="closed")
        | (Exists(newer_missions) | Q(decision__mission__isnull=False)) & Q(unmatched=Outcome.UNRESOLVED)
    )
    return list(waiting.order_by("opened_at", "id").values_list("id", flat=True)[:limit])

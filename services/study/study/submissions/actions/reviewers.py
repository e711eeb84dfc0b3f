"""Give submissions to reviewers: a new one, and what waits for somebody who reviews here no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from chassis.compiled import compiled
from study.cohorts.models import AuditEntry, AuditKind, Membership
from study.submissions.models import Submission, SubmissionQuerySet
from study.submissions.rules.reviewers import Workload, distribute_evenly


def assign_reviewer(*, submission: Submission) -> None:
    """Give a submission that waits for a review to a reviewer, if its cohort assigns by itself.

    One that a reviewer has stays theirs; without a reviewer of the part it stays unassigned. Call it with the
    submission locked, or created in this transaction. No other row is locked: two at the same time may go to
    the same reviewer.
    """
    if not submission.awaits_review:
        return
    reviewers = _automatic_reviewers(submission.mission.cohort_id)
    if submission.mentor_id not in {reviewer.account_id for reviewer in reviewers}:
        _share_out([submission], reviewers, cohort_id=submission.mission.cohort_id)


@transaction.atomic
def reassign_reviews(*, membership: Membership, at: datetime) -> None:
    """Give what waits for somebody who reviews here no more to others: the setting REVIEWER_LEFT_SUBSCRIBER.

    Only in a cohort that assigns by itself. Idempotent. Writes an audit entry, which operators see. Call it
    with the cohort and the membership locked.
    """
    reviewers = _automatic_reviewers(membership.cohort_id)
    theirs = _waiting(membership.cohort_id).filter(mentor_id=membership.account_id)
    count = _share_out(list(theirs) if reviewers else [], reviewers, cohort_id=membership.cohort_id)
    if count:
        AuditEntry.objects.create(
            cohort_id=membership.cohort_id,
            kind=AuditKind.REVIEWS_REASSIGNED,
            actor_id=membership.account_id,
            subject_id=membership.account_id,
            count=count,
            at=at,
        )


def assign_unassigned(*, cohort_id: UUID) -> int:
    """Give everything that waits for nobody to a reviewer, if need be of another part. Return the number.

    Call it with the cohort locked, which serialises two operators.
    """
    reviewers = list(Membership.objects.reviewers().filter(cohort_id=cohort_id))
    return _share_out(list(_waiting(cohort_id)), reviewers, cohort_id=cohort_id, any_part=True)


def _automatic_reviewers(cohort_id: UUID) -> list[Membership]:
    """Return the reviewers of a cohort that assigns by itself; of another one, nobody."""
    return _reviewers_by_setting(cohort_id=cohort_id)


@compiled
def _reviewers_by_setting(*, cohort_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.reviewers().filter(cohort_id=cohort_id, cohort__assigns_reviewers=True)


def _waiting(cohort_id: UUID) -> SubmissionQuerySet:
    """Lock and return what waits for nobody who reviews here, the oldest first."""
    waiting = Submission.objects.filter(mission__cohort_id=cohort_id, awaits_review=True).unassigned()
    related = ("mission__team", "membership__study_team", "membership__team")
    return waiting.select_for_update(of=("self",)).select_related(*related).order_by("waiting_since", "id")


def _share_out(
    submissions: Sequence[Submission],
    reviewers: Sequence[Membership],
    *,
    cohort_id: UUID,
    any_part: bool = False,
) -> int:
    if not submissions or not reviewers:
        return 0
    load = _load(cohort_id, reviewers)
    chosen = distribute_evenly(reviewers, submissions, load=load, any_part=any_part)
    shares: dict[UUID, list[UUID]] = defaultdict(list)
    for submission in submissions:
        if mentor_id := chosen.get(submission.id):
            submission.mentor_id = mentor_id
            shares[mentor_id].append(submission.id)
    for mentor_id, ids in shares.items():
        Submission.objects.filter(id__in=ids).update(mentor_id=mentor_id)
    return len(chosen)


def _load(cohort_id: UUID, reviewers: Sequence[Membership]) -> Mapping[UUID, Workload]:
    accounts = [reviewer.account_id for reviewer in reviewers]
    theirs = Submission.objects.filter(mission__cohort_id=cohort_id, mentor_id__in=accounts)
    rows = theirs.values_list("mentor_id").annotate(
        waiting=Count("id", filter=Q(awaits_review=True)), total=Count("id")
    )
    return {account_id: (waiting, total) for account_id, waiting, total in rows}

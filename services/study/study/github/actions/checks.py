"""Ingest the checks of commits, also those that arrive before the push of their commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from study.github.actions.repositories import resolve_repository
from study.github.actions.subscription import IngestResult, pull_request_subscriber
from study.github.models import EarlyCheck, EventKind, Outcome, PullRequest, Repository, Source, TimelineEvent
from study.github.rules.event_types import ChecksEvent

# GitHub sends a delivery again for three days at most.
EARLY_CHECK_RETENTION = timedelta(days=30)
_PASSED = {"success"}
_FAILED = {"failure", "timed_out", "startup_failure"}


@transaction.atomic
def ingest_checks(
    *,
    cohort_id: UUID,
    event: ChecksEvent,
    source: Source = Source.WEBHOOK,
    at: datetime,
    polled: Repository | None = None,
) -> IngestResult:
    """Ingest a completed check suite, or a failed check, for each pull request with its commit."""
    repository = resolve_repository(
        cohort_id=cohort_id,
        github_id=event.repository_id,
        name=event.repository,
        as_of=event.at,
        polled=polled,
    )
    if repository is None:
        return IngestResult(Outcome.UNKNOWN_REPOSITORY)
    if not (event.conclusion in _FAILED or (event.conclusion in _PASSED and not event.run_id)):
        return IngestResult(Outcome.IGNORED)
    # Match by commit: for a fork GitHub names no pull request. Sort by member, since memberships are locked
    # after pull requests, so that the checks of two commits do not deadlock.
    with_commit = TimelineEvent.objects.filter(sha=event.sha, pull_request__repository=repository).values(
        "pull_request_id"
    )
    has_commit = Q(id__in=with_commit) | Q(repository=repository, head_sha=event.sha)
    ids = list(PullRequest.objects.filter(has_commit).values_list("id", flat=True))
    rows = PullRequest.objects.select_for_update(of=("self",)).select_related("member").filter(id__in=ids)
    pull_requests = sorted(rows.order_by("id"), key=lambda pull_request: str(pull_request.member_id))
    if not pull_requests:
        _save_early_check(repository, event, at=at)
        return IngestResult(Outcome.UNKNOWN_COMMIT)
    recorded = []
    for pull_request in pull_requests:
        pull_request.repository = repository
        recorded.append(_record_checks(pull_request, event))
        if recorded[-1]:
            pull_request_subscriber()(pull_request=pull_request, source=source, at=at)
    return IngestResult(Outcome.UPDATED if any(recorded) else Outcome.UNCHANGED, pull_requests[0])


@transaction.atomic
def ingest_early_check(*, early_check_id: int, at: datetime) -> None:
    """Ingest early checks whose push was delivered at the same time, and delete their row."""
    early = EarlyCheck.objects.select_related("repository").filter(id=early_check_id).first()
    if early is not None:
        result = ingest_checks(
            cohort_id=early.repository.cohort_id, event=_checks_event(early), at=at, polled=early.repository
        )
        if result.pull_request is not None:
            early.delete()


@transaction.atomic
def delete_old_early_checks(*, at: datetime) -> None:
    """Delete early checks whose commit reached no pull request within EARLY_CHECK_RETENTION."""
    EarlyCheck.objects.filter(received_at__lt=at - EARLY_CHECK_RETENTION).delete()


def record_early_checks(*, pull_request: PullRequest) -> None:
    """Record the checks that were kept for the commits of this pull request."""
    commits = TimelineEvent.objects.filter(pull_request=pull_request).values("sha")
    has_commit = Q(sha__in=commits) | Q(sha=pull_request.head_sha)
    for early in EarlyCheck.objects.filter(has_commit, repository=pull_request.repository).order_by("id"):
        _record_checks(pull_request, _checks_event(early))


def _record_checks(pull_request: PullRequest, event: ChecksEvent) -> bool:
    """Return True if a timeline event was created. A failed check replaces that of its whole suite."""
    passed = event.conclusion in _PASSED
    key = (
        f"run:{event.suite_id}:{event.run_id}"
        if event.run_id
        else f"suite:{event.suite_id}:{event.conclusion}"
    )
    if TimelineEvent.objects.filter(pull_request=pull_request, key=key).exists():
        return False
    if not passed:
        of_suite = TimelineEvent.objects.filter(pull_request=pull_request, kind=EventKind.CHECKS_FAILED)
        if event.run_id:
            of_suite.filter(key__startswith=f"suite:{event.suite_id}:").delete()
        elif of_suite.filter(key__startswith=f"run:{event.suite_id}:").exists():
            return False
    TimelineEvent.objects.create(
        pull_request=pull_request,
        key=key,
        kind=EventKind.CHECKS_PASSED if passed else EventKind.CHECKS_FAILED,
        at=event.at,
        sha=event.sha,
        text=event.name,
        count=event.count,
        suite_created_at=event.suite_created_at,
    )
    return True


def _save_early_check(repository: Repository, event: ChecksEvent, *, at: datetime) -> None:
    """Save checks that arrived before the push of their commit."""
    EarlyCheck.objects.get_or_create(
        repository=repository,
        suite_id=event.suite_id,
        run_id=event.run_id,
        conclusion=event.conclusion,
        defaults={
            "sha": event.sha,
            "name": event.name,
            "count": event.count,
            "at": event.at,
            "suite_created_at": event.suite_created_at,
            "received_at": at,
        },
    )


def _checks_event(early: EarlyCheck) -> ChecksEvent:
    return ChecksEvent(
        repository="",
        sha=early.sha,
        suite_id=early.suite_id,
        run_id=early.run_id,
        name=early.name,
        conclusion=early.conclusion,
        count=early.count,
        at=early.at,
        suite_created_at=early.suite_created_at,
    )

"""Ingest the checks of commits, also those that arrive before the push of their commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from chassis.compiled import compiled
from study.github.actions.repositories import resolve_repository
from study.github.actions.subscription import IngestResult, pull_request_subscriber
from study.github.models import EarlyCheck, EventKind, Outcome, PullRequest, Repository, Source, TimelineEvent
from study.github.rules.payloads import CheckRun, CheckSuite, RepositoryData

Checks = CheckSuite | CheckRun | EarlyCheck
# GitHub sends a delivery again for three days at most.
EARLY_CHECK_RETENTION = timedelta(days=30)
_PASSED = {"success"}
_FAILED = {"failure", "timed_out", "startup_failure"}


@transaction.atomic
def ingest_checks(
    *,
    cohort_id: UUID,
    data: RepositoryData,
    checks: Checks,
    source: Source = Source.WEBHOOK,
    at: datetime,
    polled: Repository | None = None,
) -> IngestResult:
    """Ingest a completed check suite, or a failed check, for each pull request with its commit."""
    repository = resolve_repository(cohort_id=cohort_id, data=data, as_of=checks.at or at, polled=polled)
    if repository is None:
        return IngestResult(Outcome.UNKNOWN_REPOSITORY)
    if not (checks.conclusion in _FAILED or (checks.conclusion in _PASSED and not checks.run_id)):
        return IngestResult(Outcome.IGNORED)
    if isinstance(checks, CheckSuite) and _is_own(checks):
        return IngestResult(Outcome.IGNORED)
    # Match by commit: for a fork GitHub names no pull request. Sort by member, since memberships are locked
    # after pull requests, so that the checks of two commits do not deadlock.
    with_commit = TimelineEvent.objects.filter(sha=checks.sha).values("pull_request_id")
    has_commit = Q(id__in=with_commit) | Q(head_sha=checks.sha)
    ids = list(PullRequest.objects.filter(has_commit, repository=repository).values_list("id", flat=True))
    rows = PullRequest.objects.select_for_update(of=("self",)).select_related("member").filter(id__in=ids)
    pull_requests = sorted(rows.order_by("id"), key=lambda pull_request: str(pull_request.member_id))
    if not pull_requests:
        EarlyCheck.objects.get_or_create(
            repository=repository,
            suite_id=checks.suite_id,
            run_id=checks.run_id,
            conclusion=checks.conclusion,
            defaults={
                "sha": checks.sha,
                "name": checks.name,
                "count": checks.count or None,
                "at": checks.at or at,
                "suite_created_at": checks.suite_created_at,
                "received_at": at,
            },
        )
        return IngestResult(Outcome.UNKNOWN_COMMIT)
    recorded = []
    for pull_request in pull_requests:
        pull_request.repository = repository
        recorded.append(_record_checks(pull_request, checks, at=at))
        if recorded[-1]:
            pull_request_subscriber()(pull_request=pull_request, source=source, at=at)
    return IngestResult(Outcome.UPDATED if any(recorded) else Outcome.UNCHANGED, pull_requests[0])


@transaction.atomic
def ingest_early_check(*, early_check_id: int, at: datetime) -> None:
    """Ingest early checks whose push was delivered at the same time, and delete their row."""
    early = EarlyCheck.objects.select_related("repository").filter(id=early_check_id).first()
    if early is not None:
        repository = early.repository
        result = ingest_checks(
            cohort_id=repository.cohort_id,
            data=RepositoryData(repository.name),
            checks=early,
            at=at,
            polled=repository,
        )
        if result.pull_request is not None:
            early.delete()


@transaction.atomic
def delete_old_early_checks(*, at: datetime) -> None:
    """Delete early checks whose commit reached no pull request within EARLY_CHECK_RETENTION."""
    EarlyCheck.objects.filter(received_at__lt=at - EARLY_CHECK_RETENTION).delete()


def record_early_checks(*, pull_request: PullRequest) -> None:
    """Record the checks that were kept for the commits of this pull request."""
    for early in _early_checks(
        pull_request_id=pull_request.id,
        repository_id=pull_request.repository_id,
        head_sha=pull_request.head_sha,
    ):
        _record_checks(pull_request, early, at=early.at)


@compiled
def _early_checks(*, pull_request_id: UUID, repository_id: UUID, head_sha: str) -> QuerySet[EarlyCheck]:
    commits = TimelineEvent.objects.filter(pull_request=pull_request_id).values("sha")
    has_commit = Q(sha__in=commits) | Q(sha=head_sha)
    return EarlyCheck.objects.filter(has_commit, repository=repository_id).order_by("id")


def _is_own(suite: CheckSuite) -> bool:
    """Return whether these are the checks that this installation's GitHub App itself has created."""
    return bool(suite.app.id) and suite.app.id == import_string(settings.GITHUB_OWN_APP_ID)()


def _record_checks(pull_request: PullRequest, checks: Checks, *, at: datetime) -> bool:
    """Return True if a timeline event was created. A failed check replaces that of its whole suite."""
    passed = checks.conclusion in _PASSED
    key = (
        f"run:{checks.suite_id}:{checks.run_id}"
        if checks.run_id
        else f"suite:{checks.suite_id}:{checks.conclusion}"
    )
    if TimelineEvent.objects.filter(pull_request=pull_request, key=key).exists():
        return False
    if not passed:
        of_suite = TimelineEvent.objects.filter(pull_request=pull_request, kind=EventKind.CHECKS_FAILED)
        if checks.run_id:
            of_suite.filter(key__startswith=f"suite:{checks.suite_id}:").delete()
        elif of_suite.filter(key__startswith=f"run:{checks.suite_id}:").exists():
            return False
    TimelineEvent.objects.create(
        pull_request=pull_request,
        key=key,
        kind=EventKind.CHECKS_PASSED if passed else EventKind.CHECKS_FAILED,
        at=checks.at or at,
        sha=checks.sha,
        text=checks.name,
        count=checks.count or None,
        suite_created_at=checks.suite_created_at,
    )
    return True

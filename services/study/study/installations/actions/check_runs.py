"""Show submissions as check runs on GitHub. The rows are the queue; requests are outside of transactions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.module_loading import import_string

from chassis.retry import backoff
from study.cohorts import actions as cohorts
from study.cohorts.models import Cohort
from study.github.actions.polling import respect_rate_limits
from study.github.client import GitHubNotFound, GitHubRateLimited, GitHubRefused, GitHubUnavailable
from study.github.models import PullRequest
from study.installations.client import CheckRunClient
from study.installations.models import CheckRun, CheckRunError, Installation

# Longer than an attempt takes.
LEASE = timedelta(minutes=2)
MIN_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=1)
# Twelve hours.
MAX_ATTEMPTS = 17
# With these GitHub refuses every check run of the repository: the permission, or the repository, is missing.
_OF_REPOSITORY = {403, 404, 451}


def request_check_run(*, pull_request: PullRequest, is_changed: bool, at: datetime) -> None:
    """Request the check run of a head commit, if what it shows may have changed, or if it has none.

    Only in a cohort that shows them, and where an installation has the repository. Call it with the pull
    request locked: a new row takes a shared lock on it.
    """
    repository = pull_request.repository
    is_shown = repository.cohort.has_check_runs and Installation.objects.reading(repository.name).exists()
    rows = CheckRun.objects.filter(pull_request=pull_request, head_sha=pull_request.head_sha)
    if is_shown and not (rows.update(next_attempt_at=at, attempts=0) if is_changed else rows.exists()):
        CheckRun.objects.create(pull_request=pull_request, head_sha=pull_request.head_sha, next_attempt_at=at)


@transaction.atomic
def request_check_runs(*, pull_requests: QuerySet[PullRequest], at: datetime) -> None:
    """Request the check runs of head commits again, where there are some: what they show has changed."""
    heads = CheckRun.objects.filter(pull_request__in=pull_requests, head_sha=F("pull_request__head_sha"))
    # Waiting for one that another transaction requests could be waited for.
    free = heads.select_for_update(of=("self",), skip_locked=True)
    ids = list(free.values_list("id", flat=True))
    CheckRun.objects.filter(id__in=ids).update(next_attempt_at=at, attempts=0)


@transaction.atomic
def set_check_runs(*, cohort: Cohort, is_on: bool, at: datetime) -> None:
    """Turn the check runs of a cohort on or off. Those that GitHub has stay there: it deletes none.

    On, also again, requests those of all members' pull requests: of earlier ones, and what GitHub refused.
    """
    cohort = cohorts.set_check_runs(cohort=cohort, is_on=is_on)
    if not is_on:
        return
    pull_requests = PullRequest.objects.filter(cohort=cohort, dismissed_at=None).exclude(member=None)
    request_check_runs(pull_requests=pull_requests, at=at)
    CheckRun.objects.bulk_create(
        (
            CheckRun(pull_request_id=id_, head_sha=head_sha, next_attempt_at=at)
            for id_, head_sha in pull_requests.order_by("id").values_list("id", "head_sha")
        ),
        ignore_conflicts=True,
    )


def retry_check_runs(*, account_login: str, at: datetime) -> None:
    """Request what GitHub refused in the repositories of an account: its installation has changed."""
    failed = CheckRun.objects.filter(pull_request__repository__name__startswith=f"{account_login}/")
    ids = list(failed.exclude(error="").values_list("id", flat=True))
    CheckRun.objects.filter(id__in=ids).update(next_attempt_at=at, attempts=0)


def send_check_run(*, check_run_id: int, github: CheckRunClient, at: datetime) -> None:
    """Create or update a check run, unless GitHub has its content.

    Raises GitHubRateLimited and GitHubUnavailable. If it is aborted after GitHub has created the check run,
    the next attempt creates another, which replaces it there.
    """
    if not CheckRun.objects.filter(id=check_run_id).claim(at=at, lease=LEASE):
        return
    check_run = CheckRun.objects.select_related("pull_request__repository__cohort").get(id=check_run_id)
    content = _content(check_run)
    try:
        if content is not None and content != check_run.sent:
            with respect_rate_limits(background=True, at=at):
                _send(check_run, content, github)
    except GitHubRateLimited as limited:
        _postpone(check_run, limited.until, at=at)
        raise
    except GitHubNotFound as error:
        _fail(check_run, error, at=at)
    except GitHubUnavailable:
        delay = backoff(check_run.attempts, first=MIN_RETRY_DELAY, longest=MAX_RETRY_DELAY)
        _postpone(check_run, at + delay, at=at)
        if check_run.attempts >= MAX_ATTEMPTS:
            CheckRun.objects.filter(id=check_run.id, next_attempt_at=at + delay).update(
                next_attempt_at=None, error=CheckRunError.UNAVAILABLE, error_message=""
            )
        raise
    else:
        _update(check_run, next_attempt_at=None, attempts=0, error="", error_message="")


def _content(check_run: CheckRun) -> dict[str, Any] | None:
    """Return what GitHub is to show; None for an earlier head, no submission, and where it is not shown."""
    pull_request = check_run.pull_request
    repository = pull_request.repository
    is_shown = (
        repository.cohort.has_check_runs
        and check_run.head_sha == pull_request.head_sha
        and Installation.objects.reading(repository.name).exists()
    )
    if not is_shown:
        return None
    content: dict[str, Any] | None = import_string(settings.CHECK_RUN_CONTENT)(pull_request.id)
    return content


def _send(check_run: CheckRun, content: dict[str, Any], github: CheckRunClient) -> None:
    repository = check_run.pull_request.repository.name
    if check_run.github_id is None:
        head = {"head_sha": check_run.head_sha, "external_id": str(check_run.id)}
        github_id = github.create_check_run(repository, head | content)
    else:
        github_id = check_run.github_id
        github.update_check_run(repository, github_id, content)
    CheckRun.objects.filter(id=check_run.id).update(github_id=github_id, sent=content)


def _fail(check_run: CheckRun, error: GitHubNotFound, *, at: datetime) -> None:
    """Note GitHub's error. What else is due in the repository is not tried if it would get the same."""
    status, message = (error.status, error.message) if isinstance(error, GitHubRefused) else (404, "")
    values = {
        "next_attempt_at": None,
        "error": CheckRunError.REFUSED if status in {403, 451} else CheckRunError.NOT_FOUND,
        "error_message": message[:200],
    }
    if status in {404, 410} and check_run.github_id is not None:
        # GitHub has it no more: the next attempt creates another.
        CheckRun.objects.filter(id=check_run.id).update(github_id=None, sent=None)
    _update(check_run, **values)
    if status in _OF_REPOSITORY:
        same = CheckRun.objects.filter(pull_request__repository=check_run.pull_request.repository_id)
        ids = list(same.due(at).values_list("id", flat=True))
        CheckRun.objects.filter(id__in=ids).due(at).update(**values)


def _postpone(check_run: CheckRun, until: datetime, *, at: datetime) -> None:
    """Try this one, and all that are due, not before `until`."""
    _update(check_run, next_attempt_at=until)
    CheckRun.objects.due(at).update(next_attempt_at=until)


def _update(check_run: CheckRun, **values: object) -> None:
    # Unless it was requested again since it was claimed: then it stays due.
    CheckRun.objects.filter(id=check_run.id, next_attempt_at=check_run.next_attempt_at).update(**values)

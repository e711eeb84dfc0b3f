"""Show submissions as check runs on GitHub. The rows are the queue; requests are outside of transactions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from chassis.compiled import compiled
from chassis.retry import backoff
from study.cohorts import actions as cohorts
from study.cohorts.models import Cohort
from study.github.actions.polling import respect_rate_limits
from study.github.client import (
    GitHubNotFound,
    GitHubRateLimited,
    GitHubRefused,
    GitHubUnauthorized,
    GitHubUnavailable,
)
from study.github.models import PullRequest
from study.installations.client import CheckRunClient
from study.installations.models import CheckRun, CheckRunError, CheckRunRequest, Installation

# Longer than an attempt takes.
LEASE = timedelta(minutes=2)
MIN_RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(hours=1)
# Twelve hours.
MAX_ATTEMPTS = 17
# With these GitHub refuses every check run of the repository: the permission, or the repository, is missing.
_OF_REPOSITORY = {403, 404, 451}


def sync_check_run(*, pull_request: PullRequest, is_changed: bool, at: datetime) -> None:
    """Request the check run of a head commit, if what it shows may have changed, or if it has none.

    Only in a cohort that shows them, and where an installation has the repository. Call it with the pull
    request locked: a new row takes a shared lock on it.
    """
    if not _is_shown(pull_request):
        return
    rows = CheckRun.objects.filter(pull_request=pull_request, head_sha=pull_request.head_sha)
    if not (_request(rows, at=at) if is_changed else rows.exists()):
        CheckRun.objects.create(pull_request=pull_request, head_sha=pull_request.head_sha, next_attempt_at=at)


def request_check_run(*, pull_request_id: UUID | None, at: datetime) -> None:
    """Request the check run of a head commit again, if it has one. Call it with the submission locked."""
    heads = CheckRun.objects.filter(pull_request=pull_request_id, head_sha=F("pull_request__head_sha"))
    _request(CheckRun.objects.filter(id__in=list(heads.values_list("id", flat=True))), at=at)


def request_check_runs(*, cohort_id: UUID, mission_id: UUID | None = None) -> None:
    """Request the check runs of a mission's pull requests, or of all of the cohort, if the App is installed.

    An inserted row, which a task reads: a change of a deadline waits for no delivery that has locked the
    check run of a pull request.
    """
    if Installation.objects.active().exists():
        CheckRunRequest.objects.create(cohort_id=cohort_id, mission_id=mission_id)


@transaction.atomic
def set_check_runs(*, cohort: Cohort, is_on: bool) -> None:
    """Turn the check runs of a cohort on or off. Those that GitHub has stay there: it deletes none.

    On, also again, requests those of all members' pull requests: of earlier ones, and what GitHub refused.
    """
    cohorts.set_check_runs(cohort=cohort, is_on=is_on)
    if is_on:
        request_check_runs(cohort_id=cohort.id)


def request_all_check_runs() -> None:
    """Request the check runs of all open cohorts: a member's part, for one, says what is late too."""
    for cohort_id in Cohort.objects.filter(closed_at=None, has_check_runs=True).values_list("id", flat=True):
        request_check_runs(cohort_id=cohort_id)


def process_request(*, request_id: int, at: datetime) -> None:
    """Make what a CheckRunRequest names due. An aborted one is repeated."""
    request = CheckRunRequest.objects.filter(id=request_id).first()
    if request is None:
        return
    requested = _requested(request)
    heads = CheckRun.objects.filter(pull_request__in=requested, head_sha=F("pull_request__head_sha"))
    known = dict(heads.values_list("pull_request_id", "id"))
    # One by one: a transaction that has locked one may wait for another.
    for check_run_id in known.values():
        _request(CheckRun.objects.filter(id=check_run_id), at=at)
    for pull_request_id in sorted({*requested.values_list("id", flat=True)} - known.keys()):
        _create(pull_request_id, at=at)
    CheckRunRequest.objects.filter(id=request.id).delete()


def retry_check_runs(*, account_login: str, at: datetime) -> None:
    """Request what GitHub refused in the repositories of an account: its installation has changed."""
    failed = CheckRun.objects.filter(pull_request__repository__name__startswith=f"{account_login}/")
    for id_ in failed.exclude(error="").values_list("id", flat=True):
        _request(CheckRun.objects.filter(id=id_), at=at)


def send_check_run(*, check_run_id: int, github: CheckRunClient, at: datetime) -> None:
    """Create or update a check run, unless GitHub has its content.

    Raises GitHubRateLimited and GitHubUnavailable. Idempotent: an aborted attempt is repeated, and finds the
    check run that it created.
    """
    if not CheckRun.objects.filter(id=check_run_id).claim(at=at, lease=LEASE, is_outdated=False):
        return
    check_run = CheckRun.objects.select_related("pull_request__repository__cohort").get(id=check_run_id)
    content = _content(check_run)
    try:
        if content is not None and content != check_run.sent:
            with respect_rate_limits(background=True, at=at):
                _send(check_run, content, github, at=at)
    except GitHubRateLimited as limited:
        _held(check_run).update(next_attempt_at=limited.until, attempts=0)
        raise
    except GitHubNotFound as error:
        _fail(check_run, error, at=at)
    except GitHubUnavailable as error:
        if not _held(check_run).exists():
            # GitHub may have done it.
            _send_again(check_run, at=at)
        elif check_run.attempts >= MAX_ATTEMPTS:
            _finish(check_run, at=at, error=CheckRunError.UNAVAILABLE)
        else:
            delay = backoff(check_run.attempts, first=MIN_RETRY_DELAY, longest=MAX_RETRY_DELAY)
            _held(check_run).update(next_attempt_at=at + delay)
        if not isinstance(error, GitHubUnauthorized):
            raise
        # Another installation may have a token.
    else:
        _finish(check_run, at=at)


def _requested(request: CheckRunRequest) -> QuerySet[PullRequest]:
    if request.mission_id is not None:
        pull_requests: QuerySet[PullRequest] = import_string(settings.MISSION_PULL_REQUESTS)(
            request.mission_id
        )
    else:
        pull_requests = PullRequest.objects.filter(dismissed_at=None).exclude(member=None)
    return pull_requests.filter(cohort_id=request.cohort_id, cohort__has_check_runs=True)


@transaction.atomic
def _create(pull_request_id: UUID, *, at: datetime) -> None:
    rows = PullRequest.objects.select_for_update(of=("self",)).select_related("repository__cohort")
    if pull_request := rows.filter(id=pull_request_id).first():
        sync_check_run(pull_request=pull_request, is_changed=True, at=at)


def _request(rows: QuerySet[CheckRun], *, at: datetime) -> int:
    """Make them due. One that is being sent, or waits for GitHub, is sent again after that."""
    due_at = Coalesce("next_attempt_at", Value(at, DateTimeField()))
    return rows.update(is_outdated=True, next_attempt_at=due_at)


def _is_shown(pull_request: PullRequest) -> bool:
    repository = pull_request.repository
    if not repository.cohort.has_check_runs:
        return False
    name = repository.name.lower()
    return bool(_installations(account_login=name.partition("/")[0], repository=name))


@compiled
def _installations(*, account_login: str, repository: str) -> QuerySet[Installation, int]:
    reading = Installation.objects.reading_as(account_login, repository)
    return reading.values_list("id", flat=True)[:1]


def _content(check_run: CheckRun) -> dict[str, Any] | None:
    """Return what GitHub is to show; None for an earlier head, no submission, and where it is not shown."""
    pull_request = check_run.pull_request
    if check_run.head_sha != pull_request.head_sha or not _is_shown(pull_request):
        return None
    content: dict[str, Any] | None = import_string(settings.CHECK_RUN_CONTENT)(pull_request.id)
    return content


def _send(check_run: CheckRun, content: dict[str, Any], github: CheckRunClient, *, at: datetime) -> None:
    repository, ours = check_run.pull_request.repository.name, str(check_run.id)
    github_id = check_run.github_id or github.find_check_run(repository, check_run.head_sha, ours)
    if github_id is None:
        head = {"head_sha": check_run.head_sha, "external_id": ours}
        github_id = github.create_check_run(repository, head | content)
    else:
        # If GitHub's answer is lost, nobody knows which content it has: then each is sent again.
        _held(check_run).filter(github_id__isnull=False).update(sent={})
        github.update_check_run(repository, github_id, content)
    if not _held(check_run).update(github_id=github_id, sent=content):
        _send_again(check_run, at=at)


def _send_again(check_run: CheckRun, *, at: datetime) -> None:
    """After an attempt that outlived its lease: forget what GitHub has, and look for the newest there.

    Another attempt may have sent something else, and nobody knows which came last. One that is being made
    loses its lease, so that it ends here too.
    """
    CheckRun.objects.filter(id=check_run.id).update(
        github_id=None, sent=None, is_outdated=True, next_attempt_at=at
    )


def _fail(check_run: CheckRun, error: GitHubNotFound, *, at: datetime) -> None:
    """Note GitHub's error. What else is due in the repository is not tried if it would get the same."""
    status, message = (error.status, error.message) if isinstance(error, GitHubRefused) else (404, "")
    values = {
        "error": CheckRunError.REFUSED if status in {403, 451} else CheckRunError.NOT_FOUND,
        "error_message": message[:200],
    }
    if status in {404, 410} and check_run.github_id is not None:
        # GitHub has it no more: the next attempt creates another.
        _held(check_run).update(github_id=None, sent=None)
    _finish(check_run, at=at, **values)
    if status in _OF_REPOSITORY:
        same = CheckRun.objects.filter(pull_request__repository=check_run.pull_request.repository_id).due(at)
        with transaction.atomic():
            # Nobody is waited for with some of them locked.
            ids = list(same.select_for_update(of=("self",), skip_locked=True).values_list("id", flat=True))
            CheckRun.objects.filter(id__in=ids).update(next_attempt_at=None, attempts=0, **values)


def _held(check_run: CheckRun) -> QuerySet[CheckRun]:
    """Return the row unless the lease was over and another attempt has claimed it. Requests move no lease."""
    return CheckRun.objects.filter(id=check_run.id, next_attempt_at=check_run.next_attempt_at)


def _finish(check_run: CheckRun, *, at: datetime, error: str = "", error_message: str = "") -> None:
    """End the attempt; one that was requested again since it was claimed stays due."""
    held = _held(check_run)
    if not held.filter(is_outdated=False).update(
        next_attempt_at=None, attempts=0, error=error, error_message=error_message
    ):
        held.update(next_attempt_at=at, attempts=0)

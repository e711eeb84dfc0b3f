"""Poll GitHub in the background. Requests are sent outside of transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from study.github.actions.checks import ingest_checks
from study.github.actions.ingest import ingest_pull_request, ingest_review
from study.github.client import (
    PER_PAGE,
    Client,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubUnavailable,
    Response,
)
from study.github.models import EventKind, GitHubLimit, PullRequest, Repository, Source, TimelineEvent
from study.github.rules.payloads import (
    CheckSuite,
    PullRequestData,
    PullRequestEvent,
    RepositoryData,
    ReviewEvent,
)

# Requests that background polling leaves for interactive use.
MIN_REMAINING_REQUESTS = 20
# Pages of a repository's pull requests that the first poll reads.
MAX_PAGES = 5
# Give up a comparison after this time.
COMPARE_TIMEOUT = timedelta(days=3)
COMPARE_RETRY_DELAY = timedelta(minutes=10)
# Completed checks do not update the pull request, so poll them for this long after its last update.
CHECKS_POLL_WINDOW = timedelta(hours=6)


@contextmanager
def respect_rate_limits(*, background: bool, at: datetime) -> Iterator[None]:
    """Guard requests to GitHub: raise GitHubRateLimited while a rate limit holds, and store a new limit."""
    limit = GitHubLimit.objects.filter(id=GitHubLimit.ONLY).first() or GitHubLimit()
    waits = [limit.resumes_at, limit.background_resumes_at if background else None]
    until = max((wait for wait in waits if wait), default=at)
    if until > at:
        raise GitHubRateLimited(until)
    try:
        yield
    except GitHubRateLimited as busy:
        GitHubLimit.objects.update_or_create(id=GitHubLimit.ONLY, defaults={"resumes_at": busy.until})
        raise


def pause_near_limit(*, response: Response[Any]) -> None:
    """Pause background polling if few requests remain."""
    if response.remaining is not None and response.remaining <= MIN_REMAINING_REQUESTS and response.resets_at:
        rest = {"background_resumes_at": response.resets_at}
        GitHubLimit.objects.update_or_create(id=GitHubLimit.ONLY, defaults=rest)


def poll_pull_request(*, pull_request_id: UUID, github: Client, at: datetime) -> None:
    """Poll a pull request and ingest what is new. Raises GitHubRateLimited and GitHubUnavailable.

    A pull request that is deleted or private is marked as polled and stays as it is.
    """
    pull_request = PullRequest.objects.select_related("repository").get(id=pull_request_id)
    repository, number, cohort_id = pull_request.repository, pull_request.number, pull_request.cohort_id
    with respect_rate_limits(background=True, at=at):
        # Save the time first, so that a failing one does not block the others.
        PullRequest.objects.filter(id=pull_request_id).update(polled_at=at)
        try:
            response = github.get_pull_request(repository.name, number, etag=pull_request.etag)
            data = response.body
            reviews = github.list_reviews(repository.name, number) if data else []
            suites = _suites(github, pull_request, data, at=at)
        except GitHubNotFound:
            return
    pause_near_limit(response=response)
    # Each event has its own transaction. The etag is saved last, so an aborted poll is repeated.
    if data:
        event = PullRequestEvent(data)
        ingest_pull_request(cohort_id=cohort_id, event=event, source=Source.POLL, at=at, polled=repository)
        for review in reviews:
            submitted = ReviewEvent("submitted", data, review, sender=review.user)
            ingest_review(cohort_id=cohort_id, event=submitted, source=Source.POLL, at=at, polled=repository)
    for suite in suites:
        ingest_checks(
            cohort_id=cohort_id,
            data=RepositoryData(repository.name),
            checks=suite,
            source=Source.POLL,
            at=at,
            polled=repository,
        )
    etag = response.etag or pull_request.etag
    PullRequest.objects.filter(id=pull_request_id).update(etag=etag)


def discover_pull_requests(
    *, repository_id: UUID, opened_since: datetime, github: Client, at: datetime
) -> None:
    """Poll the pull requests of a repository; ingest those that no webhook delivered.

    A merged one is ingested if it was opened since `opened_since`, a closed one never. Raises
    GitHubRateLimited and GitHubUnavailable. A repository that is missing or private is marked as polled.
    """
    repository = Repository.objects.get(id=repository_id)
    with respect_rate_limits(background=True, at=at):
        # Save the time first, so that a failing one does not block the others.
        Repository.objects.filter(id=repository_id).update(polled_at=at)
        try:
            found, etag = list_pull_requests(github=github, repository=repository.name, etag=repository.etag)
        except GitHubNotFound:
            return
    known = set(PullRequest.objects.filter(repository=repository).values_list("number", flat=True))
    # Oldest first: a member's first pull request becomes the submission.
    for data in reversed(found):
        is_new = data.state == "open" or (data.state == "merged" and data.created_at >= opened_since)
        if is_new and data.number not in known:
            ingest_pull_request(
                cohort_id=repository.cohort_id,
                event=PullRequestEvent(data),
                source=Source.POLL,
                at=at,
                polled=repository,
            )
    # Unless an operator has entered another repository meanwhile.
    Repository.objects.filter(id=repository_id, polled_at=at).update(etag=etag)


def detect_force_push(*, timeline_event_id: int, github: Client, at: datetime) -> None:
    """Ask whether a push rewrote history. Raises GitHubRateLimited and GitHubUnavailable."""
    timeline_event = TimelineEvent.objects.select_related("pull_request__repository").get(
        id=timeline_event_id
    )
    if timeline_event.compare_due_at is None:
        return
    try:
        with respect_rate_limits(background=True, at=at):
            found = github.compare_commits(
                timeline_event.pull_request.repository.name, timeline_event.before_sha, timeline_event.sha
            )
    except GitHubNotFound:
        timeline_event.compare_due_at = None
    except (GitHubRateLimited, GitHubUnavailable):
        timeline_event.compare_due_at = (
            at + COMPARE_RETRY_DELAY if at - timeline_event.at < COMPARE_TIMEOUT else None
        )
        timeline_event.save(update_fields=["compare_due_at"])
        raise
    else:
        timeline_event.compare_due_at = None
        timeline_event.kind = (
            EventKind.FORCE_PUSHED if found.status == "diverged" else EventKind.COMMITS_PUSHED
        )
        timeline_event.count = found.ahead_by or None
    timeline_event.save(update_fields=["compare_due_at", "kind", "count"])


def list_pull_requests(
    *, github: Client, repository: str, etag: str = ""
) -> tuple[list[PullRequestData], str]:
    """Return the newest pull requests, none if nothing changed; the first time up to MAX_PAGES pages."""
    response = github.list_pull_requests(repository, etag=etag)
    pause_near_limit(response=response)
    found, etag_now, page = response.body or [], response.etag or etag, 1
    while not etag and len(found) == page * PER_PAGE and page < MAX_PAGES:
        page += 1
        response = github.list_pull_requests(repository, page=page)
        pause_near_limit(response=response)
        found += response.body or []
    return found, etag_now


def _suites(
    github: Client, pull_request: PullRequest, data: PullRequestData | None, *, at: datetime
) -> list[CheckSuite]:
    """Return the completed suites of the head; none if it is unchanged and no new ones are expected."""
    head = data.head.sha if data else pull_request.head_sha
    if data is None and (
        at - pull_request.github_updated_at > CHECKS_POLL_WINDOW or _has_checks(pull_request)
    ):
        return []
    try:
        return github.list_check_suites(pull_request.repository.name, head)
    except GitHubNotFound:
        return []


def _has_checks(pull_request: PullRequest) -> bool:
    ended = [EventKind.CHECKS_PASSED, EventKind.CHECKS_FAILED]
    return TimelineEvent.objects.filter(
        pull_request=pull_request, sha=pull_request.head_sha, kind__in=ended
    ).exists()

"""Periodic tasks of submissions. The rows are the queue: an aborted run loses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from study.github.client import GitHubRateLimited, GitHubUnavailable, client
from study.submissions.actions.checks import ingest_early_check
from study.submissions.actions.links import retry_link
from study.submissions.actions.matching import find_owner
from study.submissions.actions.polling import compare_push
from study.submissions.queries.pending import (
    early_checks_with_pull_request,
    links_to_retry,
    pull_requests_with_owner,
    pushes_to_compare,
)

log = structlog.get_logger()
# A run stops after this time; the next one starts within a minute. The last request may exceed it.
ROUND_TIMEOUT_SECONDS = 5
BATCH_SIZE = 20


@shared_task(ignore_result=True)
def compare_pushes(**_future: object) -> None:
    """Every minute: ask GitHub which pushes rewrote history."""
    ids = pushes_to_compare(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(
        partial(compare_push, timeline_event_id=timeline_event_id) for timeline_event_id in ids
    )


@shared_task(ignore_result=True)
def retry_links(**_future: object) -> None:
    """Every minute: retry the pending links."""
    ids = links_to_retry(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(partial(retry_link, link_id=link_id) for link_id in ids)


@shared_task(ignore_result=True)
def find_owners(**_future: object) -> None:
    """Every minute: match pull requests whose author is known by now, and ingest early checks."""
    for pull_request_id in pull_requests_with_owner(limit=BATCH_SIZE):
        find_owner(pull_request_id=pull_request_id, at=timezone.now())
    for early_check_id in early_checks_with_pull_request(limit=BATCH_SIZE):
        ingest_early_check(early_check_id=early_check_id, at=timezone.now())


def run_github_requests(requests: Iterable[Callable[..., None]]) -> None:
    """Send requests one after another, until ROUND_TIMEOUT_SECONDS or until GitHub does not answer."""
    until = time.monotonic() + ROUND_TIMEOUT_SECONDS
    for request in requests:
        try:
            request(github=client(), at=timezone.now())
        except (GitHubRateLimited, GitHubUnavailable) as refused:
            log.info("github_stopped", reason=f"{type(refused).__name__}: {refused}")
            return
        if time.monotonic() > until:
            return

"""Periodic tasks that ask GitHub. The rows are the queue: an aborted run loses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from study.github import queries
from study.github.actions import checks, polling, webhooks
from study.github.client import Client, GitHubRateLimited, GitHubUnavailable, client

log = structlog.get_logger()
# A run stops after this time; the next one starts within a minute. The last request may exceed it.
ROUND_TIMEOUT_SECONDS = 5
BATCH_SIZE = 20


@shared_task(ignore_result=True)
def poll_pull_requests(**_future: object) -> None:
    """Every minute: poll pull requests, often where no webhook delivers them."""
    ids = queries.pull_requests_to_poll(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(partial(polling.poll_pull_request, pull_request_id=id_) for id_ in ids)


@shared_task(ignore_result=True)
def detect_force_pushes(**_future: object) -> None:
    """Every minute: ask GitHub which pushes rewrote history."""
    ids = queries.pushes_to_compare(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(partial(polling.detect_force_push, timeline_event_id=id_) for id_ in ids)


@shared_task(ignore_result=True)
def ingest_early_checks(**_future: object) -> None:
    """Every minute: ingest checks that arrived before the push of their commit."""
    for early_check_id in queries.early_checks_with_pull_request(timezone.now(), limit=BATCH_SIZE):
        checks.ingest_early_check(early_check_id=early_check_id, at=timezone.now())


@shared_task(ignore_result=True)
def delete_old_deliveries(**_future: object) -> None:
    """Every hour: delete old deliveries and old early checks."""
    webhooks.delete_old_deliveries(at=timezone.now())
    checks.delete_old_early_checks(at=timezone.now())


def run_github_requests(requests: Iterable[Callable[..., None]], *, github: Client | None = None) -> bool:
    """Send requests one after another, until ROUND_TIMEOUT_SECONDS or until GitHub does not answer.

    `github` is the client that they use; None is the one that the settings ask for. Return False if GitHub
    does not answer.
    """
    until = time.monotonic() + ROUND_TIMEOUT_SECONDS
    for request in requests:
        try:
            request(github=github or client(), at=timezone.now())
        except (GitHubRateLimited, GitHubUnavailable) as refused:
            log.info("github_stopped", reason=f"{type(refused).__name__}: {refused}")
            return False
        if time.monotonic() > until:
            break
    return True

"""Periodic tasks of submissions. The rows are the queue: an aborted run loses nothing."""

from __future__ import annotations

from functools import partial

from celery import shared_task
from django.utils import timezone

from study.github.actions.polling import discover_pull_requests
from study.github.tasks import BATCH_SIZE, run_github_requests
from study.submissions.actions import cohorts, links, matching
from study.submissions.queries import pending as queries


@shared_task(ignore_result=True)
def retry_links(**_future: object) -> None:
    """Every minute: retry the pending links."""
    ids = queries.links_to_retry(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(partial(links.retry_link, link_id=link_id) for link_id in ids)


@shared_task(ignore_result=True)
def set_cohorts(**_future: object) -> None:
    """Every minute: give submissions that the release before wrote during an upgrade their cohort."""
    cohorts.set_cohorts(limit=1000)


@shared_task(ignore_result=True)
def discover_new_pull_requests(**_future: object) -> None:
    """Every minute: poll the missions' repositories for new pull requests."""
    run_github_requests(
        partial(discover_pull_requests, repository_id=repository_id, opened_since=opens_at)
        for repository_id, opens_at in queries.repositories_to_poll(timezone.now(), limit=BATCH_SIZE)
    )


@shared_task(ignore_result=True)
def match_waiting_pull_requests(**_future: object) -> None:
    """Every minute: match unmatched pull requests whose author is known by now."""
    for pull_request_id in queries.pull_requests_with_member(limit=BATCH_SIZE):
        matching.match_waiting_pull_request(pull_request_id=pull_request_id, at=timezone.now())

"""Periodic tasks of hooks."""

from __future__ import annotations

from functools import partial

from celery import shared_task
from django.utils import timezone

from study.github import actions, queries
from study.submissions.actions.checks import delete_old_early_checks
from study.submissions.actions.polling import discover_pull_requests, poll_pull_request
from study.submissions.tasks import BATCH_SIZE, run_github_requests


@shared_task(ignore_result=True)
def poll_pull_requests(**_future: object) -> None:
    """Every minute: poll pull requests, often where no hook delivers them."""
    ids = queries.pull_requests_to_poll(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(
        partial(poll_pull_request, pull_request_id=pull_request_id) for pull_request_id in ids
    )


@shared_task(ignore_result=True)
def discover_new_pull_requests(**_future: object) -> None:
    """Every minute: poll repositories for new pull requests."""
    ids = queries.missions_to_poll(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(partial(discover_pull_requests, mission_id=mission_id) for mission_id in ids)


@shared_task(ignore_result=True)
def delete_old_deliveries(**_future: object) -> None:
    """Every hour: delete old deliveries and old early checks."""
    actions.delete_old_deliveries(at=timezone.now())
    delete_old_early_checks(at=timezone.now())

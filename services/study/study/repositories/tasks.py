"""Periodic tasks of personal repositories. The rows are the queue: an aborted run loses nothing."""

from __future__ import annotations

from functools import partial

from celery import shared_task
from django.utils import timezone

from chassis.enqueue import enqueue
from study.github.actions.patterns import discover_repositories
from study.github.tasks import BATCH_SIZE, run_github_requests
from study.repositories import queries
from study.repositories.actions.templates import create_repository


@shared_task(ignore_result=True)
def discover_new_repositories(**_future: object) -> None:
    """Every minute: poll organizations for repositories that match a pattern."""
    ids = queries.patterns_to_poll(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(partial(discover_repositories, pattern_id=pattern_id) for pattern_id in ids)


@shared_task(ignore_result=True)
def create_repositories(**_future: object) -> None:
    """Every minute, and as a run starts: create repositories from templates; enqueue a task for the rest."""
    ids = queries.creations_due(timezone.now(), limit=BATCH_SIZE)
    run_github_requests(partial(create_repository, creation_id=creation_id) for creation_id in ids)
    # An attempt postpones its row, so this ends.
    if ids and queries.creations_due(timezone.now(), limit=1):
        enqueue(create_repositories)

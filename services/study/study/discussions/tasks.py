"""Fetch changed files from GitHub. The rows are the queue; the task of one row only reduces latency."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from chassis.enqueue import enqueue_on_commit
from study.discussions import queries
from study.discussions.actions import diffs
from study.discussions.models import Diff
from study.github.models import PullRequest
from study.github.tasks import BATCH_SIZE, run_github_requests

# Between two runs of fetch_requested_diffs.
INTERVAL_SECONDS = 60


@shared_task(ignore_result=True)
def fetch_diff(*, diff_id: str, **_future: object) -> None:
    """Fetch one diff."""
    run_github_requests([partial(diffs.fetch_diff, diff_id=UUID(diff_id))])


@shared_task(ignore_result=True)
def fetch_requested_diffs(**_future: object) -> None:
    """Every minute: fetch the diffs whose task was lost."""
    ids = queries.requested_diffs(limit=BATCH_SIZE)
    run_github_requests(partial(diffs.fetch_diff, diff_id=diff_id) for diff_id in ids)


@shared_task(ignore_result=True)
def delete_old_diffs(**_future: object) -> None:
    """Every hour: delete the diffs that were fetched long ago."""
    diffs.delete_old_diffs(at=timezone.now())


def open_diff(*, pull_request: PullRequest, head_sha: str) -> Diff:
    """Return the diff of a head, without its content; if it waits since now, enqueue its task on commit."""
    now = timezone.now()
    diff = diffs.request_diff(pull_request=pull_request, head_sha=head_sha, at=now)
    if diff.requested_at == now:
        enqueue_on_commit(fetch_diff, kwargs={"diff_id": str(diff.id)}, expires=INTERVAL_SECONDS)
    return diff

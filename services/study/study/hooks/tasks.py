"""What hooks need done by the clock."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.utils import timezone

from study.hooks import actions, queries
from study.submissions.actions import refresh_pull
from study.submissions.github import GithubBusy, GithubDown, client

log = structlog.get_logger()
# The worker has other things to do, and the next round is a minute away.
ROUND_SECONDS = 20
MOST = 20


@shared_task(ignore_result=True)
def poll(**later: object) -> None:
    """Every minute: ask GitHub about pull requests of which no hook tells us, or none has for long."""
    until = time.monotonic() + ROUND_SECONDS
    for pull_id in queries.pulls_to_refresh(timezone.now(), most=MOST):
        try:
            refresh_pull(pull_id=pull_id, github=client(), at=timezone.now())
        except (GithubBusy, GithubDown) as refused:
            log.info("poll_stopped", reason=f"{type(refused).__name__}: {refused}")
            return
        if time.monotonic() > until:
            return


@shared_task(ignore_result=True)
def forget_deliveries(**later: object) -> None:
    """Every hour: drop old notes of deliveries."""
    actions.forget_deliveries(at=timezone.now())

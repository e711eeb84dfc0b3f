"""What hooks need done by the clock."""

from __future__ import annotations

from functools import partial

from celery import shared_task
from django.utils import timezone

from study.hooks import actions, queries
from study.submissions.actions import discover_pulls, forget_early_checks, refresh_pull
from study.submissions.tasks import MOST, ask


@shared_task(ignore_result=True)
def poll(**_future: object) -> None:
    """Every minute: ask GitHub about pull requests of which no hook tells us, or none has for long."""
    ids = queries.pulls_to_refresh(timezone.now(), most=MOST)
    ask(partial(refresh_pull, pull_id=pull_id) for pull_id in ids)


@shared_task(ignore_result=True)
def discover(**_future: object) -> None:
    """Every minute: ask GitHub for pull requests of which no hook has told us."""
    ids = queries.missions_to_list(timezone.now(), most=MOST)
    ask(partial(discover_pulls, mission_id=mission_id) for mission_id in ids)


@shared_task(ignore_result=True)
def forget_deliveries(**_future: object) -> None:
    """Every hour: drop old notes of deliveries, and checks whose push never came."""
    actions.forget_deliveries(at=timezone.now())
    forget_early_checks(at=timezone.now())

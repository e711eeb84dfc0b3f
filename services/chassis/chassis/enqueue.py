"""Enqueue tasks that only reduce latency: their rows are due, and a periodic job finds them."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from celery import Task
from django.db import transaction
from structlog.contextvars import get_contextvars

log = structlog.get_logger()


def enqueue(task: Task[..., Any], **options: Any) -> None:
    """Enqueue the task, in one attempt: a page may wait for this. A failure of the broker is only logged.

    What the task logs has the id of the request.
    """
    if request_id := get_contextvars().get("request_id"):
        options["headers"] = {"request_id": request_id}
    try:
        task.apply_async(retry=False, **options)
    except Exception as error:  # noqa: BLE001 - Redis fails in many ways; the rows stay due
        log.warning("task_not_enqueued", task=task.name, error=f"{type(error).__name__}: {error}")


def enqueue_on_commit(task: Task[..., Any], **options: Any) -> None:
    """Enqueue the task after the transaction commits."""
    transaction.on_commit(partial(enqueue, task, **options))

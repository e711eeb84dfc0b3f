"""The Celery application of a service: one queue, named after it, and settings that are tested."""

from __future__ import annotations

from typing import Any

from celery import Celery
from django.conf import settings

# A message that a dead worker held is given out again after this long.
VISIBILITY_SECONDS = 120


def application(periodic: dict[str, dict[str, Any]]) -> Celery:
    """The service's Celery application; `periodic` is every periodic job with its interval."""
    app = Celery(settings.SERVICE)
    app.conf.update(
        broker_url=settings.BROKER_URL,
        broker_transport_options={
            "global_keyprefix": f"{settings.SERVICE}:",
            "visibility_timeout": VISIBILITY_SECONDS,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "health_check_interval": 10,
            # Whoever puts a message tries once: its row goes again. Workers reconnect for ever all the same.
            "max_retries": 0,
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=settings.SERVICE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_time_limit=60,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=10,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        timezone="UTC",
        beat_schedule=periodic,
        # Every periodic job may run twice or late, so the schedule needs no memory of its own.
        beat_scheduler="celery.beat:Scheduler",
    )
    app.autodiscover_tasks(["chassis.events"])
    app.autodiscover_tasks()
    return app

"""The Celery app of a service: one queue, named after the service, and the health of its worker."""

from __future__ import annotations

import ssl
import sys
import time
from datetime import timedelta
from typing import Any

import structlog
from celery import Celery, bootsteps
from celery.schedules import crontab
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from structlog.contextvars import bind_contextvars, unbind_contextvars

from chassis import health
from chassis.scheduler import interval_of, job_records

# For tasks that may wait: a worker takes events, which have priority 0, first.
LOW_PRIORITY = 9
# Seconds until a message of a dead worker is delivered again.
VISIBILITY_SECONDS = 120
# Maximum duration of a task (seconds). The solo pool enforces no limit; a worker that is stuck in a task
# while messages wait ends itself.
TASK_TIME_LIMIT = 30
# Seconds without a task, although messages wait and the broker answers, until the worker ends itself: after
# an acknowledgement that timed out it never takes a message again (celery issues 2415, 8030, 10302).
IDLE_RESTART_AFTER = 30.0
# Seconds after which an idle database connection is replaced.
MAX_IDLE = 5.0
# Lower limit of an interval after SCHEDULE_SCALE.
MIN_INTERVAL = timedelta(seconds=5)
# Periodic tasks of every service; an hour is in UTC.
SHARED_JOBS = {
    "chassis.events.tasks.prune_events": crontab(hour=19, minute=0),
    "chassis.idempotency.tasks.prune_idempotency_records": 3600.0,
}
log = structlog.get_logger()
# When the task that runs now started, and when one last ended, by time.monotonic().
_running: list[float] = []
_ended_at = [float("-inf")]


@task_prerun.connect
def _task_started(task: Any, **_: Any) -> None:
    _running[:] = [time.monotonic()]
    if request_id := getattr(task.request, "request_id", None):
        bind_contextvars(request_id=request_id)
    health.record_heartbeat("tasks")
    _renew_connection()
    if name := _job_of(task):
        job_records().record_start(name, at=timezone.now())


@task_postrun.connect
def _task_ended(task: Any, state: str, retval: Any, **_: Any) -> None:
    _running.clear()
    unbind_contextvars("request_id")
    health.record_heartbeat("tasks")
    if name := _job_of(task):
        error = "" if state == "SUCCESS" else f"{type(retval).__name__}: {retval}"
        job_records().record_end(name, at=timezone.now(), error=error)
    _ended_at[0] = time.monotonic()


def _renew_connection() -> None:
    """Replace a database connection that failed, or was idle for MAX_IDLE and may have been cut off.

    No health check is made: on a connection that was cut off it would wait for its timeout.
    """
    idle = time.monotonic() - _ended_at[0]
    if (connection.errors_occurred or idle > MAX_IDLE) and not connection.in_atomic_block:
        connection.close()


def _job_of(task: Any) -> str | None:
    """Return the name of the periodic job of this task, or None."""
    jobs = task.app.conf.beat_schedule.items()
    return next((name for name, entry in jobs if entry["task"] == task.name), None)


class WorkerHealth(bootsteps.StartStopStep):
    """Records the heartbeat of the worker, from the event loop that takes messages."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.app = parent.app
        health.watch("consumer", is_silence_expected=_runs_a_task)
        health.watch(
            "tasks",
            restart_after=IDLE_RESTART_AFTER,
            is_silence_expected=self.has_nothing_to_do,
            starts_healthy=True,
        )

    def start(self, parent: Any) -> None:
        parent.timer.call_repeatedly(5, self.record_heartbeat)
        self.record_heartbeat()

    def record_heartbeat(self) -> None:
        # No transaction is open between tasks. A connection that says otherwise was broken in one, and every
        # task would fail on it.
        if connection.in_atomic_block:
            del connections["default"]
        health.record_heartbeat("consumer")

    def has_nothing_to_do(self) -> bool:
        """Return True if the worker runs a task, the broker is unavailable, or the queue is empty."""
        try:
            return _runs_a_task() or waiting(self.app) == 0
        except Exception as error:  # noqa: BLE001 - the broker is away in one of a dozen ways
            log.warning("queue_not_seen", error=f"{type(error).__name__}: {error}")
            return True


def _runs_a_task() -> bool:
    return any(time.monotonic() - started < TASK_TIME_LIMIT for started in _running[:])


def waiting(app: Celery) -> int:
    """Return how many messages wait on the queues that this process consumes. Raises the broker's errors."""
    pool: Any = app.pool
    with pool.acquire(block=True) as broker:
        channel = broker.default_channel
        return sum(channel.queue_declare(queue=name).message_count for name in app.amqp.queues.consume_from)


def _scaled(when: Any) -> Any:
    if settings.SCHEDULE_SCALE == 1:
        return when
    return max(interval_of(when) / settings.SCHEDULE_SCALE, MIN_INTERVAL).total_seconds()


def tls_options(url: str) -> dict[str, Any] | None:
    """Return `broker_use_ssl` for a broker's URL. By rediss:// alone kombu verifies no certificate."""
    if not url.startswith("rediss://"):
        return None
    files = settings.BROKER_TLS
    options = {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        "ssl_ca_certs": files.get("ca"),
        "ssl_certfile": files.get("cert"),
        "ssl_keyfile": files.get("key"),
    }
    return {name: value for name, value in options.items() if value is not None}


def create_app(periodic: dict[str, float]) -> Celery:
    """Return the service's Celery app; `periodic` are its periodic tasks with their intervals in seconds.

    A job is named after its task's function.
    """
    app = Celery(settings.SERVICE)
    # Celery does so only if no other was made before; a thread that does not find it enqueues to nowhere.
    app.set_default()
    app.conf.update(
        broker_url=settings.BROKER_URL,
        broker_use_ssl=tls_options(settings.BROKER_URL),
        broker_transport_options={
            "global_keyprefix": f"{settings.SERVICE}:",
            "visibility_timeout": VISIBILITY_SECONDS,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "health_check_interval": 10,
            # A producer tries once: its row is sent again. Workers still reconnect without a limit.
            "max_retries": 0,
        },
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=settings.SERVICE,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        # Celery would close the database connection after each task; to connect costs more than most of them.
        CELERY_DB_REUSE_MAX=sys.maxsize,
        task_time_limit=TASK_TIME_LIMIT,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=10,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        timezone="UTC",
        beat_schedule={
            task.rpartition(".")[2]: {"task": task, "schedule": _scaled(interval)}
            for task, interval in {**periodic, **SHARED_JOBS}.items()
        },
        beat_scheduler="chassis.scheduler:Scheduler",
        beat_max_loop_interval=15,
    )
    app.steps["consumer"].add(WorkerHealth)
    app.autodiscover_tasks(["chassis.events"])
    app.autodiscover_tasks()
    return app

"""The Celery application of a service: one queue, named after it, and settings that are tested."""

from __future__ import annotations

import ssl
from typing import Any

from celery import Celery, beat, bootsteps
from django.conf import settings
from django.db import connection, connections

from chassis import pulse

# For tasks that may wait: a worker takes a message of theirs when no event is waiting. 0, the default, goes first.
LOW_PRIORITY = 9
# A message that a dead worker held is given out again after this long.
VISIBILITY_SECONDS = 120


class Pulse(bootsteps.StartStopStep):
    """The worker shows that it is going from the very loop that takes messages: a deaf one falls silent."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        parent.timer.call_repeatedly(5, self.show)
        self.show()

    def show(self) -> None:
        # Between two tasks no transaction is open. What says otherwise was left by a database that died in
        # one, and would fail every task from now on.
        if connection.in_atomic_block:
            del connections["default"]
        pulse.show()


class Scheduler(beat.Scheduler):
    """Celery's own, going visibly. Every job may run twice or late, so the schedule needs no memory."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        pulse.show()
        return super().tick(*args, **kwargs)


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


def application(periodic: dict[str, dict[str, Any]]) -> Celery:
    """The service's Celery application; `periodic` is every periodic job with its interval."""
    app = Celery(settings.SERVICE)
    app.conf.update(
        broker_url=settings.BROKER_URL,
        broker_use_ssl=tls_options(settings.BROKER_URL),
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
        beat_scheduler="chassis.queue:Scheduler",
        beat_max_loop_interval=15,
    )
    app.steps["consumer"].add(Pulse)
    app.autodiscover_tasks(["chassis.events"])
    app.autodiscover_tasks()
    return app

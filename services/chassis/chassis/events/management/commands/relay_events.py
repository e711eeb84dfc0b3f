from __future__ import annotations

import signal
import sys
import time
from typing import Any, cast

import structlog
from celery import current_app
from celery.beat import EmbeddedService
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from chassis import health
from chassis.events.relay import relay_batch
from chassis.events.tasks import saturated_queues, send

log = structlog.get_logger()


class Command(BaseCommand):
    """Send due events until SIGTERM; with --with-beat, also run Celery beat."""

    help = "Send due events to their consumers' queues until SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-beat", action="store_true", help="also run Celery beat")

    def handle(self, *args: Any, with_beat: bool, **options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            # Safe at any point: an interrupted batch is sent again.
            signal.signal(number, lambda *_: sys.exit(0))
        # It also runs while the database or the broker is unavailable, which a restart would not change.
        health.watch("relay loop", restart_after=health.RESTART_AFTER)
        health.watch("relay")
        if with_beat:
            EmbeddedService(
                current_app, thread=True, scheduler_cls=cast("Any", current_app).conf.beat_scheduler
            ).start()  # type: ignore[union-attr]
        log.info("relay_started", with_beat=with_beat)
        while True:
            health.record_heartbeat("relay loop")
            self.turn()

    def turn(self) -> None:
        try:
            sent = relay_batch(send, at=timezone.now(), full=saturated_queues())
            health.record_heartbeat("relay")
            if not sent:
                time.sleep(settings.RELAY_POLL)
        except Exception as error:  # noqa: BLE001
            # The database or the broker is unavailable. The rows stay due.
            log.warning("relay_failed", error=f"{type(error).__name__}: {error}")
            close_old_connections()
            time.sleep(1)

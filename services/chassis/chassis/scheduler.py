"""Celery's beat, by the records of when each job last started."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import structlog
from celery import beat
from celery.schedules import crontab
from django.db import DatabaseError, connection
from django.utils import timezone

from chassis import health

log = structlog.get_logger()


def job_records() -> Any:
    """Return chassis.jobs.records: this module is imported before the models are loaded."""
    return import_module("chassis.jobs.records")


class Scheduler(beat.Scheduler):
    """Celery's scheduler, but the last starts come from the job records.

    Without them a daily job would never run where beat restarts every day.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_read_records = False
        # In the relay it starts beside a running loop.
        health.watch("beat", restart_after=health.RESTART_AFTER, starts_healthy=True)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        health.record_heartbeat("beat")
        if not self._has_read_records:
            self._read_records()
        return super().tick(*args, **kwargs)

    def _ensure_connected(self) -> Any:
        """Wait for the broker. Celery's own wait logs nothing and may last 30 s too long."""

        def away(error: Exception, interval: float) -> None:
            health.record_heartbeat("beat")
            log.warning("beat_waits_for_broker", error=str(error), seconds=interval)

        return self.connection.ensure_connection(away, interval_start=1, interval_step=1, interval_max=5)

    def _read_records(self) -> None:
        now = timezone.now()
        try:
            job_records().register(self.schedule, at=now)
            starts = job_records().last_starts()
        except DatabaseError as error:
            log.warning("job_records_not_read", error=f"{type(error).__name__}: {error}")
            return
        finally:
            connection.close()
        for name, entry in self.schedule.items():
            entry.last_run_at = min(starts.get(name, entry.last_run_at), now)
        self._heap = None
        self._has_read_records = True


def interval_of(when: Any) -> timedelta:
    """Return the time between two runs of that schedule: seconds, or a crontab of minutes and hours."""
    if isinstance(when, crontab):
        times: Any = when
        return timedelta(days=1) / (len(times.hour) * len(times.minute))
    return timedelta(seconds=when)

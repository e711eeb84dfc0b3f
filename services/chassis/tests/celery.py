"""The stand-in's queue and its periodic jobs."""

from __future__ import annotations

from celery.schedules import crontab

from chassis.queue import application

app = application(
    periodic={"events": {"task": "chassis.events.tasks.prune_events", "schedule": crontab(hour=19, minute=0)}}
)

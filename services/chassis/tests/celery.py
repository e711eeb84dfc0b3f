"""The test service's queue and its periodic jobs."""

from __future__ import annotations

from celery.schedules import crontab

from chassis.celery_app import create_app

app = create_app(
    periodic={"events": {"task": "chassis.events.tasks.prune_events", "schedule": crontab(hour=19, minute=0)}}
)

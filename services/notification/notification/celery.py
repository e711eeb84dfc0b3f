"""Celery application of the notification service and its periodic jobs (seconds, or an hour in UTC)."""

from __future__ import annotations

from celery.schedules import crontab

from chassis.celery_app import create_app

app = create_app(
    periodic={
        "deliveries": {"task": "notification.delivery.tasks.send_due_deliveries", "schedule": 30.0},
        "exports": {"task": "chassis.personal_data.tasks.enqueue_due_exports", "schedule": 60.0},
        "events": {"task": "chassis.events.tasks.prune_events", "schedule": crontab(hour=19, minute=0)},
        "idempotency": {
            "task": "chassis.idempotency.tasks.prune_idempotency_records",
            "schedule": 3600.0,
        },
    }
)

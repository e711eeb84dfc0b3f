"""Celery app of the users service; periodic jobs with their interval (seconds) or hour (UTC)."""

from __future__ import annotations

from celery.schedules import crontab

from chassis.celery_app import create_app

app = create_app(
    periodic={
        "emails": {"task": "users.emails.tasks.send_due_emails", "schedule": 30.0},
        "keys": {"task": "users.keys.tasks.delete_retired", "schedule": 3600.0},
        "exports": {"task": "users.exports.tasks.delete_expired", "schedule": 3600.0},
        "signin": {"task": "users.signin.tasks.delete_expired", "schedule": 3600.0},
        "events": {"task": "chassis.events.tasks.prune_events", "schedule": crontab(hour=19, minute=0)},
        "idempotency": {
            "task": "chassis.idempotency.tasks.prune_idempotency_records",
            "schedule": 3600.0,
        },
    }
)

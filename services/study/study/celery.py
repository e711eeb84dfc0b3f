"""Celery app of the study service, with periodic jobs: interval in seconds, or hour in UTC."""

from __future__ import annotations

from celery.schedules import crontab

from chassis.celery_app import create_app

app = create_app(
    periodic={
        "owners": {"task": "study.submissions.tasks.find_owners", "schedule": 60.0},
        "links": {"task": "study.submissions.tasks.retry_links", "schedule": 60.0},
        "pushes": {"task": "study.submissions.tasks.compare_pushes", "schedule": 60.0},
        "pull_requests": {"task": "study.github.tasks.poll_pull_requests", "schedule": 60.0},
        "repository_polls": {"task": "study.github.tasks.discover_new_pull_requests", "schedule": 60.0},
        "deliveries": {"task": "study.github.tasks.delete_old_deliveries", "schedule": 3600.0},
        "exports": {"task": "chassis.personal_data.tasks.enqueue_due_exports", "schedule": 60.0},
        "events": {"task": "chassis.events.tasks.prune_events", "schedule": crontab(hour=19, minute=0)},
        "idempotency": {
            "task": "chassis.idempotency.tasks.prune_idempotency_records",
            "schedule": 3600.0,
        },
    }
)

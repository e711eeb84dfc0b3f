"""The notification service's queue, and every periodic job with its interval (seconds)."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notification.settings")
django.setup()

from chassis.queue import application  # noqa: E402

app = application(
    periodic={
        "deliveries": {"task": "notification.delivery.tasks.sweep", "schedule": 60.0},
        "exports": {"task": "notification.people.tasks.sweep", "schedule": 60.0},
    }
)

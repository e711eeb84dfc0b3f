"""The study service's queue, and every periodic job with its interval (seconds)."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "study.settings")
django.setup()

from chassis.queue import application  # noqa: E402

app = application(
    periodic={
        "exports": {"task": "study.people.tasks.sweep", "schedule": 60.0},
    }
)

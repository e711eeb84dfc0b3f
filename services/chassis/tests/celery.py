"""The test service's queue and its periodic jobs."""

from __future__ import annotations

from chassis.celery_app import create_app

app = create_app({})

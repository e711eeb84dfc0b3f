"""The study service's settings, whose periodic jobs come each two seconds."""

from __future__ import annotations

from datetime import timedelta

from chassis import celery_app
from study.settings import *  # noqa: F403 - a service as it is, but for the lines below

celery_app.MIN_INTERVAL = timedelta(seconds=2)
SCHEDULE_SCALE = 30

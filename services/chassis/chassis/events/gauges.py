"""Gauges of event delivery: open events, dead letters, queue length."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import close_old_connections
from django.db.models import Min
from django.utils import timezone
from django.utils.module_loading import import_string
from prometheus_client import Gauge

from chassis.celery_app import waiting
from chassis.events.models import DeadLetter, OutboxEvent


def expose() -> None:
    """Put every figure of settings.GAUGES (name → its function, whose docstring explains it) on /metrics."""
    for name, path in settings.GAUGES.items():
        function = import_string(path)
        Gauge(name, function.__doc__).set_function(partial(_read, function))


def _read(function: Callable[[], float]) -> float:
    close_old_connections()
    try:
        return function()
    except Exception:  # noqa: BLE001 - the database or the queue is away: the other figures are wanted then
        return math.nan


def oldest_open_seconds() -> float:
    """Seconds since the oldest event happened that a consumer has not acknowledged; 0 if all are."""
    oldest = OutboxEvent.objects.filter(acknowledged_at=None).aggregate(at=Min("occurred_at"))["at"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def dead_letters() -> int:
    """Events whose handler failed every attempt; the command `dead_letters` retries or drops them."""
    return DeadLetter.objects.given_up().count()


def queue_depth() -> int:
    """Messages on this service's queue."""
    return waiting(current_app)

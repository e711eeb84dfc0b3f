from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class EventsConfig(AppConfig):
    """Outbox, processed events and dead letters."""

    name = "chassis.events"

    def ready(self) -> None:
        if settings.METRICS_PORT:
            import_module("chassis.events.gauges").expose()

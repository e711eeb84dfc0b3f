from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class JobsConfig(AppConfig):
    """When each periodic job of the service last ran, and how."""

    name = "chassis.jobs"

    def ready(self) -> None:
        if settings.METRICS_PORT:
            import_module("chassis.jobs.metrics").expose()

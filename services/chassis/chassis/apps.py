from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from chassis import particles


class ChassisConfig(AppConfig):
    """What the three services share: authentication, events, jobs."""

    name = "chassis"

    def ready(self) -> None:
        particles.install()
        # Whatever started the process: what it enqueues goes to this service's queue, and beat has its jobs.
        import_module(settings.CELERY)
        if settings.METRICS_PORT:
            import_module("chassis.health").serve(settings.METRICS_PORT)

from __future__ import annotations

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """Outbox, inbox and parked events; the only tables of the chassis."""

    name = "chassis.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

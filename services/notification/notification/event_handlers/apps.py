from __future__ import annotations

from django.apps import AppConfig


class EventHandlersConfig(AppConfig):
    name = "notification.event_handlers"

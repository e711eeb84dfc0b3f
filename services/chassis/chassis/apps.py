from __future__ import annotations

from django.apps import AppConfig


class ChassisConfig(AppConfig):
    """The look and the plumbing that the three services share."""

    name = "chassis"

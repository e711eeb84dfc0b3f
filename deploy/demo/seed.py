"""Sample data for an empty installation: the cohort 느티 16기, six weeks after its start."""

from __future__ import annotations

from importlib import import_module

from django.db import transaction


def fill(service: str) -> None:
    """Fill the service's database if it is empty. Notification gets its data by events."""
    if service in {"users", "study"}:
        with transaction.atomic():
            import_module(f"seed_{service}").fill()

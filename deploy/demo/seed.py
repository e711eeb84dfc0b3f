"""A believable cohort in an empty installation: 느티 16기, six weeks in."""

from __future__ import annotations

from importlib import import_module

from django.db import transaction


def fill(service: str) -> None:
    """Fill the service's database if it is empty. Notification fills itself by what the others tell."""
    if service in {"users", "study"}:
        with transaction.atomic():
            import_module(f"seed_{service}").fill()

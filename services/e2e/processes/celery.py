"""The Celery application of study for processes.settings."""

from __future__ import annotations

from study.celery import app

__all__ = ["app"]

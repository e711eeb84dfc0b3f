"""The study service's queue, for its processes that run with processes.settings."""

from __future__ import annotations

from study.celery import app

__all__ = ["app"]

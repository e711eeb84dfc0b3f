"""The study service's settings, with a handler that never returns."""

from __future__ import annotations

from study.settings import *  # noqa: F403 - a service as it is, but for the line below

SUBSCRIPTIONS = "processes.stuck.SUBSCRIPTIONS"

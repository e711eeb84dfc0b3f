"""The notification service's settings, with handlers that count how often they took effect."""

from __future__ import annotations

from notification.settings import *  # noqa: F403 - a service as it is, but for the line below

SUBSCRIPTIONS = "kill.counting.SUBSCRIPTIONS"

from __future__ import annotations

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    """Makes a form or an API call that is sent twice take effect once."""

    name = "chassis.idempotency"
    label = "idempotency"

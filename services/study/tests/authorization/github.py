from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from study.github.actions.webhooks import create_webhook
from tests.authorization import operators
from tests.conftest import OLGA

ROWS = {
    "get_hook": operators(200),
    # There is one already.
    "create_hook": operators(409),
    "rotate_hook_secret": operators(200),
    "list_deliveries": operators(200),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    create_webhook(cohort=club.cohort, at=timezone.now(), by=OLGA)
    return {"cohort_id": club.cohort.id}

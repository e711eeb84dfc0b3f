from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from study.installations.models import GitHubApp
from tests.authorization import Row, operators

OWNERS = (401, 404, 404, 404, 404)
ROWS = {
    "get_github_app": Row((*OWNERS, 200)),
    # FIELD_KEY cannot decrypt its private key.
    "rotate_app_webhook_secret": Row((*OWNERS, 404)),
    "get_github_status": operators(200),
    "set_check_runs": operators(204, {"is_on": False}),
}


def create_rows(club: SimpleNamespace) -> dict[str, Any]:
    now = timezone.now()
    GitHubApp.objects.create(
        app_id=1, name="App", created_at=now, created_by=club.olga.account_id, client_changed_at=now
    )
    return {"cohort_id": club.cohort.id}

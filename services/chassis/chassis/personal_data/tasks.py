"""Celery tasks of exports."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from chassis.enqueue import enqueue, enqueue_on_commit
from chassis.personal_data import actions
from chassis.personal_data.client import put_section
from chassis.personal_data.models import Export

MAX_BATCH_SIZE = 20
# Between two runs of enqueue_due_exports.
INTERVAL_SECONDS = 60


@shared_task(acks_late=True, ignore_result=True)
def send_export(*, export_id: str, **_future: object) -> None:
    """Send one export to the users service."""
    actions.send_export(export_id=UUID(export_id), at=timezone.now(), put_section=put_section)


@shared_task(ignore_result=True)
def enqueue_due_exports(**_future: object) -> None:
    """Enqueue due exports: retries, and those whose task was lost. Runs every minute."""
    for export_id in Export.objects.due(timezone.now()).values_list("export_id", flat=True)[:MAX_BATCH_SIZE]:
        enqueue(send_export, **_options(export_id))


def enqueue_export_on_commit(export_id: UUID) -> None:
    """Enqueue `send_export` after the transaction commits."""
    enqueue_on_commit(send_export, **_options(export_id))


def _options(export_id: UUID) -> dict[str, object]:
    return {"kwargs": {"export_id": str(export_id)}, "expires": INTERVAL_SECONDS}

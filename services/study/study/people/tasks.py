"""Background tasks of exports."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from study.people import actions
from study.people.models import Export
from study.people.users import put_export

MAX_BATCH_SIZE = 20
SWEEP_SECONDS = 60
log = structlog.get_logger()


@shared_task(acks_late=True, ignore_result=True)
def send_export(*, export_id: str, **_future: object) -> None:
    """Send one export to users."""
    actions.send_export(export_id=UUID(export_id), at=timezone.now(), put=put_export)


@shared_task(ignore_result=True)
def sweep(**_future: object) -> None:
    """Enqueue due exports: retries, and those whose task was lost. Runs every minute."""
    for export_id in Export.objects.due(timezone.now()).values_list("export_id", flat=True)[:MAX_BATCH_SIZE]:
        _enqueue(export_id)


def enqueue_on_commit(export_id: UUID) -> None:
    """Enqueue the export after the transaction commits. The sweep finds lost tasks."""
    transaction.on_commit(partial(_enqueue, export_id))


def _enqueue(export_id: UUID) -> None:
    try:
        send_export.apply_async(kwargs={"export_id": str(export_id)}, expires=SWEEP_SECONDS, retry=False)
    except Exception as error:  # noqa: BLE001 - any broker error; the row stays due
        log.warning("export_enqueue_failed", error=f"{type(error).__name__}: {error}")

"""Periodic tasks of imports. The rows are the queue: an aborted run loses nothing and repeats nothing."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from chassis.enqueue import enqueue
from study.memberships.actions.invitees import delete_unused_addresses
from study.memberships.actions.requests import delete_old_requests
from study.roster import actions, queries

# Rows per task: another import, and other tasks, wait for its end.
BATCH_SIZE = 100
log = structlog.get_logger()


@shared_task(ignore_result=True)
def invite_people(**_future: object) -> None:
    """Every minute, and as an import starts: invite people of waiting rows; enqueue a task for the rest."""
    invited = 0
    for row_id in queries.rows_waiting(limit=BATCH_SIZE):
        try:
            invited += actions.invite_row(row_id=row_id, at=timezone.now())
        except DatabaseError:
            raise
        except Exception:
            # One row must not block the others.
            log.exception("row_not_invited", row_id=row_id)
    if invited and queries.rows_waiting(limit=1):
        enqueue(invite_people)


@shared_task(ignore_result=True)
def delete_old_people(**_future: object) -> None:
    """Every hour: delete old imports' results, unused addresses, and requests to join decided long ago."""
    at = timezone.now()
    for delete in (actions.delete_old_rows, delete_unused_addresses, delete_old_requests):
        for _count in delete(at=at):
            pass

"""The periodic task that publishes drafts at their time. The rows are the queue."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone

from study.announcements import actions, queries

# Drafts per run; the next run publishes the rest.
BATCH_SIZE = 100
log = structlog.get_logger()


@shared_task(ignore_result=True)
def publish_due_drafts(**_future: object) -> None:
    """Every minute: publish the announcements whose time has come."""
    for draft_id in queries.drafts_due(timezone.now(), limit=BATCH_SIZE):
        try:
            actions.publish_due_draft(draft_id=draft_id, at=timezone.now())
        except DatabaseError:
            raise
        except Exception:
            # One draft must not block the others.
            log.exception("draft_not_published", draft_id=str(draft_id))

"""Copy avatars from GitHub."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.utils import timezone

from users.avatars import actions, queries
from users.avatars.client import NoAnswer, download_avatar

log = structlog.get_logger()

MAX_BATCH = 50
# How long one task downloads: other tasks of the worker wait for its end.
BATCH_SECONDS = 5.0


@shared_task(ignore_result=True)
def copy_avatars(**_future: object) -> None:
    """Copy the avatars that are due, for up to BATCH_SECONDS and until GitHub does not answer.

    Runs every minute.
    """
    actions.delete_unlinked_avatars()
    ends = time.monotonic() + BATCH_SECONDS
    for account_id, github_id in queries.list_due(at=timezone.now(), limit=MAX_BATCH):
        try:
            content = download_avatar(github_id)
        except NoAnswer as error:
            log.warning("avatar_not_copied", account_id=str(account_id), reason=str(error))
            actions.postpone_avatar(account_id=account_id, github_id=github_id, at=timezone.now())
            return
        actions.store_avatar(account_id=account_id, github_id=github_id, content=content, at=timezone.now())
        if time.monotonic() > ends:
            return

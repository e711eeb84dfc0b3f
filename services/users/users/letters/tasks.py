"""Posting what is in the tray."""

from __future__ import annotations

import time
import uuid
from functools import partial
from typing import Any

import structlog
from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from users.letters import actions
from users.letters.models import Letter

log = structlog.get_logger()
# The worker has other things to do, and the next round is a minute away.
ROUND_SECONDS = 20


@shared_task(acks_late=True, ignore_result=True)
def deliver(*, letter_id: str, **later: object) -> None:
    """One letter, now."""
    actions.send(letter_id=uuid.UUID(letter_id), at=timezone.now(), post=post)


@shared_task(ignore_result=True)
def sweep(**later: object) -> None:
    """Every minute: whatever was not hurried, or failed and is due again."""
    until = time.monotonic() + ROUND_SECONDS
    for letter_id in Letter.objects.due(timezone.now()).values_list("id", flat=True)[:200]:
        deliver(letter_id=str(letter_id))
        if time.monotonic() > until:
            return


def hurry(letter_id: uuid.UUID) -> None:
    """Have the letter sent as soon as the transaction is through. Without a queue the sweep takes it."""
    transaction.on_commit(partial(_enqueue, letter_id))


def _enqueue(letter_id: uuid.UUID) -> None:
    # A page waits for this: one quick try, and what is not taken is swept up within a minute.
    try:
        with deliver.app.connection_for_write(transport_options={"max_retries": 0}) as queue:
            options: dict[str, Any] = {"connection": queue, "retry": False}
            deliver.apply_async(kwargs={"letter_id": str(letter_id)}, **options)
    except OperationalError as error:
        log.warning("letter_not_hurried", error=str(error))


def post(*, to: str, subject: str, text: str, html: str) -> None:
    """Hand the letter to the mail server. OSError (as smtplib's errors are) if it is not taken."""
    letter = EmailMultiAlternatives(subject, text, to=[to], headers={"Auto-Submitted": "auto-generated"})
    letter.attach_alternative(html, "text/html")
    letter.send()

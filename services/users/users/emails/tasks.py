"""Posting what is in the tray."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import structlog
from celery import shared_task
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from chassis.celery_app import LOW_PRIORITY
from users.emails import actions
from users.emails.models import OutboundEmail

log = structlog.get_logger()
# How long one task sends; what else the worker has to do waits for its end.
BATCH_SECONDS = 2.0
MAX_BATCH = 200


@shared_task(acks_late=True, ignore_result=True)
def send_due_emails(**_future: object) -> None:
    """Send what is due for BATCH_SECONDS, over one connection; if that was not all, go on in another task.

    Runs every half minute, for what was not hurried or is to be tried again, and after each letter written.
    """
    ends = time.monotonic() + BATCH_SECONDS
    connection = get_connection()
    try:
        for email_id in OutboundEmail.objects.due(timezone.now()).values_list("id", flat=True)[:MAX_BATCH]:
            actions.deliver_email(
                email_id=email_id, at=timezone.now(), send_email=partial(send_email, connection)
            )
            if time.monotonic() > ends:
                break
    finally:
        connection.close()
    if OutboundEmail.objects.due(timezone.now()).exists():
        _enqueue()


def enqueue_on_commit() -> None:
    """Have letters sent as soon as the transaction is through. Without a queue the next sweep does it."""
    transaction.on_commit(_enqueue)


def _enqueue() -> None:
    # A page waits for this: one quick try, and what is not taken is swept up within a minute.
    try:
        with send_due_emails.app.connection_for_write(transport_options={"max_retries": 0}) as queue:
            options: dict[str, Any] = {"connection": queue, "retry": False, "priority": LOW_PRIORITY}
            send_due_emails.apply_async(**options)
    except OperationalError as error:
        log.warning("email_not_enqueued", error=str(error))


def send_email(connection: BaseEmailBackend, *, to: str, subject: str, text: str, html: str) -> None:
    """Hand the letter to the mail server. OSError (as smtplib's errors are) if it is not taken."""
    message = EmailMultiAlternatives(subject, text, to=[to], headers={"Auto-Submitted": "auto-generated"})
    message.attach_alternative(html, "text/html")
    try:
        connection.open()
        connection.send_messages([message])
    except OSError:
        # It may be dead, so the next letter gets a new one.
        connection.close()
        raise

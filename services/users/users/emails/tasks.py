"""Send outbound email."""

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
# How long one task sends: other tasks of the worker wait for its end.
BATCH_SECONDS = 2.0
MAX_BATCH = 200


@shared_task(acks_late=True, ignore_result=True)
def send_due_emails(**_future: object) -> None:
    """Send due emails over one connection for up to BATCH_SECONDS; enqueue another task for the rest.

    Runs every 30 seconds, for retries and lost tasks, and after each transaction that stores an email.
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
    """Enqueue send_due_emails on commit. If the broker fails, the next periodic run sends."""
    transaction.on_commit(_enqueue)


def _enqueue() -> None:
    # A page waits for this: one try without retries; the periodic run sends what was not enqueued.
    try:
        with send_due_emails.app.connection_for_write(transport_options={"max_retries": 0}) as queue:
            options: dict[str, Any] = {"connection": queue, "retry": False, "priority": LOW_PRIORITY}
            send_due_emails.apply_async(**options)
    except OperationalError as error:
        log.warning("email_not_enqueued", error=str(error))


def send_email(connection: BaseEmailBackend, *, to: str, subject: str, text: str, html: str) -> None:
    """Send an email over the connection. OSError (smtplib's errors included) if the server refuses it."""
    message = EmailMultiAlternatives(subject, text, to=[to], headers={"Auto-Submitted": "auto-generated"})
    message.attach_alternative(html, "text/html")
    try:
        connection.open()
        connection.send_messages([message])
    except OSError:
        # The connection may be dead: the next email opens a new one.
        connection.close()
        raise

"""Send outbound email."""

from __future__ import annotations

import time
from functools import partial

from celery import shared_task
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from chassis.celery_app import LOW_PRIORITY
from chassis.enqueue import enqueue
from users.emails import actions
from users.emails.models import OutboundEmail

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
        enqueue(send_due_emails, priority=LOW_PRIORITY)


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

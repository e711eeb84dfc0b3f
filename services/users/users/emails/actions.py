"""Store outbound email in the transaction of the change it reports, and deliver it afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import DatabaseError, transaction

from chassis.crypto import decrypt, encrypt
from chassis.retry import backoff
from users.emails.models import OutboundEmail

log = structlog.get_logger()

# A worker that has claimed an email for this long is considered dead.
LEASE = timedelta(minutes=1)
# 1, 2, 4 … 256 minutes.
email_backoff = partial(backoff, first=timedelta(minutes=1), longest=timedelta(minutes=256))
# After the last attempt, hours after the first, the email is deleted.
MAX_ATTEMPTS = 10


@transaction.atomic
def create_email(*, to: str, subject: str, text: str, html: str, at: datetime) -> uuid.UUID:
    """Store an email to be sent. Return its id."""
    email = OutboundEmail.objects.create(
        to=to,
        subject=subject[:200],
        text_encrypted=encrypt(text),
        html_encrypted=encrypt(html),
        created_at=at,
        next_attempt_at=at,
    )
    return email.id


def deliver_email(*, email_id: uuid.UUID, at: datetime, send_email: Callable[..., None]) -> None:
    """Send an email unless another worker has claimed it. Sent at least once.

    `send_email(to=, subject=, text=, html=)` raises on failure; the email is then retried with backoff, as is
    one that cannot be decrypted, and deleted after MAX_ATTEMPTS.
    """
    row = OutboundEmail.objects.filter(id=email_id)
    if not row.claim(at=at, lease=LEASE):
        return
    email = row.get()
    try:
        send_email(
            to=email.to,
            subject=email.subject,
            text=decrypt(email.text_encrypted),
            html=decrypt(email.html_encrypted),
        )
    except DatabaseError:
        raise
    except Exception as error:
        if email.attempts < MAX_ATTEMPTS:
            log.warning("email_not_sent", email_id=str(email_id), attempts=email.attempts, error=str(error))
            row.update(next_attempt_at=at + email_backoff(email.attempts))
            return
        log.exception("email_abandoned", email_id=str(email_id))
    row.delete()

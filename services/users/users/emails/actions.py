"""Store outbound email in the transaction of the change it reports, and deliver it afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F

from chassis.crypto import decrypt, encrypt
from users.emails.models import OutboundEmail

log = structlog.get_logger()

# A worker that has claimed an email for this long is considered dead.
LEASE = timedelta(minutes=1)
# After the last try, hours after the first (see _reschedule), the email is deleted.
MAX_TRIES = 10

SendEmail = Callable[..., None]


@transaction.atomic
def create_email(*, to: str, subject: str, text: str, html: str, at: datetime) -> uuid.UUID:
    """Store an email to be sent. Return its id."""
    email = OutboundEmail.objects.create(
        to=to,
        subject=subject[:200],
        text_encrypted=encrypt(text),
        html_encrypted=encrypt(html),
        created_at=at,
        due_at=at,
    )
    return email.id


def deliver_email(*, email_id: uuid.UUID, at: datetime, send_email: SendEmail) -> None:
    """Send an email unless another worker has claimed it. Sent at least once.

    `send_email(to=, subject=, text=, html=)` raises on failure; the email is then retried with backoff.
    """
    if not OutboundEmail.objects.due(at).filter(id=email_id).update(due_at=at + LEASE, tries=F("tries") + 1):
        return
    email = OutboundEmail.objects.get(id=email_id)
    try:
        send_email(
            to=email.to,
            subject=email.subject,
            text=decrypt(email.text_encrypted),
            html=decrypt(email.html_encrypted),
        )
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - also an email that cannot be decrypted is retried, then deleted
        _reschedule(email, at=at, error=error)
    else:
        OutboundEmail.objects.filter(id=email_id).delete()


def _reschedule(email: OutboundEmail, *, at: datetime, error: Exception) -> None:
    if email.tries >= MAX_TRIES:
        log.error("email_abandoned", email_id=str(email.id), error=str(error))
        OutboundEmail.objects.filter(id=email.id).delete()
        return
    log.warning("email_not_sent", email_id=str(email.id), tries=email.tries, error=str(error))
    # 1, 2, 4 … 256 minutes.
    OutboundEmail.objects.filter(id=email.id).update(due_at=at + timedelta(minutes=1 << (email.tries - 1)))

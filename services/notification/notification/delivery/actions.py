"""Schedule, send, retry and fail deliveries, and invitations by email."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import structlog
from django.db import OperationalError, connection, transaction

from chassis.account_mirror.models import AccountMirror
from chassis.retry import DueQuerySet
from notification.delivery.models import Delivery, InvitationEmail, OutboundMessage
from notification.delivery.rules import (
    LEASE,
    MAX_ATTEMPTS,
    delivery_backoff,
    first_time_to_send,
    is_expired,
)
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS
from notification.outgoing.rules import PermanentDeliveryError, SkipDelivery, TransientDeliveryError
from notification.preferences.models import Preference
from notification.preferences.queries import quiet_hours
from notification.preferences.rules import CHANNELS, is_on_by_default

SendDelivery = Callable[[Delivery], None]
SendInvitation = Callable[[InvitationEmail], None]
Message = TypeVar("Message", bound=OutboundMessage)
BATCH_SIZE = 500
log = structlog.get_logger()


@transaction.atomic
def schedule_deliveries(
    *,
    notifications: Iterable[Notification],
    send_at: datetime,
    at: datetime,
) -> list[UUID]:
    """Create a delivery per notification and enabled channel, due at `send_at`; return the ids.

    `at` is now. What would be sent in the reader's quiet hours is sent when they end, or skipped if it is of
    no use then.
    """
    rows = list(notifications)
    account_ids = {row.account_id for row in rows}
    chosen = Preference.objects.filter(kind__in={row.kind for row in rows}).chosen(account_ids)
    quiet = quiet_hours(account_ids)
    zones = dict(AccountMirror.objects.filter(pk__in=account_ids).values_list("pk", "time_zone"))
    deliveries = []
    for row in rows:
        first_attempt = first_time_to_send(
            row, send_at, at=at, quiet=quiet[row.account_id], time_zone=zones.get(row.account_id, "")
        )
        deliveries += [
            Delivery(
                notification=row,
                channel=channel,
                next_attempt_at=first_attempt,
                skipped="" if first_attempt else "quiet",
            )
            for channel in CHANNELS
            if chosen.get((row.account_id, row.kind, channel), is_on_by_default(row.kind, channel))
        ]
    return [row.id for row in Delivery.objects.bulk_create(deliveries, batch_size=BATCH_SIZE)]


def deliver(*, delivery: Delivery, at: datetime, senders: Mapping[str, SendDelivery]) -> None:
    """Send a delivery of queries.due. Does nothing if it is no longer due or another worker claimed it.

    A repeat, or what waited for a worker, also waits for the end of the reader's quiet hours.
    """
    if delivery.time_to_send and delivery.time_to_send > at:
        # A conditional update, as the claim.
        unclaimed = Delivery.objects.filter(id=delivery.id, attempts=delivery.attempts).due(at)
        unclaimed.update(next_attempt_at=delivery.time_to_send)
        return
    attempt(row=delivery, at=at, send=senders[delivery.channel], skip_reason=partial(_skip_reason, at=at))


def attempt(
    *, row: Message, at: datetime, send: Callable[[Message], None], skip_reason: Callable[[Message], str]
) -> None:
    """Send a message that is due. Does nothing if it is no longer due or another worker claimed it.

    `skip_reason` returns why it must not be sent; "" if it may.

    At least once: no transaction is open while the channel sends. If a worker dies after the server accepted
    the message and before `sent_at` is committed, the claim expires and the message is sent again, with the
    same id.
    """
    if not _rows(row).filter(attempts=row.attempts).claim(at=at, lease=LEASE, claimed_at=at):
        return
    row.attempts, row.claimed_at = row.attempts + 1, at
    if row.attempts > MAX_ATTEMPTS:
        # The last attempt recorded no result: the worker was killed, or an unexpected error was logged.
        _finish(row, failed_at=at, error=row.error or "the last attempt recorded no result; see the log")
        return
    if reason := skip_reason(row):
        _finish(row, skipped=reason)
        return
    try:
        send(row)
    except SkipDelivery as error:
        _finish(row, skipped=error.reason)
    except PermanentDeliveryError as error:
        _finish(row, failed_at=at, error=str(error)[:500])
    except TransientDeliveryError as error:
        if row.attempts >= MAX_ATTEMPTS:
            _finish(row, failed_at=at, error=str(error)[:500])
        else:
            _reschedule(row, at=at, error=error)
    else:
        _mark_sent(row, at=at)


def _rows(row: OutboundMessage) -> DueQuerySet[Any]:
    return DueQuerySet(type(row)).filter(pk=row.pk)


def _mark_sent(row: OutboundMessage, *, at: datetime) -> None:
    try:
        _finish(row, sent_at=at, error="")
    except OperationalError:
        # Try a new database connection: a message that is not marked as sent is sent again.
        connection.close()
        _finish(row, sent_at=at, error="")


def _skip_reason(delivery: Delivery, *, at: datetime) -> str:
    """Return why a scheduled delivery must not be sent; "" if it may."""
    notification, is_on = delivery.notification, delivery.preference
    if is_on is None:
        is_on = is_on_by_default(notification.kind, delivery.channel)
    if not is_on:
        return "muted"
    if notification.read_at is not None:
        return "read"
    if is_expired(notification.context, at=at):
        return "expired"
    if delivery.has_submitted:
        return "submitted"
    if delivery.time_to_send is None:
        return "quiet"
    return "left" if delivery.has_left and KINDS[notification.kind].members_only else ""


def _finish(row: OutboundMessage, **fields: object) -> None:
    # Not conditional on our claim: a message that was sent is sent, even if the claim expired meanwhile.
    unfinished = _rows(row).filter(next_attempt_at__isnull=False)
    unfinished.update(next_attempt_at=None, claimed_at=None, **fields)


def _reschedule(row: OutboundMessage, *, at: datetime, error: TransientDeliveryError) -> None:
    # Conditional on our claim: after it expired, the worker with the new claim decides.
    wait = max(delivery_backoff(row.attempts), error.wait)
    claimed = _rows(row).filter(claimed_at=row.claimed_at)
    claimed.update(next_attempt_at=at + wait, claimed_at=None, error=str(error)[:500])


def record_reached(*, delivery: Delivery, reached: Sequence[str]) -> None:
    """Record what an attempt reached before it failed: the next one leaves that alone."""
    Delivery.objects.filter(id=delivery.id).update(reached=list(reached) or None)


@transaction.atomic
def retry_delivery(*, delivery: Delivery, at: datetime) -> None:
    """Make a failed delivery due again, with its attempts counted from 0. Idempotent."""
    Delivery.objects.failed().filter(id=delivery.id).update(
        next_attempt_at=at, failed_at=None, error="", attempts=0
    )


@transaction.atomic
def create_invitation_email(*, email_id: UUID, **fields: Any) -> None:
    """Store an invitation to be mailed; `fields` are those of InvitationEmail. Idempotent."""
    InvitationEmail.objects.get_or_create(id=email_id, defaults=fields)


def send_invitation(*, email: InvitationEmail, at: datetime, send: SendInvitation) -> None:
    """Send an invitation unless another worker has claimed it, and delete it. Sent at least once.

    Also deleted, with a line in the log: one that is over, that the server rejects, or that could not be sent
    in MAX_ATTEMPTS. Who invited sees that its link was not opened.
    """
    row = InvitationEmail.objects.filter(id=email.id, attempts=email.attempts)
    if not row.claim(at=at, lease=LEASE):
        return
    row, attempts = InvitationEmail.objects.filter(id=email.id), email.attempts + 1
    try:
        if email.expires_at <= at or attempts > MAX_ATTEMPTS:
            raise PermanentDeliveryError("not sent in time")
        send(email)
    except TransientDeliveryError as error:
        log.warning("invitation_not_sent", email_id=str(email.id), attempts=attempts, error=str(error))
        row.update(next_attempt_at=at + delivery_backoff(attempts))
        return
    except PermanentDeliveryError as error:
        log.warning("invitation_failed", email_id=str(email.id), error=str(error))
    row.delete()

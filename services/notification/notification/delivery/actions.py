"""Planning deliveries, carrying them out, and giving up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import F

from notification.delivery.models import Delivery, Outbound
from notification.delivery.rules import CLAIM_LASTS, TRIES, AddressRefused, ChannelDown, wait_after, why_not
from notification.inbox.models import Notification
from notification.inbox.rules import KINDS
from notification.mirrors.models import AccountMirror
from notification.preferences.models import Preference
from notification.preferences.rules import CHANNELS, by_default

Channel = Callable[[Delivery, AccountMirror], None]
BATCH = 500


@transaction.atomic
def plan(*, notifications: Iterable[Notification], at: datetime) -> list[UUID]:
    """A delivery wherever the recipients want this kind, which all of them have in common; return the ids."""
    rows = list(notifications)
    if not rows:
        return []
    kind = rows[0].kind
    planned = []
    for channel in CHANNELS:
        wanting = Preference.objects.wanting(
            (row.account_id for row in rows), kind=kind, channel=channel, default=by_default(kind, channel)
        )
        chosen = (row for row in rows if row.account_id in wanting)
        planned += [Delivery(notification=row, channel=channel, due_at=at) for row in chosen]
    return [row.id for row in Delivery.objects.bulk_create(planned, batch_size=BATCH)]


def deliver(*, outbound: Outbound, at: datetime, channels: Mapping[str, Channel]) -> None:
    """Carry out one delivery that is due. Does nothing if it no longer is, or if another worker claimed it.

    No transaction is open while the channel works. A worker that dies between the other side's "taken" and
    our note of it leaves a claim that lapses, and the message goes once more under the same Message-ID:
    that window is the only way to a second copy.
    """
    delivery, recipient = outbound.delivery, outbound.recipient
    # The conditional update is the lock: of several workers it answers 1 to one.
    claimed = Delivery.objects.due(at).filter(id=delivery.id, attempts=delivery.attempts)
    if not claimed.update(due_at=at + CLAIM_LASTS, claimed_at=at, attempts=F("attempts") + 1):
        return
    delivery.attempts, delivery.claimed_at = delivery.attempts + 1, at
    if delivery.attempts > TRIES:
        # Its claims keep lapsing: it kills whoever takes it up.
        _end(delivery, failed_at=at, error=delivery.error or "never came to an end")
        return
    if reason := _unwanted(outbound):
        _end(delivery, skipped=reason)
        return
    try:
        if recipient is None or not recipient.email:
            raise ChannelDown("no address has arrived yet")
        channels[delivery.channel](delivery, recipient)
    except AddressRefused as error:
        _end(delivery, failed_at=at, error=str(error)[:500])
    except ChannelDown as down:
        if delivery.attempts >= TRIES:
            _end(delivery, failed_at=at, error=str(down)[:500])
        else:
            _postpone(delivery, at=at, error=str(down)[:500])
    else:
        _note_as_sent(delivery, at=at)


def _note_as_sent(delivery: Delivery, *, at: datetime) -> None:
    try:
        _end(delivery, sent_at=at, error="")
    except OperationalError:
        # The database may answer on another connection. What is not noted is sent again.
        connection.close()
        _end(delivery, sent_at=at, error="")


def _unwanted(outbound: Outbound) -> str:
    delivery, note = outbound.delivery, outbound.delivery.notification
    default = by_default(note.kind, delivery.channel)
    wanted = default if outbound.choice is None else outbound.choice
    has_left = KINDS[note.kind].within and outbound.has_left
    return why_not(muted=not wanted, read=note.read_at is not None, left=has_left)


def _end(delivery: Delivery, **fields: object) -> None:
    # Not tied to our claim: what was sent is sent, even if the claim had lapsed meanwhile.
    open_ones = Delivery.objects.filter(id=delivery.id, due_at__isnull=False)
    open_ones.update(due_at=None, claimed_at=None, **fields)


def _postpone(delivery: Delivery, *, at: datetime, error: str) -> None:
    # Tied to our claim: who took it over after it lapsed decides.
    mine = Delivery.objects.filter(id=delivery.id, claimed_at=delivery.claimed_at)
    mine.update(due_at=at + wait_after(delivery.attempts), claimed_at=None, error=error)


@transaction.atomic
def try_again(*, delivery: Delivery, at: datetime) -> None:
    """Put a delivery that was given up back on its way, with all its tries. Twice is the same as once."""
    Delivery.objects.failed().filter(id=delivery.id).update(due_at=at, failed_at=None, error="", attempts=0)

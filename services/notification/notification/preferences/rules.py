"""Channels outside the inbox, quiet hours, and signed unsubscribe links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notification.inbox.rules import KINDS

EMAIL = "email"
PUSH = "push"
# The inbox is not listed: it cannot be turned off.
CHANNELS: dict[str, str | Promise] = {EMAIL: _("Email"), PUSH: _("Push")}

# Longer ones leave hardly a time of the day at which anything is sent.
MAX_QUIET = timedelta(hours=16)

# A separator that no mail client takes for the end of a URL.
_signer = Signer(salt="notification.unsubscribe", sep="~")


def is_on_by_default(kind: str, channel: str) -> bool:
    """Return the default of a kind and channel without a stored preference."""
    return channel == EMAIL and KINDS[kind].email_by_default


@dataclass(frozen=True)
class QuietHours:
    """From `starts` until before `ends` on the reader's clock, maybe of the next day; at most MAX_QUIET."""

    starts: time
    ends: time

    @property
    def length(self) -> timedelta:
        """Return the length on a day without a clock change; zero if both are equal."""
        day = date(2000, 1, 1)
        length = datetime.combine(day, self.ends) - datetime.combine(day, self.starts)
        return length % timedelta(days=1)

    def around(self, instant: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """Return when the quiet hours that contain the instant begin and end; None if none do."""
        for starts, ends in self._near(instant, zone):
            if starts <= instant < ends:
                return starts, ends
        return None

    def _near(self, instant: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        if not self.length:
            return
        today = instant.astimezone(zone).date()
        for days in (-1, 0):
            first = today + timedelta(days=days)
            last = first if self.ends > self.starts else first + timedelta(days=1)
            # As instants: on the day of a clock change an hour of the day is missing, or comes twice.
            yield (
                datetime.combine(first, self.starts, zone).astimezone(instant.tzinfo),
                datetime.combine(last, self.ends, zone).astimezone(instant.tzinfo),
            )


NO_QUIET_HOURS = QuietHours(time(), time())


def time_to_send(
    due: datetime, *, at: datetime, quiet: QuietHours | None, zone: tzinfo, deadline: datetime | None = None
) -> datetime | None:
    """Return when to send what is due since `due`; `at` is now, and None means never: it is in the inbox.

    In quiet hours that is when they end, unless the deadline that it reminds of has passed then. Study
    announces in the evening before what would otherwise be due at night.
    """
    around = quiet.around(at, zone) if quiet else None
    if around is None:
        return due
    _starts, ends = around
    return ends if deadline is None or ends < deadline else None


def unsubscribe_token(account_id: UUID, kind: str) -> str:
    """Return the token of an unsubscribe link. It never expires: people keep emails for years."""
    return _signer.sign(f"{account_id.hex}.{kind}")


def parse_unsubscribe_token(token: str) -> tuple[UUID, str] | None:
    """Return account and kind of a token; None if the signature is wrong or the kind unknown."""
    try:
        account, _dot, kind = _signer.unsign(token).partition(".")
        account_id = UUID(account)
    except (BadSignature, ValueError):
        return None
    return (account_id, kind) if kind in KINDS else None

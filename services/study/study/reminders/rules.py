"""Which reminder of a mission a member should get, when reviewers get their digest, what chats get. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from look.templatetags.tags import moment_text
from study.missions.models import Mission
from study.reminders.models import Reminder, ReminderKind

# How long before the deadline members are reminded of it; the shortest first.
WINDOWS = {"3h": timedelta(hours=3), "24h": timedelta(hours=24)}
# How long after its opening a mission is new; a member who gets it to do later, such as a new one, finds it
# under "This week".
OPENING_PERIOD = timedelta(hours=24)
# A reminder that would be due at night, on the member's clock, is due in the evening before.
EVENING, NIGHT_STARTS, NIGHT_ENDS = time(22, 30), time(23), time(8)
DEFAULT_TIME_ZONE = "Asia/Seoul"
DIGEST_TIME = time(9)
# How long after DIGEST_TIME a digest is still sent, if it could not be sent before.
DIGEST_PERIOD = timedelta(hours=6)


def next_reminder(
    *,
    opens_at: datetime,
    due_at: datetime,
    is_handed_in: bool,
    sent: Sequence[Reminder],
    time_zone: str,
    at: datetime,
) -> tuple[ReminderKind, str] | None:
    """Return kind and window of the reminder that a member should get at `at`, or None.

    `due_at` is the deadline that binds the member, whose clock is in `time_zone`; `sent` are their reminders
    of the mission, oldest first.

    At most one is due at a time: a member who was notified of this deadline since its window began, by any
    reminder, is not reminded again in the window. What came before another deadline was in force does not
    count. KNOWN is recorded and not sent.
    """
    if is_handed_in or not opens_at <= at < due_at:
        return None
    # An opening that was postponed after the members were notified is a new one.
    if at - opens_at < OPENING_PERIOD and not any(row.created_at >= opens_at for row in sent):
        return ReminderKind.OPENED, _number(sent, ReminderKind.OPENED, due_at)
    if sent and sent[-1].due_at != due_at:
        return ReminderKind.MOVED, _number(sent, ReminderKind.MOVED, due_at)
    starts = {name: _before_night(due_at - period, zone_of(time_zone)) for name, period in WINDOWS.items()}
    window = next((name for name, start in starts.items() if at >= start), "")
    if window and not _is_notified(sent, due_at=due_at, since=starts[window]):
        return ReminderKind.DUE, window
    return None if sent else (ReminderKind.KNOWN, "")


def _number(sent: Sequence[Reminder], kind: ReminderKind, due_at: datetime) -> str:
    """Return "", or "2" and so on for another reminder of the kind with the same deadline."""
    before = sum(row.kind == kind and row.due_at == due_at for row in sent)
    return str(before + 1) if before else ""


def _is_notified(sent: Sequence[Reminder], *, due_at: datetime, since: datetime) -> bool:
    newest = takewhile(lambda row: row.due_at == due_at, reversed(sent))
    return any(row.created_at >= since and row.kind != ReminderKind.KNOWN for row in newest)


def _before_night(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant; if it is at night in the zone, EVENING before."""
    local = instant.astimezone(zone)
    if NIGHT_ENDS <= local.time() < NIGHT_STARTS:
        return instant
    day = local.date() if local.time() >= NIGHT_STARTS else local.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, zone).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of that name; DEFAULT_TIME_ZONE if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(DEFAULT_TIME_ZONE)


def digest_time(time_zone: str, at: datetime) -> datetime | None:
    """Return 09:00 of the day in the zone if the digest may be sent at `at`, else None."""
    zone = zone_of(time_zone)
    nine = datetime.combine(at.astimezone(zone).date(), DIGEST_TIME, zone)
    return nine if nine.astimezone(UTC) <= at < nine.astimezone(UTC) + DIGEST_PERIOD else None


def chat_text(mission: Mission, *, unsubmitted: int, members: int, url: str) -> str:
    """Return how many have not submitted a mission, read with its cohort, for a chat: without names."""
    count = ngettext(
        "%(unsubmitted)d of %(members)d has not submitted it yet.",
        "%(unsubmitted)d of %(members)d have not submitted it yet.",
        unsubmitted,
    )
    # A chat has many readers: the clock is the cohort's.
    with timezone.override(mission.cohort.time_zone):
        due = _("Deadline: %(due)s") % {"due": moment_text(mission.due_at)}
    head = f"[{mission.cohort.title}] {mission.title}"
    return "\n".join([head, count % {"unsubmitted": unsubmitted, "members": members}, due, "", url])

"""Compute a member's deadline, with the steps that lead to it, and a mission's display status."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from study.missions.models import CompletedBy, Extension

LAST_MINUTE = time(23, 59)
MAX_EXTENSION_HOURS = 30 * 24
# With one of these there is nothing left to submit.
COMPLETED = {"merged", "completed", "released"}
# Every status of display_status.
STATUSES = [
    *("not_yet", "missing", "waiting", "changes_requested", "resubmitted", "approved", "merged", "closed"),
    *("late", "released", "reverted", "completed"),
]


@dataclass(frozen=True)
class Step:
    """One line of the sum: an instant that was set, or hours that were added and their reason."""

    label: str | Promise
    at: datetime | None = None
    hours: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Deadline:
    """The deadline that binds a person, and the steps to it in their order. The result itself is `at`."""

    at: datetime
    steps: tuple[Step, ...]

    @property
    def is_extended(self) -> bool:
        """Whether an extension is part of the sum."""
        return any(step.hours for step in self.steps)

    @property
    def without_extension(self) -> datetime:
        """The deadline without the hours of an extension."""
        return self.at - timedelta(hours=sum(step.hours for step in self.steps))


def effective_deadline(
    *, base: datetime, part: datetime | None = None, extension: Extension | None = None
) -> Deadline:
    """The deadline that counts: the later of everyone's and the part's own, and the extension's hours on top.

    The later one wins, so moving everyone's deadline on never leaves a part behind. Hours are hours that
    pass, also over a change of clocks. The result is in UTC.
    """
    at = deadline_at(base, part, extension.hours if extension else None)
    steps = [Step(_("Deadline for everyone"), at=base)]
    if part is not None:
        steps.append(Step(_("Deadline of the part"), at=part))
    if extension is not None:
        steps.append(Step(_("Extension"), hours=extension.hours, reason=extension.reason))
    return Deadline(at=at, steps=tuple(steps))


def deadline_at(base: datetime, part: datetime | None, extension_hours: int | None) -> datetime:
    """Return the instant of effective_deadline."""
    at = base.astimezone(UTC)
    if part is not None:
        at = max(at, part.astimezone(UTC))
    return at + timedelta(hours=extension_hours or 0)


def deadline_from_row(row: Any, *, base: datetime) -> Deadline:
    """Return the deadline from a row with the columns of `models.deadline_annotations`. No query."""
    extension = None
    if row.extension_hours:
        extension = Extension(hours=row.extension_hours, reason=row.extension_reason)
    return effective_deadline(base=base, part=row.part_deadline_at, extension=extension)


def hours_until(until: datetime, *, deadline: Deadline) -> int:
    """Return how many hours an extension must have from the deadline to `until`, whole ones, rounded up.

    0 if the deadline is not before it.
    """
    return max(0, math.ceil((until - deadline.at) / timedelta(hours=1)))


def latest_extension(deadline: Deadline) -> datetime:
    """Return until when an extension can reach: 30 days after the deadline without one."""
    return deadline.without_extension + timedelta(hours=MAX_EXTENSION_HOURS)


def may_request_extension(*, status: str, opens_at: datetime, deadline: Deadline, at: datetime) -> bool:
    """Return whether more time can be of use: the mission is open, not completed, and not long past.

    `status` is what display_status returns. Also after the deadline, since what is late is accepted.
    """
    return status not in COMPLETED and opens_at <= at < latest_extension(deadline)


def seconds_late(received_at: datetime, due_at: datetime) -> int:
    """How late, in seconds begun. The very instant of the deadline is in time: 0."""
    return max(0, math.ceil((received_at.astimezone(UTC) - due_at.astimezone(UTC)).total_seconds()))


def is_after_deadline(received_at: datetime | None, due_at: datetime) -> bool:
    """Whether something came after the deadline; nothing that came did not."""
    return received_at is not None and received_at > due_at


def is_handed_in(state: str, *, reviewed: bool) -> bool:
    """Whether there is work to grade; a closed or reverted one counts only if it was reviewed.

    `state` is the submission's.
    """
    return reviewed or state not in {"closed", "reverted"}


def week_opens(starts_on: date, zone: str) -> datetime:
    """The first instant of the week's first day in that zone, in UTC."""
    return datetime.combine(starts_on, time(), ZoneInfo(zone)).astimezone(UTC)


def week_deadline(starts_on: date, zone: str) -> datetime:
    """23:59 on the week's last day, the seventh, in that zone; in UTC."""
    return datetime.combine(starts_on + timedelta(days=6), LAST_MINUTE, ZoneInfo(zone)).astimezone(UTC)


def display_status(
    *,
    state: str | None,
    received_at: datetime | None,
    released: bool,
    opens_at: datetime,
    due_at: datetime,
    at: datetime,
) -> str:
    """Return the status of a mission for a member. `state` is the submission's, None without one.

    `received_at` is when its first attempt counts; it is late if that is after `due_at`, the deadline in
    force now. `released` is whether a review was released, where that completes the mission.

    What the member must act on, or is over, takes precedence; lateness shows while it waits; a mission
    is missing only once the member's deadline has passed.
    """
    if state is None:
        return "missing" if at > due_at and at >= opens_at else "not_yet"
    if state in {"merged", "changes_requested", "closed", "reverted", "completed"}:
        return state
    if released:
        return "released"
    return "late" if is_after_deadline(received_at, due_at) and state != "approved" else state


def mission_status(row: Any, *, deadline: Deadline, at: datetime) -> str:
    """Return display_status of a mission that was read `for_membership`. No query."""
    return display_status(
        state=row.submission_state,
        received_at=row.submission_received_at,
        released=row.submission_released_at is not None and row.completed_by != CompletedBy.APPROVAL,
        opens_at=row.opens_at,
        due_at=deadline.at,
        at=at,
    )

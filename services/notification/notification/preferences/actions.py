"""Update and delete preferences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from notification.inbox.rules import KINDS
from notification.preferences.models import Preference, QuietHoursChoice
from notification.preferences.rules import CHANNELS, MAX_QUIET, QuietHours


class NoSuchChoice(DomainError):
    code = "no_such_choice"
    title = _("There is no such kind of notification or channel.")
    status = 400


class QuietHoursTooLong(DomainError):
    code = "quiet_hours_too_long"
    title = _("Quiet hours can last %(hours)d hours at most.")
    status = 400


@transaction.atomic
def update_preferences(*, account_id: UUID, choices: Mapping[tuple[str, str], bool]) -> None:
    """Set (kind, channel) → on; keep the rest. NoSuchChoice for an unknown kind or channel."""
    if any(kind not in KINDS or channel not in CHANNELS for kind, channel in choices):
        raise NoSuchChoice
    Preference.objects.bulk_create(
        [
            Preference(account_id=account_id, kind=kind, channel=channel, on=on)
            for (kind, channel), on in sorted(choices.items())
        ],
        update_conflicts=True,
        update_fields=["on"],
        unique_fields=_unique_fields(),
    )


def _unique_fields() -> list[str] | None:
    # MySQL checks every unique key and does not accept a conflict target.
    if connection.features.supports_update_conflicts_with_target:
        return ["account_id", "kind", "channel"]
    return None


@transaction.atomic
def delete_preferences(*, account_id: UUID) -> None:
    """Delete all preferences of the account."""
    Preference.objects.filter(account_id=account_id).delete()
    QuietHoursChoice.objects.filter(account_id=account_id).delete()


@transaction.atomic
def update_quiet_hours(*, account_id: UUID, starts: time, ends: time) -> QuietHoursChoice:
    """Set the account's quiet hours, for what is scheduled from now on; none if both are equal.

    Raises QuietHoursTooLong.
    """
    starts, ends = (time_of_day.replace(second=0, microsecond=0) for time_of_day in (starts, ends))
    if QuietHours(starts, ends).length > MAX_QUIET:
        raise QuietHoursTooLong(field="ends", hours=int(MAX_QUIET.total_seconds() // 3600))
    hours = {"starts": starts, "ends": ends}
    choice, _is_new = QuietHoursChoice.objects.update_or_create(account_id=account_id, defaults=hours)
    return choice

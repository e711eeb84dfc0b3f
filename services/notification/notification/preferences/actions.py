"""Update and delete preferences."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from chassis.errors import DomainError
from notification.inbox.rules import KINDS
from notification.preferences.models import Preference
from notification.preferences.rules import CHANNELS


class NoSuchChoice(DomainError):
    code = "no_such_choice"
    title = _("There is no such kind of notification or channel.")
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

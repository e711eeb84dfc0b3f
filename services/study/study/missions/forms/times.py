"""Which moments a deadline may be at."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def validate_year(at: datetime) -> None:
    """A validator: a slip of the finger in the year is refused, before a clock somewhere overflows."""
    if not EARLIEST <= at < LATEST:
        raise ValidationError(_("Choose a day from 2000 to 2099."))

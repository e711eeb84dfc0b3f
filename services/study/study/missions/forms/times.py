"""The range of valid deadlines."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def validate_year(at: datetime) -> None:
    """Validate that the year is plausible, so that a typo does not overflow a date somewhere."""
    if not EARLIEST <= at < LATEST:
        raise ValidationError(_("Choose a day from 2000 to 2099."))

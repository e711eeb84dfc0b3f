"""Until when a review can be withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta

from study.reviews.models import Review

# How long after its release a review can be withdrawn.
WITHDRAWAL_PERIOD = timedelta(minutes=5)


def withdrawable_until(review: Review | None) -> datetime | None:
    """Return until when the newest version of a review can be withdrawn; None if it is a draft or missing."""
    return review.released_at + WITHDRAWAL_PERIOD if review and review.released_at else None

"""Until when a review can be withdrawn, and when it is saved as it is typed."""

from __future__ import annotations

from datetime import datetime, timedelta

from study.reviews.models import Review
from study.submissions.models import Submission

# How long after its release a review can be withdrawn.
WITHDRAWAL_PERIOD = timedelta(minutes=5)


def withdrawable_until(review: Review | None) -> datetime | None:
    """Return until when the newest version of a review can be withdrawn; None if it is a draft or missing."""
    return review.released_at + WITHDRAWAL_PERIOD if review and review.released_at else None


def is_saved_as_typed(submission: Submission, newest: Review | None) -> bool:
    """Return True if the page may save the newest version of the review, or begin one, as it is typed.

    It begins none while nothing has come since the release: that could not be withdrawn any more. A mission
    that only GitHub completes still waits then.
    """
    if newest and newest.released_at is None:
        return True
    released_at = newest.released_at if newest else None
    return submission.awaits_review and (released_at is None or submission.waiting_since > released_at)

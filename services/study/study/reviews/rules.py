"""Distribute submissions among mentors; until when a review can be withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from study.cohorts.models import Membership
from study.reviews.models import Review
from study.submissions.models import Submission

# How long after its release a review can be withdrawn.
WITHDRAWAL_PERIOD = timedelta(minutes=5)


def withdrawable_until(review: Review | None) -> datetime | None:
    """Return until when the newest version of a review can be withdrawn; None if it is a draft or missing."""
    return review.released_at + WITHDRAWAL_PERIOD if review and review.released_at else None


def distribute_evenly(
    mentors: Sequence[Membership], submissions: Sequence[Submission], *, load: Mapping[UUID, int]
) -> Mapping[UUID, UUID]:
    """Return the mentor's account by submission, in the order given: always the one with the least load.

    `load` is how many submissions wait for each account now. A mentor of the author's part goes before one of
    no part, and that before one of another part, who is chosen only if there is nobody else; nobody reviews
    themselves. Ties fall to the smaller id, so the same input gives the same result. A submission that nobody
    may review is left out.
    """
    load = {mentor.account_id: load.get(mentor.account_id, 0) for mentor in mentors}
    assigned: dict[UUID, UUID] = {}
    for submission in submissions:
        part_id = submission.membership.part_id
        able = [mentor for mentor in mentors if mentor.account_id != submission.account_id]
        near = [mentor for mentor in able if mentor.part_id in {None, part_id}] or able
        own = [mentor for mentor in near if mentor.part_id == part_id] or near
        if own:
            chosen = min(own, key=lambda mentor: (load[mentor.account_id], mentor.account_id)).account_id
            assigned[submission.id] = chosen
            load[chosen] += 1
    return assigned

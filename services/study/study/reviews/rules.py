"""Distribute submissions among mentors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Mentor:
    """A mentor, the part that they look after (None: any), and how much waits for them now."""

    account_id: UUID
    part_id: UUID | None
    load: int


@dataclass(frozen=True)
class Unassigned:
    """A submission without a mentor, and its author's account and part."""

    submission_id: UUID
    author_id: UUID
    part_id: UUID | None


def distribute_evenly(mentors: Sequence[Mentor], waiting: Sequence[Unassigned]) -> Mapping[UUID, UUID]:
    """A mentor for each submission, in the order given: always the one with least to do.

    A mentor of the author's part goes before one of no part, and that before one of another part, which
    is only asked when there is nobody else; nobody reviews themselves. Ties fall to the smaller id, so the
    same input gives the same answer. A submission that nobody may take is left out.
    """
    load = {mentor.account_id: mentor.load for mentor in mentors}
    assigned: dict[UUID, UUID] = {}
    for submission in waiting:
        able = [mentor for mentor in mentors if mentor.account_id != submission.author_id]
        near = [mentor for mentor in able if mentor.part_id in {None, submission.part_id}] or able
        own = [mentor for mentor in near if mentor.part_id == submission.part_id] or near
        if own:
            chosen = min(own, key=lambda mentor: (load[mentor.account_id], mentor.account_id)).account_id
            assigned[submission.submission_id] = chosen
            load[chosen] += 1
    return assigned

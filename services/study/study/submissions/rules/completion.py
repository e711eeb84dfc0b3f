"""What completes a submission without a review in Seodang (docs/adr/0044)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from study.github.models import EventKind, TimelineEvent
from study.missions.models import CompletedBy
from study.submissions.models import Attempt
from study.submissions.rules.status import newest_verdict


@dataclass(frozen=True)
class Completion:
    """Since when a submission is complete, and the approval or merge that did it: None for neither."""

    at: datetime
    event: TimelineEvent | None = None


def compute_completion(
    completed_by: CompletedBy,
    events: Iterable[TimelineEvent],
    attempts: Sequence[Attempt],
    *,
    current: Attempt,
    is_personal: bool,
    author_ids: Collection[int],
) -> Completion | None:
    """Return what completes the submission of a pull request that is not reverted; None while nothing does.

    `events` are its merge, the reviews that count, and their dismissals, in any order; none is by the author
    as a mentor or operator. `attempts` are by number, `current` is the head's; `author_ids` are the author's
    GitHub ids.

    As on GitHub, an approval stays when commits are pushed, until it is dismissed or changes are requested.
    """
    if completed_by == CompletedBy.SUBMISSION:
        return Completion(attempts[0].received_at)
    if completed_by == CompletedBy.REVIEW:
        return None
    events = list(events)
    verdict = newest_verdict(events, attempts=attempts, current=current) or newest_verdict(events)
    completing = [
        event
        for event in events
        if (event == verdict and event.kind == EventKind.APPROVED)
        or (event.kind == EventKind.MERGED and _counts(event, is_personal=is_personal, author_ids=author_ids))
    ]
    first = min(completing, key=lambda event: (event.at, event.key), default=None)
    return Completion(first.at, first) if first else None


def _counts(merge: TimelineEvent, *, is_personal: bool, author_ids: Collection[int]) -> bool:
    """Return whether a merge completes.

    In a shared repository, GitHub lets only people with write access merge. A personal one is its owner's.
    """
    if merge.actor_id is None or merge.actor_id in author_ids:
        return False
    return merge.is_authorised_review or not is_personal

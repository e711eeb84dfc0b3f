"""The status of a submission, from everything known, in whichever order it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from study.github.models import EventKind, PullRequest, TimelineEvent
from study.submissions.models import Attempt, State

_VERDICTS = {EventKind.APPROVED: State.APPROVED, EventKind.CHANGES_REQUESTED: State.CHANGES_REQUESTED}


def current_attempt(head_sha: str, attempts: Sequence[Attempt]) -> Attempt:
    """Return the attempt to review now: the head's, also where the branch came back to it."""
    return next((attempt for attempt in attempts if attempt.head_sha == head_sha), attempts[-1])


def compute_state(
    pull_request: PullRequest, reviews: Iterable[TimelineEvent], attempts: Sequence[Attempt]
) -> State:
    """Return the submission's state.

    `reviews` are those that count and their dismissals, in any order; `attempts` are by number, at least one.
    """
    if pull_request.state == "merged":
        return State.MERGED
    if pull_request.state == "closed":
        return State.CLOSED
    verdict = _newest_verdict(reviews, attempts, current_attempt(pull_request.head_sha, attempts))
    return verdict or (State.RESUBMITTED if len(attempts) > 1 else State.WAITING)


def awaits_review(
    pull_request: PullRequest, state: State, attempts: Sequence[Attempt], released_at: datetime | None
) -> bool:
    """Return True if the current attempt still needs a review; `released_at` is the newest release's."""
    current = current_attempt(pull_request.head_sha, attempts)
    # A head that was pushed before the release and reached us after it was not reviewed.
    recorded_at = max(current.received_at, current.recorded_at or current.received_at)
    is_reviewed = released_at is not None and released_at >= recorded_at
    return not (pull_request.draft or is_reviewed or state in {State.CLOSED, State.CHANGES_REQUESTED})


def _newest_verdict(
    reviews: Iterable[TimelineEvent], attempts: Sequence[Attempt], current: Attempt
) -> State | None:
    """Return the state that the newest review of the current attempt leads to, or None."""
    reviews = sorted(reviews, key=lambda review: (review.at, review.key), reverse=True)
    dismissed = {
        review.key.removeprefix("dismissed:")
        for review in reviews
        if review.kind == EventKind.REVIEW_DISMISSED
    }
    known = {attempt.head_sha for attempt in attempts}
    for review in reviews:
        if review.kind not in _VERDICTS or review.key.removeprefix("review:") in dismissed:
            continue
        # GitHub names the commit that was reviewed. Only where that is none of the attempts do clocks decide,
        # since theirs and ours differ.
        is_later = review.sha not in known and review.at >= current.received_at
        if review.sha == current.head_sha or is_later:
            return _VERDICTS[EventKind(review.kind)]
    return None

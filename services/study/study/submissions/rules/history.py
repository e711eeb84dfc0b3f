"""The history of a member's pull requests: their heads with the times that count (docs/adr/0028)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from study.github.models import EventKind, ObservedHead, PullRequest, TimelineEvent
from study.submissions.models import Clock

# The clock of a head, by the timeline event that introduces it.
_EXACT = {
    EventKind.OPENED: Clock.OPENED,
    EventKind.COMMITS_PUSHED: Clock.PUSHED,
    EventKind.FORCE_PUSHED: Clock.PUSHED,
    EventKind.READY: Clock.READY,
    EventKind.REOPENED: Clock.REOPENED,
}
# What proves that a commit was on GitHub by then, and cannot be dated back by its author.
_PROOFS = {
    EventKind.APPROVED: Clock.REVIEWED,
    EventKind.CHANGES_REQUESTED: Clock.REVIEWED,
    EventKind.COMMENTED: Clock.REVIEWED,
    EventKind.CHECKS_PASSED: Clock.CHECKED,
    EventKind.CHECKS_FAILED: Clock.CHECKED,
}
# In the order that they can have within one second.
_ENTERED, _CLOSED, _REOPENED, _MERGED, _REVERTED = range(5)
_TRANSITIONS = {EventKind.CLOSED: _CLOSED, EventKind.REOPENED: _REOPENED, EventKind.MERGED: _MERGED}


@dataclass(frozen=True)
class Head:
    """A reviewable commit: since when, and by which clock."""

    sha: str
    at: datetime
    clock: Clock

    @property
    def is_exact(self) -> bool:
        """Return whether GitHub reported when the commit came, and not only that it was there."""
        return self.clock in _EXACT.values()


@dataclass(frozen=True)
class PullRequestHistory:
    """A pull request with its heads, and when it was entered, closed, reopened, merged, reverted."""

    pull_request: PullRequest
    heads: tuple[Head, ...]
    transitions: tuple[tuple[datetime, int], ...]

    @property
    def is_reverted(self) -> bool:
        """Return whether its merge was reverted."""
        return any(transition == _REVERTED for _at, transition in self.transitions)


def history_of(
    pull_request: PullRequest,
    events: Iterable[TimelineEvent],
    observed_heads: Iterable[ObservedHead],
    *,
    reverted_at: datetime | None = None,
) -> PullRequestHistory:
    """Return a pull request's history, from everything known of it."""
    events = list(events)
    heads = [
        Head(
            event.sha,
            event.reviewable_at,
            _EXACT[EventKind(event.kind)] if event.is_github_time else Clock.SEEN,
        )
        for event in events
        if event.reviewable_at
    ]
    opened_at = min((head.at for head in heads if head.is_exact), default=pull_request.opened_at)
    heads += [Head(head.sha, head.observed_at, Clock.SEEN) for head in observed_heads]
    shas = {head.sha for head in heads}
    heads += [proof for proof in _proofs(pull_request, events) if proof.sha in shas]
    transitions = [
        (event.at, _TRANSITIONS[EventKind(event.kind)]) for event in events if event.kind in _TRANSITIONS
    ]
    transitions.append((opened_at, _ENTERED))
    if reverted_at:
        transitions.append((reverted_at, _REVERTED))
    if pull_request.state == "closed" and max(transitions)[1] != _CLOSED:
        transitions.append((pull_request.github_updated_at, _CLOSED))
    return PullRequestHistory(pull_request, tuple(best_heads(heads).values()), tuple(sorted(transitions)))


def _proofs(pull_request: PullRequest, events: Iterable[TimelineEvent]) -> Iterable[Head]:
    for event in events:
        is_check = event.kind in {EventKind.CHECKS_PASSED, EventKind.CHECKS_FAILED}
        at = event.suite_created_at if is_check else event.at
        if at and event.kind in _PROOFS:
            # The commit may have been checked on another branch, before it was handed in at all.
            yield Head(event.sha, max(at, pull_request.opened_at), _PROOFS[EventKind(event.kind)])
        elif event.kind == EventKind.MERGED:
            yield Head(pull_request.head_sha, event.at, Clock.MERGED)


def best_heads(heads: Iterable[Head]) -> dict[str, Head]:
    """Return each commit with the time that counts: GitHub's time of its coming, else the earliest."""
    ranked = sorted(heads, key=lambda head: (not head.is_exact, head.at, head.clock))
    return {head.sha: head for head in reversed(ranked)}


def current_pull_request(histories: Iterable[PullRequestHistory]) -> tuple[UUID, set[UUID]]:
    """Return which of a member's pull requests is their submission, and which ones have been it until now.

    The first one; once it is closed without merging, or its merge is reverted, the one that has been open
    the longest; once merged, it stays. From GitHub's times alone, so that the order of deliveries changes
    nothing.
    """
    transitions = sorted(
        (at, transition, history.pull_request.number, history.pull_request.id)
        for history in histories
        for at, transition in history.transitions
    )
    open_since: dict[UUID, tuple[datetime, int]] = {}
    merged: set[UUID] = set()
    current = transitions[0][3]
    counted = set()
    for at, transition, number, pull_request_id in transitions:
        if transition in {_ENTERED, _REOPENED}:
            open_since.setdefault(pull_request_id, (at, number))
        else:
            open_since.pop(pull_request_id, None)
        if transition == _MERGED:
            merged.add(pull_request_id)
            current = current if current in merged else pull_request_id
        elif transition == _REVERTED:
            merged.discard(pull_request_id)
        if current not in merged and current not in open_since and open_since:
            current = min(open_since, key=lambda open_id: open_since[open_id])
        counted.add(current)
    return current, counted

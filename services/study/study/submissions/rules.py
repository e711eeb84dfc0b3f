"""Pure functions: a submission's status, its head at the deadline, a pasted link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from study.github.models import EventKind, ObservedHead, PullRequest, TimelineEvent
from study.submissions.models import Attempt, Clock, State

_VERDICTS = {EventKind.APPROVED: State.APPROVED, EventKind.CHANGES_REQUESTED: State.CHANGES_REQUESTED}

_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?[a-z0-9.-]+(?::\d+)?/(?P<owner>[a-z0-9][a-z0-9-]*)/(?P<name>[a-z0-9_.-]+)"
    r"/pull/(?P<number>[1-9]\d{0,8})(?:/(?:files|commits|checks|changes)?)?(?:[?#/].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Address:
    """A pull request's place: "owner/name" in lower case, and its number."""

    repository: str
    number: int


@dataclass(frozen=True)
class SubmissionStatus:
    """A submission's state, and whether it awaits a review."""

    state: State
    awaits_review: bool


def address_of(link: str) -> Address | None:
    """The pull request that a pasted link leads to; None if it leads to none."""
    found = _LINK.fullmatch(link.strip())
    if found is None:
        return None
    return Address(f"{found['owner']}/{found['name']}".lower(), int(found["number"]))


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
    """A pull request with its heads, and its turns in their order: when it was open, closed or merged."""

    pull_request: PullRequest
    heads: tuple[Head, ...]
    transitions: tuple[tuple[datetime, int], ...]


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
# Turns in the order that they can have within one second.
_ENTERED, _CLOSED, _REOPENED, _MERGED = range(4)
_TRANSITIONS = {EventKind.CLOSED: _CLOSED, EventKind.REOPENED: _REOPENED, EventKind.MERGED: _MERGED}


def history_of(
    pull_request: PullRequest,
    timeline_events: Iterable[TimelineEvent],
    observed_heads: Iterable[ObservedHead],
) -> PullRequestHistory:
    """A pull request's heads with the times that count (docs/adr/0028), from everything known of it."""
    timeline_events = list(timeline_events)
    exact, seen = [], []
    for timeline_event in timeline_events:
        if timeline_event.reviewable_at and timeline_event.is_github_time:
            exact.append(
                Head(timeline_event.sha, timeline_event.reviewable_at, _EXACT[EventKind(timeline_event.kind)])
            )
        elif timeline_event.reviewable_at:
            seen.append(Head(timeline_event.sha, timeline_event.reviewable_at, Clock.SEEN))
    seen += [Head(head.sha, head.observed_at, Clock.SEEN) for head in observed_heads]
    shown = {head.sha for head in seen}
    heads = best_heads(
        [*exact, *seen, *(proof for proof in _proofs(pull_request, timeline_events) if proof.sha in shown)]
    )
    transitions = [
        (timeline_event.at, _TRANSITIONS[EventKind(timeline_event.kind)])
        for timeline_event in timeline_events
        if timeline_event.kind in _TRANSITIONS
    ]
    transitions.append((min((head.at for head in exact), default=pull_request.opened_at), _ENTERED))
    if pull_request.state == "closed" and max(transitions)[1] != _CLOSED:
        transitions.append((pull_request.github_updated_at, _CLOSED))
    return PullRequestHistory(pull_request, tuple(heads.values()), tuple(sorted(transitions)))


def _proofs(pull_request: PullRequest, timeline_events: Iterable[TimelineEvent]) -> Iterable[Head]:
    for timeline_event in timeline_events:
        at = (
            timeline_event.suite_created_at
            if timeline_event.kind in {EventKind.CHECKS_PASSED, EventKind.CHECKS_FAILED}
            else timeline_event.at
        )
        if at and timeline_event.kind in _PROOFS:
            # The commit may have been checked on another branch, before it was handed in at all.
            yield Head(
                timeline_event.sha, max(at, pull_request.opened_at), _PROOFS[EventKind(timeline_event.kind)]
            )
        elif timeline_event.kind == EventKind.MERGED:
            yield Head(pull_request.head_sha, timeline_event.at, Clock.MERGED)


def best_heads(heads: Iterable[Head]) -> dict[str, Head]:
    """Of each commit the time that counts: GitHub's time of its coming if known, else the earliest."""
    ranked = sorted(heads, key=lambda head: (not head.is_exact, head.at, head.clock))
    return {head.sha: head for head in reversed(ranked)}


def current_pull_request(histories: Iterable[PullRequestHistory]) -> tuple[UUID, set[UUID]]:
    """Which of a member's pull requests is their submission, and which ones have been it until now.

    The first one; once it is closed without merging, the one that has been open the longest; once merged,
    it stays. From GitHub's times alone, so that the order of deliveries changes nothing.
    """
    transitions = sorted(
        (at, transition, history.pull_request.number, history.pull_request.id)
        for history in histories
        for at, transition in history.transitions
    )
    open_: dict[UUID, tuple[datetime, int]] = {}
    merged: set[UUID] = set()
    present = transitions[0][3]
    counted = set()
    for at, transition, number, pull_request_id in transitions:
        if transition in {_ENTERED, _REOPENED}:
            open_.setdefault(pull_request_id, (at, number))
        else:
            open_.pop(pull_request_id, None)
        if transition == _MERGED:
            merged.add(pull_request_id)
            present = present if present in merged else pull_request_id
        elif present not in merged and present not in open_ and open_:
            present = min(open_, key=lambda pull_request_id: open_[pull_request_id])
        counted.add(present)
    return present, counted


def attempt_order(attempt: Attempt) -> tuple[datetime, bool, str]:
    """By which attempts are numbered."""
    return attempt.received_at, attempt.clock != Clock.OPENED, attempt.head_sha


def current_attempt(head_sha: str, attempts: Sequence[Attempt]) -> Attempt:
    """The attempt that is before the mentors now: the head's, also where the branch came back to it."""
    return next((attempt for attempt in attempts if attempt.head_sha == head_sha), attempts[-1])


def compute_status(
    *,
    pull_request_state: str,
    draft: bool,
    timeline_events: Iterable[TimelineEvent],
    attempts: Sequence[Attempt],
    head_sha: str,
    released_at: datetime | None,
) -> SubmissionStatus:
    """From everything known, in whichever order it came. `attempts` by number, at least one."""
    present = current_attempt(head_sha, attempts)
    state = _state(pull_request_state, timeline_events, attempts, present)
    # A head that was pushed before the release and reached us after it was not reviewed.
    recorded_at = max(present.received_at, present.recorded_at or present.received_at)
    reviewed = released_at is not None and released_at >= recorded_at
    idle = draft or reviewed or state in {State.CLOSED, State.CHANGES_REQUESTED}
    return SubmissionStatus(state, not idle)


def _state(
    pull_request_state: str,
    timeline_events: Iterable[TimelineEvent],
    attempts: Sequence[Attempt],
    present: Attempt,
) -> State:
    if pull_request_state == "merged":
        return State.MERGED
    if pull_request_state == "closed":
        return State.CLOSED
    return _verdict(timeline_events, attempts, present) or (
        State.RESUBMITTED if len(attempts) > 1 else State.WAITING
    )


def _verdict(
    timeline_events: Iterable[TimelineEvent], attempts: Sequence[Attempt], present: Attempt
) -> State | None:
    """The newest review that moves the state and is about the attempt that is before the mentors."""
    timeline_events = list(timeline_events)
    withdrawn = {
        timeline_event.key.removeprefix("dismissed:")
        for timeline_event in timeline_events
        if timeline_event.kind == EventKind.REVIEW_DISMISSED
    }
    reviews = [
        timeline_event
        for timeline_event in timeline_events
        if timeline_event.is_authorised_review
        and timeline_event.kind in _VERDICTS
        and timeline_event.key.removeprefix("review:") not in withdrawn
    ]
    for review in sorted(
        reviews, key=lambda timeline_event: (timeline_event.at, timeline_event.key), reverse=True
    ):
        if _is_about(review, attempts, present):
            return _VERDICTS[EventKind(review.kind)]
    return None


def _is_about(review: TimelineEvent, attempts: Sequence[Attempt], present: Attempt) -> bool:
    # GitHub names the commit that was reviewed. Only where that is none of the attempts do clocks decide,
    # since theirs and ours differ.
    if review.sha == present.head_sha:
        return True
    return review.sha not in {attempt.head_sha for attempt in attempts} and review.at >= present.received_at

"""What follows from what: a submission's state, its head at the deadline, a pasted link. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from study.submissions.github import PullState
from study.submissions.models import Attempt, Clock, Kind, Moment, Pull, Sighting, State

_VERDICTS = {Kind.APPROVED: State.APPROVED, Kind.CHANGES_REQUESTED: State.CHANGES_REQUESTED}

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
class Standing:
    """Where a submission stands, and whether the mentor is to move."""

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
    """A commit that was put before the mentors: since when, and by which clock."""

    sha: str
    at: datetime
    clock: Clock

    @property
    def is_exact(self) -> bool:
        """Whether GitHub told when it came, rather than that it was there."""
        return self.clock in _EXACT.values()


@dataclass(frozen=True)
class Work:
    """A pull request with its heads, and its turns in their order: when it was open, closed or merged."""

    pull: Pull
    heads: tuple[Head, ...]
    turns: tuple[tuple[datetime, int], ...]


# Which delivery's time a head has, by the moment that tells of it.
_EXACT = {
    Kind.OPENED: Clock.OPENED,
    Kind.COMMITS_PUSHED: Clock.PUSHED,
    Kind.FORCE_PUSHED: Clock.PUSHED,
    Kind.READY: Clock.READY,
    Kind.REOPENED: Clock.REOPENED,
}
# What proves that a commit was on GitHub by then, and cannot be dated back by its author.
_PROOFS = {
    Kind.APPROVED: Clock.REVIEWED,
    Kind.CHANGES_REQUESTED: Clock.REVIEWED,
    Kind.COMMENTED: Clock.REVIEWED,
    Kind.CHECKS_PASSED: Clock.CHECKED,
    Kind.CHECKS_FAILED: Clock.CHECKED,
}
# Turns in the order that they can have within one second.
_ENTERED, _CLOSED, _REOPENED, _MERGED = range(4)
_TURNS = {Kind.CLOSED: _CLOSED, Kind.REOPENED: _REOPENED, Kind.MERGED: _MERGED}


def work_of(pull: Pull, moments: Iterable[Moment], sightings: Iterable[Sighting]) -> Work:
    """A pull request's heads with the times that count (docs/adr/0028), from everything known of it."""
    told = list(moments)
    exact, seen = [], []
    for moment in told:
        if moment.offered_at and moment.offered_by_github:
            exact.append(Head(moment.sha, moment.offered_at, _EXACT[Kind(moment.kind)]))
        elif moment.offered_at:
            seen.append(Head(moment.sha, moment.offered_at, Clock.SEEN))
    seen += [Head(one.sha, one.seen_at, Clock.SEEN) for one in sightings]
    shown = {head.sha for head in seen}
    heads = best_of([*exact, *seen, *(proof for proof in _proofs(pull, told) if proof.sha in shown)])
    turns = [(moment.at, _TURNS[Kind(moment.kind)]) for moment in told if moment.kind in _TURNS]
    turns.append((min((head.at for head in exact), default=pull.opened_at), _ENTERED))
    if pull.state == "closed" and max(turns)[1] != _CLOSED:
        turns.append((pull.github_updated_at, _CLOSED))
    return Work(pull, tuple(heads.values()), tuple(sorted(turns)))


def _proofs(pull: Pull, moments: Iterable[Moment]) -> Iterable[Head]:
    for moment in moments:
        at = moment.began_at if moment.kind in {Kind.CHECKS_PASSED, Kind.CHECKS_FAILED} else moment.at
        if at and moment.kind in _PROOFS:
            # The commit may have been checked on another branch, before it was handed in at all.
            yield Head(moment.sha, max(at, pull.opened_at), _PROOFS[Kind(moment.kind)])
        elif moment.kind == Kind.MERGED:
            yield Head(pull.head_sha, moment.at, Clock.MERGED)


def best_of(heads: Iterable[Head]) -> dict[str, Head]:
    """Of each commit the time that counts: GitHub's time of its coming if known, else the earliest."""
    ranked = sorted(heads, key=lambda head: (not head.is_exact, head.at, head.clock))
    return {head.sha: head for head in reversed(ranked)}


def present_of(works: Iterable[Work]) -> tuple[UUID, set[UUID]]:
    """Which of a member's pull requests is their submission, and which ones have been it until now.

    The first one; once it is closed without merging, the one that has been open the longest; once merged,
    it stays. From GitHub's times alone, so that the order of deliveries changes nothing.
    """
    turns = sorted((at, turn, work.pull.number, work.pull.id) for work in works for at, turn in work.turns)
    open_: dict[UUID, tuple[datetime, int]] = {}
    merged: set[UUID] = set()
    present = turns[0][3]
    counted = set()
    for at, turn, number, pull_id in turns:
        if turn in {_ENTERED, _REOPENED}:
            open_.setdefault(pull_id, (at, number))
        else:
            open_.pop(pull_id, None)
        if turn == _MERGED:
            merged.add(pull_id)
            present = present if present in merged else pull_id
        elif present not in merged and present not in open_ and open_:
            present = min(open_, key=lambda one: open_[one])
        counted.add(present)
    return present, counted


def place_of(attempt: Attempt) -> tuple[datetime, bool, str]:
    """By which attempts are numbered."""
    return attempt.received_at, attempt.clock != Clock.OPENED, attempt.head_sha


def attempt_at(head_sha: str, attempts: Sequence[Attempt]) -> Attempt:
    """The attempt that is before the mentors now: the head's, also where the branch came back to it."""
    return next((attempt for attempt in attempts if attempt.head_sha == head_sha), attempts[-1])


def standing(
    *,
    pull_state: str,
    draft: bool,
    moments: Iterable[Moment],
    attempts: Sequence[Attempt],
    head_sha: str,
    released_at: datetime | None,
) -> Standing:
    """From everything known, in whichever order it came. `attempts` by number, at least one."""
    present = attempt_at(head_sha, attempts)
    state = _state(pull_state, moments, attempts, present)
    # A head that was pushed before the release and reached us after it was not reviewed.
    recorded_at = max(present.received_at, present.recorded_at or present.received_at)
    reviewed = released_at is not None and released_at >= recorded_at
    idle = draft or reviewed or state in {State.CLOSED, State.CHANGES_REQUESTED}
    return Standing(state, not idle)


def _state(
    pull_state: str, moments: Iterable[Moment], attempts: Sequence[Attempt], present: Attempt
) -> State:
    if pull_state == "merged":
        return State.MERGED
    if pull_state == "closed":
        return State.CLOSED
    return _verdict(moments, attempts, present) or (State.RESUBMITTED if len(attempts) > 1 else State.WAITING)


def _verdict(moments: Iterable[Moment], attempts: Sequence[Attempt], present: Attempt) -> State | None:
    """The newest review that moves the state and is about the attempt that is before the mentors."""
    told = list(moments)
    withdrawn = {
        moment.key.removeprefix("dismissed:") for moment in told if moment.kind == Kind.REVIEW_DISMISSED
    }
    reviews = [
        moment
        for moment in told
        if moment.is_verdict
        and moment.kind in _VERDICTS
        and moment.key.removeprefix("review:") not in withdrawn
    ]
    for review in sorted(reviews, key=lambda moment: (moment.at, moment.key), reverse=True):
        if _is_about(review, attempts, present):
            return _VERDICTS[Kind(review.kind)]
    return None


def _is_about(review: Moment, attempts: Sequence[Attempt], present: Attempt) -> bool:
    # GitHub names the commit that was reviewed. Only where that is none of the attempts do clocks decide,
    # since theirs and ours differ.
    if review.sha == present.head_sha:
        return True
    return review.sha not in {attempt.head_sha for attempt in attempts} and review.at >= present.received_at


def is_news(pull: PullState, *, opens_at: datetime) -> bool:
    """Whether a pull request of which we had not heard is work on the mission.

    The repository may have served before: what was merged before this mission opened is another's.
    """
    return pull.state == "open" or (pull.state == "merged" and pull.opened_at >= opens_at)


def head_at(heads: Iterable[tuple[datetime, str]], due_at: datetime) -> str:
    """The commit that was before the mentors at the deadline; "" if none was. `heads` in any order."""
    return max((head for head in heads if head[0] <= due_at), default=(due_at, ""))[1]

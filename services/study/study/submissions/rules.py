"""What follows from what: a submission's state, its head at the deadline, a pasted link. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from study.submissions.github import PullState
from study.submissions.models import Attempt, Kind, Moment, State

# GitHub lets anybody review in a public repository; these have no say in it.
OUTSIDERS = {"NONE", "CONTRIBUTOR", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN"}

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


def standing(
    *,
    pull_state: str,
    draft: bool,
    moments: Iterable[Moment],
    attempts: Sequence[Attempt],
    released_at: datetime | None,
) -> Standing:
    """From everything known, in whichever order it came. `attempts` by number, at least one."""
    last = attempts[-1]
    state = _state(pull_state, moments, attempts)
    reviewed = released_at is not None and released_at >= last.received_at
    idle = draft or reviewed or state in {State.CLOSED, State.CHANGES_REQUESTED}
    return Standing(state, not idle)


def _state(pull_state: str, moments: Iterable[Moment], attempts: Sequence[Attempt]) -> State:
    if pull_state == "merged":
        return State.MERGED
    if pull_state == "closed":
        return State.CLOSED
    return _verdict(moments, attempts) or (State.RESUBMITTED if len(attempts) > 1 else State.WAITING)


def _verdict(moments: Iterable[Moment], attempts: Sequence[Attempt]) -> State | None:
    """The newest review that moves the state and is about the newest attempt."""
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
    for review in sorted(reviews, key=lambda moment: moment.at, reverse=True):
        if _is_about(review, attempts):
            return _VERDICTS[Kind(review.kind)]
    return None


def _is_about(review: Moment, attempts: Sequence[Attempt]) -> bool:
    # GitHub names the commit that was reviewed. Only where that is none of the attempts do clocks decide,
    # since theirs and ours differ.
    last = attempts[-1]
    if review.sha == last.head_sha:
        return True
    return review.sha not in {attempt.head_sha for attempt in attempts} and review.at >= last.received_at


def is_news(pull: PullState, *, opens_at: datetime) -> bool:
    """Whether a pull request of which we had not heard is work on the mission.

    The repository may have served before: what was merged before this mission opened is another's.
    """
    return pull.state == "open" or (pull.state == "merged" and pull.opened_at >= opens_at)


def head_at(offered: Iterable[Moment], due_at: datetime) -> str:
    """The commit that was before the mentors at the deadline; "" if none was. `offered` in order."""
    head = ""
    for moment in offered:
        if moment.offered_at is not None and moment.offered_at <= due_at:
            head = moment.sha
    return head

"""Which merges are undone by pull requests that revert them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

_TITLE = re.compile(r'\s*revert "(.*)"\s*', re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class MergedPullRequest:
    """A merged pull request of one repository."""

    number: int
    title: str
    merged_at: datetime
    # Whether it reverts another one, and the number of that, if its branch or text names it.
    is_revert: bool = False
    reverted_number: int | None = None

    @property
    def reverted_title(self) -> str:
        """Return the title of what it reverts, by its own title; "" if that does not say."""
        quoted = _TITLE.fullmatch(self.title)
        return quoted[1] if quoted else ""


def reverted_at(number: int, merged: Collection[MergedPullRequest]) -> datetime | None:
    """Return when the merge of a pull request was reverted; None while it holds.

    A revert that was reverted itself does not count. `merged` are the repository's, in any order. One that
    names no number reverts the only earlier pull request of the title that it quotes.
    """
    times = [
        revert.merged_at
        for revert in merged
        if revert.number > number
        and _target(revert, merged) == number
        and reverted_at(revert.number, merged) is None
    ]
    return min(times, default=None)


def _target(revert: MergedPullRequest, merged: Collection[MergedPullRequest]) -> int | None:
    """Return the number of what it reverts; None if that is not certain."""
    if not revert.is_revert or revert.reverted_number is not None:
        return revert.reverted_number if revert.is_revert else None
    numbers = [
        other.number
        for other in merged
        if other.number < revert.number and other.title == revert.reverted_title
    ]
    return numbers[0] if len(numbers) == 1 else None


def reverted_numbers(number: int, merged: Collection[MergedPullRequest]) -> list[int]:
    """Return the number that a pull request reverts, the one which that reverts, and so on."""
    by_number = {pull_request.number: pull_request for pull_request in merged}
    numbers: list[int] = []
    while number in by_number:
        target = _target(by_number[number], merged)
        if target is None or target >= number:
            break
        numbers.append(target)
        number = target
    return numbers

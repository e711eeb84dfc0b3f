"""Decide which mission a pull request is for. The first rule that has an answer wins; nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

Key = TypeVar("Key", bound=Hashable)

DEFAULT_OVERLAP = timedelta(hours=72)

_REVERT_BRANCH = re.compile(r"revert-\d+-")
_REVERT_TITLE = re.compile(r'\s*revert "', re.IGNORECASE)


class AssignmentRule(TextChoices):
    """Why a pull request belongs to a mission, or that an operator must decide."""

    OPERATOR = "operator", _("An organizer chose the mission")
    PREVIOUS = "previous", _("Decided before")
    ONLY = "only", _("The only mission of the repository")
    MARKER = "marker", _("Its title, branch or label names the mission")
    LINK = "link", _("Its link was submitted for this mission")
    TIME = "time", _("It was opened in the mission's period")
    UNRESOLVED = "unresolved", _("An organizer must choose the mission")


@dataclass(frozen=True)
class Candidate:
    """A mission of the repository, open to the author, in a cohort of which the author is a member."""

    mission_id: UUID
    cohort_id: UUID
    opens_at: datetime
    due_at: datetime
    # Text that titles, branches or labels of its pull requests contain, "" without one.
    marker: str = ""


@dataclass(frozen=True)
class PullRequestFacts:
    """What decides about a pull request."""

    opened_at: datetime
    # "" if it is unknown.
    title: str = ""
    branches: Sequence[str] = ()
    labels: Sequence[str] = ()
    # The mission that an operator chose, and the one that was decided before.
    chosen: UUID | None = None
    previous: UUID | None = None


@dataclass(frozen=True)
class Assignment:
    """The mission, or None with UNRESOLVED, and the rule that decided."""

    mission_id: UUID | None
    rule: AssignmentRule


UNRESOLVED = Assignment(None, AssignmentRule.UNRESOLVED)


def is_revert(*, title: str, branch: str) -> bool:
    """Return True for a pull request that GitHub's "Revert" button made; it is no submission."""
    return bool(_REVERT_BRANCH.match(branch) or _REVERT_TITLE.match(title))


def normalize_marker(text: str) -> str:
    """Return the text in NFKC without case, spaces and punctuation, each number as <number>.

    "WEEK 07" becomes "week<7>", which contains "week<7>" and not "<17>".
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    pieces = re.split(r"(\d+)", folded)
    return "".join(
        f"<{_number(piece)}>" if piece.isdecimal() else _without_punctuation(piece) for piece in pieces
    )


def resolve_mission(
    pull_request: PullRequestFacts,
    *,
    candidates: Collection[Candidate],
    submitted: Collection[UUID],
    overlap: timedelta = DEFAULT_OVERLAP,
) -> Assignment:
    """Return the mission of a pull request.

    `submitted` are the missions for which the author has another pull request. During `overlap` after a
    mission opened, a pull request may still be for the mission before: it is for the new one only if the
    author has one for that already.
    """
    if pull_request.chosen:
        return Assignment(pull_request.chosen, AssignmentRule.OPERATOR)
    if pull_request.previous:
        return Assignment(pull_request.previous, AssignmentRule.PREVIOUS)
    if marked := _marked(pull_request, candidates):
        return _only(_of_one_cohort(marked, candidates, pull_request.opened_at), AssignmentRule.MARKER)
    if pull_request.title and all(candidate.marker for candidate in candidates):
        return UNRESOLVED
    if len(candidates) == 1:
        # Also before its opening: nothing else is asked for there.
        return _only(list(candidates), AssignmentRule.ONLY)
    opened = [candidate for candidate in candidates if candidate.opens_at <= pull_request.opened_at]
    opened = _of_one_cohort(opened, candidates, pull_request.opened_at)
    latest = _latest(opened)
    before = _latest([candidate for candidate in opened if candidate not in latest])
    is_doubtful = (
        bool(before)
        and pull_request.opened_at < latest[0].opens_at + overlap
        and not any(candidate.mission_id in submitted for candidate in before)
    )
    return UNRESOLVED if is_doubtful else _only(latest, AssignmentRule.TIME)


def resolve_missions(
    pull_requests: Mapping[Key, PullRequestFacts],
    *,
    candidates: Collection[Candidate],
    overlap: timedelta = DEFAULT_OVERLAP,
) -> dict[Key, Assignment]:
    """Return the missions of all pull requests of one author, in whatever order they are given.

    An assignment can make another one certain and never uncertain, so repeating ends with the same result in
    every order.
    """
    found: dict[Key, Assignment] = {}
    while True:
        submitted = {assignment.mission_id for assignment in found.values() if assignment.mission_id}
        resolved = {
            key: resolve_mission(facts, candidates=candidates, submitted=submitted, overlap=overlap)
            for key, facts in pull_requests.items()
        }
        if resolved == found:
            return found
        found = resolved


def _number(digits: str) -> str:
    # As text: int() raises ValueError for more than 4,300 digits.
    return "".join(str(unicodedata.decimal(digit)) for digit in digits).lstrip("0") or "0"


def _without_punctuation(text: str) -> str:
    """Return the text without punctuation, symbols, separators and control characters."""
    return "".join(character for character in text if unicodedata.category(character)[0] not in "PSZC")


def _marked(pull_request: PullRequestFacts, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates whose marker occurs. "week 1" does not count inside "bonus week 1"."""
    markers = {candidate: normalize_marker(candidate.marker) for candidate in candidates}
    texts = [*pull_request.branches, *pull_request.labels, pull_request.title]
    found: set[Candidate] = set()
    for text in map(normalize_marker, texts):
        spans = [(candidate, span) for candidate, marker in markers.items() for span in _spans(marker, text)]
        found.update(
            candidate for candidate, span in spans if not any(_is_inside(span, other) for _, other in spans)
        )
    return [candidate for candidate in markers if candidate in found]


def _spans(marker: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(marker) if marker else -1
    while start >= 0:
        yield start, start + len(marker)
        start = text.find(marker, start + 1)


def _is_inside(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _of_one_cohort(found: list[Candidate], candidates: Iterable[Candidate], at: datetime) -> list[Candidate]:
    """Return those found; of several cohorts, only of the ones whose missions' dates contain the time.

    Empty if it is in the dates of several.
    """
    if len({candidate.cohort_id for candidate in found}) < 2:
        return found
    dates: dict[UUID, list[datetime]] = {}
    for candidate in candidates:
        dates.setdefault(candidate.cohort_id, []).extend((candidate.opens_at, candidate.due_at))
    running = {cohort for cohort, times in dates.items() if min(times) <= at <= max(times)}
    found = [candidate for candidate in found if candidate.cohort_id in running]
    return found if len({candidate.cohort_id for candidate in found}) == 1 else []


def _latest(candidates: Collection[Candidate]) -> list[Candidate]:
    newest = max((candidate.opens_at for candidate in candidates), default=None)
    return [candidate for candidate in candidates if candidate.opens_at == newest]


def _only(found: Sequence[Candidate], rule: AssignmentRule) -> Assignment:
    return Assignment(found[0].mission_id, rule) if len(found) == 1 else UNRESOLVED

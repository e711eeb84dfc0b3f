"""Pictures of submissions: lists, a pull request's story, what waits for an operator or for the clock."""

from __future__ import annotations

from study.submissions.queries.due import (
    early_checks_with_a_pull,
    links_to_retry,
    noted_links,
    pulls_with_an_owner,
    pushes_to_compare,
)
from study.submissions.queries.lists import SubmissionRow, is_late, mine, of_cohort, row_of
from study.submissions.queries.pulls import (
    Matching,
    MemberChoice,
    PullRow,
    dismissed,
    matching,
    members,
    unmatched,
)
from study.submissions.queries.stories import Judged, Line, Story, judged, story, told

__all__ = [
    "Judged",
    "Line",
    "Matching",
    "MemberChoice",
    "PullRow",
    "Story",
    "SubmissionRow",
    "dismissed",
    "early_checks_with_a_pull",
    "is_late",
    "judged",
    "links_to_retry",
    "matching",
    "members",
    "mine",
    "noted_links",
    "of_cohort",
    "pulls_with_an_owner",
    "pushes_to_compare",
    "row_of",
    "story",
    "told",
    "unmatched",
]

"""Read models of submissions: lists, timelines, unmatched pull requests, pending work."""

from __future__ import annotations

from study.submissions.queries.lists import SubmissionRow, is_late, mine, of_cohort, row_of
from study.submissions.queries.pending import (
    early_checks_with_pull_request,
    links_to_retry,
    pending_links_of,
    pull_requests_with_owner,
    pushes_to_compare,
)
from study.submissions.queries.pull_requests import (
    MatchPreview,
    MemberChoice,
    PullRequestRow,
    dismissed,
    member_choices,
    preview_match,
    unmatched,
)
from study.submissions.queries.timeline import (
    AttemptRow,
    Timeline,
    TimelineItem,
    attempt_rows,
    timeline,
    timeline_records,
)

__all__ = [
    "AttemptRow",
    "MatchPreview",
    "MemberChoice",
    "PullRequestRow",
    "SubmissionRow",
    "Timeline",
    "TimelineItem",
    "attempt_rows",
    "dismissed",
    "early_checks_with_pull_request",
    "is_late",
    "links_to_retry",
    "member_choices",
    "mine",
    "of_cohort",
    "pending_links_of",
    "preview_match",
    "pull_requests_with_owner",
    "pushes_to_compare",
    "row_of",
    "timeline",
    "timeline_records",
    "unmatched",
]

"""Write operations on pull requests and submissions."""

from __future__ import annotations

from study.submissions.actions.checks import delete_old_early_checks, ingest_checks, ingest_early_check
from study.submissions.actions.grading import NotAMentor, assign_mentor, record_score
from study.submissions.actions.ingest import ingest_pull_request, ingest_repository, ingest_review
from study.submissions.actions.links import Queued, retry_link, submit_link
from study.submissions.actions.matching import (
    dismiss_pull_request,
    find_owner,
    match_pull_request,
    restore_pull_request,
)
from study.submissions.actions.polling import compare_push, discover_pull_requests, poll_pull_request
from study.submissions.actions.sync import IngestResult

__all__ = [
    "IngestResult",
    "NotAMentor",
    "Queued",
    "assign_mentor",
    "compare_push",
    "delete_old_early_checks",
    "discover_pull_requests",
    "dismiss_pull_request",
    "find_owner",
    "ingest_checks",
    "ingest_early_check",
    "ingest_pull_request",
    "ingest_repository",
    "ingest_review",
    "match_pull_request",
    "poll_pull_request",
    "record_score",
    "restore_pull_request",
    "retry_link",
    "submit_link",
]

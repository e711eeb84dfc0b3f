"""What can happen to pull requests and submissions: one function for each."""

from __future__ import annotations

from study.submissions.actions.asking import compare_push, discover_pulls, refresh_pull
from study.submissions.actions.links import Noted, paste_link, retry_link
from study.submissions.actions.marking import assign_mentor, record_score
from study.submissions.actions.matching import dismiss_pull, find_owner, match_pull, restore_pull
from study.submissions.actions.settling import Taken
from study.submissions.actions.taking import (
    forget_early_checks,
    take_checks,
    take_pull,
    take_repository,
    take_review,
    tell_early_check,
)

__all__ = [
    "Noted",
    "Taken",
    "assign_mentor",
    "compare_push",
    "discover_pulls",
    "dismiss_pull",
    "find_owner",
    "forget_early_checks",
    "match_pull",
    "paste_link",
    "record_score",
    "refresh_pull",
    "restore_pull",
    "retry_link",
    "take_checks",
    "take_pull",
    "take_repository",
    "take_review",
    "tell_early_check",
]

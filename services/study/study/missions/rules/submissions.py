"""What is shown of a submission and its attempts, from their columns: for models, and rows without them."""

from __future__ import annotations

from datetime import datetime

from study.github.models import EventKind


def display_state(state: str, *, released_at: datetime | None, awaits_review: bool) -> str:
    """Return the state to show: "released" instead of waiting for a review that was released already."""
    waits = state in {"waiting", "resubmitted"}
    return "released" if waits and released_at and not awaits_review else state


def completion_of(completed_at: datetime | None, event_kind: str | None) -> str | None:
    """Return what completed a submission: "approval", "merge", "submission", or None.

    `event_kind` is that of the completing event, None without one.
    """
    if completed_at is None:
        return None
    if event_kind is None:
        return "submission"
    return "merge" if event_kind == EventKind.MERGED else "approval"


def counted_by(clock: str | None, head_sha: str | None) -> str | None:
    """Return which time of an attempt counts (models.Clock); None where an earlier release used its own."""
    return "received" if head_sha is None else clock or None

"""What every rival computes in the same way: deadlines, completion, the order of a timeline, and cursors."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

PAGE_SIZE = 25
REVIEWERS = ("mentor", "operator")
_RANKS = {"opened": 0, "draft_opened": 0, "closed": 2, "reopened": 3, "merged": 4}


def utc(value: datetime | str) -> datetime:
    """Return a time as the database stores it, in UTC without saying so, as an aware one."""
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.replace(tzinfo=UTC)


def deadline(due_at: datetime, part_due_at: datetime | None, extension_hours: int | None) -> datetime:
    """Return the deadline that binds a member: the later one, and the hours of an extension after it."""
    later = max(due_at, part_due_at) if part_due_at else due_at
    return later + timedelta(hours=extension_hours or 0)


def completion(completed_at: datetime | None, event_kind: str | None) -> str | None:
    """Return what completed a submission: "approval", "merge", "submission", or None."""
    if completed_at is None:
        return None
    if event_kind is None:
        return "submission"
    return "merge" if event_kind == "merged" else "approval"


def clock(head_sha: str | None, clock_: str | None) -> str | None:
    """Return by which clock an attempt counts: what was no commit by that of the server."""
    return clock_ if head_sha else "received"


def timeline_order(at: datetime, kind: str, sha: str) -> tuple[datetime, int, str, str]:
    """Return the key that sorts the events of a timeline, oldest first."""
    return at, _RANKS.get(kind, 1), kind, sha


def cursor_after(created_at: datetime, id_: UUID) -> str:
    """Return the cursor of the page after this row."""
    return urlsafe_b64encode(f"{created_at.timestamp():.6f} {id_.hex}".encode()).decode()


def position(cursor: str) -> tuple[datetime, UUID]:
    """Return the row after which a page begins. Raise ValueError if the cursor is none."""
    seconds, _, id_ = urlsafe_b64decode(cursor).decode().partition(" ")
    return datetime.fromtimestamp(float(seconds), UTC), UUID(id_)

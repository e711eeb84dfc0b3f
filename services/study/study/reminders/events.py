"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class MembersReminded:
    """Members who have not submitted a mission were reminded of it."""

    event_name: ClassVar[str] = "study.members_reminded.v1"

    mission_id: UUID
    cohort_id: UUID
    mission_title: str
    kind: Annotated[
        Literal["opened", "moved", "due", "asked"],
        Meta(
            description="The mission opened; the deadline of the recipients is another one than before; "
            "it is near; an organizer asked."
        ),
    ]
    window: Annotated[
        str,
        Meta(
            description="Of `due`: 24h or 3h. Of `asked`: the day in the cohort's zone. Otherwise empty, or "
            "2 and so on for another one of the same deadline."
        ),
    ]
    due_at: Annotated[datetime, Meta(description="The deadline that binds the recipients.")]
    part_id: Annotated[UUID | None, Meta(description="The part whose mission it is.")] = None
    members: Annotated[
        int | None,
        Meta(
            description="Of `opened` and `due`: how many have the mission to do. Null if it is a team's, or "
            "the deadline is not the mission's own."
        ),
    ] = None
    unsubmitted: Annotated[int | None, Meta(description="How many of `members` have not submitted it.")] = (
        None
    )
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ReviewerReminded:
    """Submissions waited for a reviewer in the morning, in all their cohorts."""

    event_name: ClassVar[str] = "study.reviewer_reminded.v1"

    day: Annotated[str, Meta(description="The day in the reviewer's zone, such as 2026-12-01.")]
    waiting: Annotated[int, Meta(ge=1, description="How many submissions wait.")]
    waiting_since: Annotated[datetime, Meta(description="Since when the oldest of them waits.")]
    recipients: list[UUID]

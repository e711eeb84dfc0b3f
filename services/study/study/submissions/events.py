"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class SubmissionReceived:
    """A pull request, or something sent to Seodang, became or renewed a member's submission."""

    event_name: ClassVar[str] = "study.submission_received.v1"

    submission_id: UUID
    attempt: Annotated[int, Meta(ge=1)]
    cohort_id: UUID
    mission_title: str
    member_id: UUID
    member_name: str
    late: bool
    is_completed: Annotated[
        bool, Meta(description="Whether the mission is completed: nobody has to review.")
    ] = False
    mission_id: Annotated[UUID | None, Meta(description="Null before release 0.3.")] = None
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ChangesRequested:
    """A reviewer asked for changes on the pull request."""

    event_name: ClassVar[str] = "study.changes_requested.v1"

    submission_id: UUID
    cohort_id: UUID
    mission_title: str
    reviewer: Annotated[str, Meta(description="A name, or a GitHub login.")]
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class SubmissionCompleted:
    """An approval or a merge on GitHub completed the mission for its member."""

    event_name: ClassVar[str] = "study.submission_completed.v1"

    submission_id: UUID
    cohort_id: UUID
    mission_title: str
    completion: Literal["approval", "merge"]
    reviewer: Annotated[str, Meta(description="A name, or a GitHub login.")]
    recipients: list[UUID]

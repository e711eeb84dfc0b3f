"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class ReviewReleased:
    """A review may now be seen by the author of the submission."""

    event_name: ClassVar[str] = "study.review_released.v1"

    review_id: UUID
    submission_id: UUID
    cohort_id: UUID
    mission_title: str
    points: Annotated[int, Meta(ge=0)]
    max_points: Annotated[int, Meta(ge=0)]
    version: Annotated[int, Meta(ge=1)]
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ReviewWithdrawn:
    """A review was withdrawn by its reviewer; its next release has another version."""

    event_name: ClassVar[str] = "study.review_withdrawn.v1"

    review_id: UUID
    submission_id: UUID
    cohort_id: UUID
    mission_title: str
    version: Annotated[int, Meta(ge=1, description="The withdrawn one.")]
    recipients: list[UUID]

"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ReviewReleased:
    """A review may now be seen by the author of the submission."""

    name: ClassVar[str] = "study.review_released.v1"

    review_id: UUID
    submission_id: UUID
    cohort_id: UUID
    mission_title: str
    points: int
    max_points: int
    version: int
    recipients: list[UUID]

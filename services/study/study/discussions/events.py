"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ThreadAnswered:
    """A member answered a review, or a reviewer a member, for the first time since the other side spoke."""

    event_name: ClassVar[str] = "study.thread_answered.v1"

    entry_id: UUID
    submission_id: UUID
    cohort_id: UUID
    mission_title: str
    author_id: UUID
    recipients: list[UUID]

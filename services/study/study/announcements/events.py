"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class AnnouncementPublished:
    """An announcement to a cohort or a part was published."""

    name: ClassVar[str] = "study.announcement_published.v1"

    announcement_id: UUID
    cohort_id: UUID
    cohort_title: str
    title: str
    excerpt: str
    recipients: list[UUID]

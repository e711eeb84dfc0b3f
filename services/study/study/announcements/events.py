"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class AnnouncementPublished:
    """An announcement to a cohort or a part was published."""

    event_name: ClassVar[str] = "study.announcement_published.v1"

    announcement_id: UUID
    cohort_id: UUID
    cohort_title: str
    title: str
    excerpt: Annotated[str, Meta(description="Plain text, at most 280 characters.")]
    audience: Annotated[
        Literal["cohort", "part", "team"] | None, Meta(description="For whom it is; null before release 0.3.")
    ] = None
    part_id: Annotated[UUID | None, Meta(description="Of the audience `part`.")] = None
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ReadersReminded:
    """An operator reminded those who have not read an announcement."""

    event_name: ClassVar[str] = "study.readers_reminded.v1"

    announcement_id: UUID
    cohort_id: UUID
    cohort_title: str
    title: str
    excerpt: Annotated[str, Meta(description="Plain text, at most 280 characters.")]
    day: Annotated[str, Meta(description="The day in the cohort's zone, such as 2026-12-01.")]
    recipients: list[UUID]

"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class ExtensionRequested:
    """A member asked for more time on a mission. The reason is in the operators' list alone."""

    event_name: ClassVar[str] = "study.extension_requested.v1"

    request_id: UUID
    mission_id: UUID
    cohort_id: UUID
    mission_title: str
    member_id: UUID
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ExtensionRequestDecided:
    """An operator granted or declined more time that a member had asked for."""

    event_name: ClassVar[str] = "study.extension_request_decided.v1"

    request_id: UUID
    mission_id: UUID
    cohort_id: UUID
    mission_title: str
    member_id: UUID
    granted: bool
    due_at: Annotated[
        datetime | None, Meta(description="The member's new deadline; null if it was declined.")
    ] = None
    answer: Annotated[str, Meta(description="What the organizers answered; may be empty.")] = ""
    recipients: list[UUID]

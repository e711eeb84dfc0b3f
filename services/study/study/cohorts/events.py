"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

RoleName = Annotated[str, Meta(extra_json_schema={"enum": ["operator", "mentor", "member"]})]


@dataclass(frozen=True, kw_only=True)
class CohortPart:
    """A part of a cohort."""

    part_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class CohortChanged:
    """A cohort was created or renamed, or its parts changed."""

    event_name: ClassVar[str] = "study.cohort_changed.v1"

    cohort_id: UUID
    title: str
    version: Annotated[int, Meta(ge=1)]
    parts: Annotated[list[CohortPart], Meta(description="All parts, in their order.")] = field(
        default_factory=list
    )


@dataclass(frozen=True, kw_only=True)
class MembershipChanged:
    """A membership began, changed or ended."""

    event_name: ClassVar[str] = "study.membership_changed.v1"

    membership_id: UUID
    cohort_id: UUID
    account_id: UUID
    role: RoleName
    left: bool
    version: Annotated[int, Meta(ge=1)]

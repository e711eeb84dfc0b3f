"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from study.cohorts.events import RoleName


@dataclass(frozen=True, kw_only=True)
class MemberInvited:
    """A person who has an account was invited to a cohort."""

    event_name: ClassVar[str] = "study.member_invited.v1"

    invitation_id: UUID
    cohort_id: UUID
    cohort_title: str
    invited_by: Annotated[str, Meta(description="A name.")]
    role: RoleName
    link: Annotated[str, Meta(description="A path of the installation.")]
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class MemberJoined:
    """A person joined a cohort."""

    event_name: ClassVar[str] = "study.member_joined.v1"

    membership_id: UUID
    cohort_id: UUID
    cohort_title: str
    account_id: UUID
    member_name: str
    role: RoleName
    recipients: list[UUID]

"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class MemberInvited:
    """A person who has an account was invited to a cohort."""

    name: ClassVar[str] = "study.member_invited.v1"

    invitation_id: UUID
    cohort_id: UUID
    cohort_title: str
    invited_by: str
    role: str
    link: str
    recipients: list[UUID]


@dataclass(frozen=True, kw_only=True)
class MemberJoined:
    """A person joined a cohort."""

    name: ClassVar[str] = "study.member_joined.v1"

    membership_id: UUID
    cohort_id: UUID
    cohort_title: str
    account_id: UUID
    member_name: str
    role: str
    recipients: list[UUID]

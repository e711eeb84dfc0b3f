"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, kw_only=True)
class JoinRequested:
    """A person asks to join a cohort, whose operators decide."""

    event_name: ClassVar[str] = "study.join_requested.v1"

    request_id: UUID
    cohort_id: UUID
    cohort_title: str
    account_id: UUID
    role: RoleName
    recipients: Annotated[list[UUID], Meta(description="The cohort's organizers.")]


@dataclass(frozen=True, kw_only=True)
class JoinRequestDecided:
    """An operator approved or declined a request to join."""

    event_name: ClassVar[str] = "study.join_request_decided.v1"

    request_id: UUID
    cohort_id: UUID
    cohort_title: str
    approved: bool
    role: RoleName
    recipients: Annotated[list[UUID], Meta(description="Who asked.")]


@dataclass(frozen=True, kw_only=True)
class InvitationEmailRequested:
    """An invitation is to be mailed to a person of a sheet, who may have no account."""

    event_name: ClassVar[str] = "study.invitation_email_requested.v1"

    email_id: Annotated[UUID, Meta(description="Of this mail: each sending of an invitation has another.")]
    cohort_title: str
    invited_by: Annotated[str, Meta(description="A name.")]
    role: RoleName
    link: Annotated[
        str,
        Meta(description="A path of the installation, with a key that is only in this mail: never logged."),
    ]
    expires_at: datetime
    name: Annotated[str, Meta(description="The person's, as the sheet has it.")]
    email: Annotated[
        str,
        Meta(description="To be deleted once the mail is sent.", extra_json_schema={"format": "email"}),
    ]
    language: Annotated[str, Meta(description="Of who invites.")]
    time_zone: Annotated[str, Meta(description="Of the cohort.")]

"""Events of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta


@dataclass(frozen=True, kw_only=True)
class AccountChanged:
    """An account was confirmed, or one of its public fields changed."""

    event_name: ClassVar[str] = "users.account_changed.v1"

    account_id: UUID
    name: str
    github_id: int | None
    github_login: Annotated[str, Meta(description="Empty when not linked.")]
    language: Annotated[str, Meta(extra_json_schema={"enum": ["ko", "en"]})]
    time_zone: Annotated[str, Meta(description="IANA name.")]
    version: Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, kw_only=True)
class ContactChanged:
    """The verified address of an account changed. The only event that contains an address."""

    event_name: ClassVar[str] = "users.contact_changed.v1"

    account_id: UUID
    email: Annotated[str, Meta(extra_json_schema={"format": "email"})]
    version: Annotated[int, Meta(ge=1)]


@dataclass(frozen=True, kw_only=True)
class AccountClosed:
    """An account was closed; consumers erase its personal data."""

    event_name: ClassVar[str] = "users.account_closed.v1"

    account_id: UUID
    version: Annotated[int, Meta(ge=1)]

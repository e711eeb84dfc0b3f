"""What the other services are told of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class AccountChanged:
    """A person confirmed their first address, or what others see of them changed."""

    name: ClassVar[str] = "users.account_changed.v1"

    account_id: UUID
    name_: str
    github_id: int | None
    github_login: str
    language: str
    time_zone: str
    version: int


@dataclass(frozen=True, kw_only=True)
class ContactChanged:
    """The confirmed address of an account. Only notification hears it."""

    name: ClassVar[str] = "users.contact_changed.v1"

    account_id: UUID
    email: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AccountClosed:
    """A person left; whoever keeps something of them erases it."""

    name: ClassVar[str] = "users.account_closed.v1"

    account_id: UUID
    version: int

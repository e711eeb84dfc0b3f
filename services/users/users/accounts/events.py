"""Events of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class AccountChanged:
    """An account was confirmed, or one of its public fields changed."""

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
    """The confirmed address of an account changed. Consumed by notification only."""

    name: ClassVar[str] = "users.contact_changed.v1"

    account_id: UUID
    email: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AccountClosed:
    """An account was closed; consumers erase its personal data."""

    name: ClassVar[str] = "users.account_closed.v1"

    account_id: UUID
    version: int

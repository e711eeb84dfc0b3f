"""Events that this app publishes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CohortChanged:
    """A cohort was created or renamed."""

    name: ClassVar[str] = "study.cohort_changed.v1"

    cohort_id: UUID
    title: str
    version: int


@dataclass(frozen=True, kw_only=True)
class MembershipChanged:
    """A membership began, changed or ended."""

    name: ClassVar[str] = "study.membership_changed.v1"

    membership_id: UUID
    cohort_id: UUID
    account_id: UUID
    role: str
    left: bool
    version: int

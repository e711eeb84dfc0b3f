"""Authorization tables: one per app, every operation of the OpenAPI document once.

A table lists the status for anonymous, other (Clara, who operates another cohort), member (Ada), mentor
(Boris), operator (Olga) and owner (of the installation, in no cohort). A token that may only read and a
token of a service follow from these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROLES = ("anonymous", "other", "member", "mentor", "operator", "owner")


@dataclass(frozen=True)
class Row:
    """Expected statuses in the order of ROLES, and the request body.

    A text "{name}" in the body is replaced by the value of that name from `create_rows`.
    """

    answers: tuple[int, int, int, int, int, int]
    body: Mapping[str, Any] | None = None


def signed_in(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Any account."""
    return Row((401, *([status] * 5)), body)  # type: ignore[arg-type]


def cohort_members(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Members of the cohort in any role; 404 for others."""
    return Row((401, 404, status, status, status, 404), body)


def mentors(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Mentors and operators of the cohort; 404 for others."""
    return Row((401, 404, 404, status, status, 404), body)


def operators(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Operators of the cohort; 404 for others."""
    return Row((401, 404, 404, 404, status, 404), body)

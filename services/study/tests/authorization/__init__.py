"""Who may do what: a table for each app, every operation of the OpenAPI document once.

A table says the answer to anonymous, other (Clara, who operates another cohort), member (Ada), mentor
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
    """The answers in the order of ROLES, and what is sent.

    A text "{name}" in the body stands for what the scene gives under that name.
    """

    answers: tuple[int, int, int, int, int, int]
    body: Mapping[str, Any] | None = None


def signed_in(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Whoever is signed in."""
    return Row((401, *([status] * 5)), body)  # type: ignore[arg-type]


def cohort_members(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Everybody in the cohort; to others it is not there."""
    return Row((401, 404, status, status, status, 404), body)


def mentors(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Mentors and operators of the cohort; to others it is not there."""
    return Row((401, 404, 404, status, status, 404), body)


def operators(status: int, body: Mapping[str, Any] | None = None) -> Row:
    """Operators of the cohort; to others it is not there."""
    return Row((401, 404, 404, 404, status, 404), body)

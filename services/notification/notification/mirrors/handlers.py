"""Handlers of events about addresses, cohorts and memberships, and of the rows that rebuild the mirrors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.events.publish import Envelope
from chassis.personal_data.handlers import upsert_account
from notification.mirrors import actions


def contact_changed(envelope: Envelope) -> None:
    """Update the email address of an account."""
    upsert_contact(envelope["payload"])


def cohort_changed(envelope: Envelope) -> None:
    """Update the mirror of a cohort."""
    upsert_cohort(envelope["payload"])


def membership_changed(envelope: Envelope) -> None:
    """Update the mirror of a membership."""
    upsert_membership(envelope["payload"])


def upsert_account_with_contact(row: dict[str, Any]) -> None:
    """Update the mirrors of an account and its address by a row of users' list."""
    upsert_account(row)
    if row["email"]:
        upsert_contact(row)


def upsert_contact(row: dict[str, Any]) -> None:
    """Update the mirror of an address."""
    actions.upsert_contact(account_id=UUID(row["account_id"]), email=row["email"], version=row["version"])


def upsert_cohort(row: dict[str, Any]) -> None:
    """Update the mirror of a cohort."""
    parts = row.get("parts")  # absent before release 0.2
    actions.upsert_cohort(
        cohort_id=UUID(row["cohort_id"]),
        title=row["title"],
        version=row["version"],
        parts=None if parts is None else [(UUID(part["part_id"]), part["name"]) for part in parts],
    )


def upsert_membership(row: dict[str, Any]) -> None:
    """Update the mirror of a membership."""
    actions.upsert_membership(
        membership_id=UUID(row["membership_id"]),
        cohort_id=UUID(row["cohort_id"]),
        account_id=UUID(row["account_id"]),
        role=row["role"],
        left=row["left"],
        version=row["version"],
    )

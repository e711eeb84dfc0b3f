"""Handlers of events about accounts, cohorts and memberships."""

from __future__ import annotations

from uuid import UUID

from chassis.events.publish import Envelope
from notification.mirrors import actions


def account_changed(envelope: Envelope) -> None:
    """Update the mirror of an account."""
    payload = envelope["payload"]
    actions.upsert_account(
        account_id=UUID(payload["account_id"]),
        name=payload["name"],
        language=payload["language"],
        time_zone=payload["time_zone"],
        version=payload["version"],
    )


def contact_changed(envelope: Envelope) -> None:
    """Update the email address of an account."""
    payload = envelope["payload"]
    actions.upsert_contact(
        account_id=UUID(payload["account_id"]), email=payload["email"], version=payload["version"]
    )


def cohort_changed(envelope: Envelope) -> None:
    """Update the mirror of a cohort."""
    payload = envelope["payload"]
    actions.upsert_cohort(
        cohort_id=UUID(payload["cohort_id"]), title=payload["title"], version=payload["version"]
    )


def membership_changed(envelope: Envelope) -> None:
    """Update the mirror of a membership."""
    payload = envelope["payload"]
    actions.upsert_membership(
        membership_id=UUID(payload["membership_id"]),
        cohort_id=UUID(payload["cohort_id"]),
        account_id=UUID(payload["account_id"]),
        role=payload["role"],
        left=payload["left"],
        version=payload["version"],
    )

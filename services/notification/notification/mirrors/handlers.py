"""What users and study tell of accounts, cohorts and memberships."""

from __future__ import annotations

from uuid import UUID

from chassis.events.publish import Envelope
from notification.mirrors import actions


def account_changed(envelope: Envelope) -> None:
    """A person is new here, or is called otherwise now, or reads another language."""
    payload = envelope["payload"]
    actions.upsert_account(
        account_id=UUID(payload["account_id"]),
        name=payload["name"],
        language=payload["language"],
        time_zone=payload["time_zone"],
        version=payload["version"],
    )


def contact_changed(envelope: Envelope) -> None:
    """A person reads mail at this address from now on."""
    payload = envelope["payload"]
    actions.upsert_contact(
        account_id=UUID(payload["account_id"]), email=payload["email"], version=payload["version"]
    )


def cohort_changed(envelope: Envelope) -> None:
    """A cohort is new, or has another title."""
    payload = envelope["payload"]
    actions.upsert_cohort(
        cohort_id=UUID(payload["cohort_id"]), title=payload["title"], version=payload["version"]
    )


def membership_changed(envelope: Envelope) -> None:
    """A person came to a cohort, changed role, or left."""
    payload = envelope["payload"]
    actions.upsert_membership(
        membership_id=UUID(payload["membership_id"]),
        cohort_id=UUID(payload["cohort_id"]),
        account_id=UUID(payload["account_id"]),
        role=payload["role"],
        left=payload["left"],
        version=payload["version"],
    )

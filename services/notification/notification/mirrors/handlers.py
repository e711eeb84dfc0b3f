"""What users and study tell of accounts, cohorts and memberships."""

from __future__ import annotations

from uuid import UUID

from chassis.events.publish import Envelope
from notification.mirrors import actions


def account_changed(envelope: Envelope) -> None:
    """A person is new here, or is called otherwise now, or reads another language."""
    told = envelope["payload"]
    actions.keep_account(
        account_id=UUID(told["account_id"]),
        name=told["name"],
        language=told["language"],
        time_zone=told["time_zone"],
        version=told["version"],
    )


def contact_changed(envelope: Envelope) -> None:
    """A person reads mail at this address from now on."""
    told = envelope["payload"]
    actions.keep_contact(account_id=UUID(told["account_id"]), email=told["email"], version=told["version"])


def cohort_changed(envelope: Envelope) -> None:
    """A cohort is new, or has another title."""
    told = envelope["payload"]
    actions.keep_cohort(cohort_id=UUID(told["cohort_id"]), title=told["title"], version=told["version"])


def membership_changed(envelope: Envelope) -> None:
    """A person came to a cohort, changed role, or left."""
    told = envelope["payload"]
    actions.keep_membership(
        membership_id=UUID(told["membership_id"]),
        cohort_id=UUID(told["cohort_id"]),
        account_id=UUID(told["account_id"]),
        role=told["role"],
        left=told["left"],
        version=told["version"],
    )

"""What users tells of accounts."""

from __future__ import annotations

from uuid import UUID

from chassis.events.publish import Envelope
from study.mirrors import actions


def account_changed(envelope: Envelope) -> None:
    """A person is new here, or is called otherwise now."""
    told = envelope["payload"]
    actions.keep_account(
        account_id=UUID(told["account_id"]),
        name=told["name"],
        github_id=told["github_id"],
        github_login=told["github_login"],
        version=told["version"],
    )

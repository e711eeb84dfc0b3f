"""What happens to accounts."""

from __future__ import annotations

from users.accounts.actions.arrival import (
    EmailTaken,
    change_email,
    claim,
    confirm_email,
    create_owner,
    drop_unconfirmed,
    register,
    release_address,
)
from users.accounts.actions.github import (
    GitHubTaken,
    NoOtherWayIn,
    OtherGitHubLinked,
    learn_login,
    link_github,
    unlink_github,
)
from users.accounts.actions.log import forget_old_entries, note
from users.accounts.actions.profile import change_profile, erase
from users.accounts.actions.roles import (
    LastOwner,
    allow_opening,
    disable,
    enable,
    make_owner,
    withdraw_opening,
)

__all__ = [
    "EmailTaken",
    "GitHubTaken",
    "LastOwner",
    "NoOtherWayIn",
    "OtherGitHubLinked",
    "allow_opening",
    "change_email",
    "change_profile",
    "claim",
    "confirm_email",
    "create_owner",
    "disable",
    "drop_unconfirmed",
    "enable",
    "erase",
    "forget_old_entries",
    "learn_login",
    "link_github",
    "make_owner",
    "note",
    "register",
    "release_address",
    "unlink_github",
    "withdraw_opening",
]

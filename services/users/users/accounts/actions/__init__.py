"""State changes of accounts."""

from __future__ import annotations

from users.accounts.actions.audit import delete_old_audit_entries, record_audit
from users.accounts.actions.github import (
    GitHubTaken,
    NoOtherSignInMethod,
    OtherGitHubLinked,
    link_github,
    unlink_github,
    update_github_login,
)
from users.accounts.actions.profile import anonymise, change_profile
from users.accounts.actions.registration import (
    EmailTaken,
    change_email,
    claim,
    confirm_email,
    create_owner,
    delete_unconfirmed_accounts,
    register,
    release_email,
)
from users.accounts.actions.roles import (
    LastOwner,
    disable,
    enable,
    grant_cohort_creation,
    make_owner,
    revoke_cohort_creation,
)

__all__ = [
    "EmailTaken",
    "GitHubTaken",
    "LastOwner",
    "NoOtherSignInMethod",
    "OtherGitHubLinked",
    "anonymise",
    "change_email",
    "change_profile",
    "claim",
    "confirm_email",
    "create_owner",
    "delete_old_audit_entries",
    "delete_unconfirmed_accounts",
    "disable",
    "enable",
    "grant_cohort_creation",
    "link_github",
    "make_owner",
    "record_audit",
    "register",
    "release_email",
    "revoke_cohort_creation",
    "unlink_github",
    "update_github_login",
]

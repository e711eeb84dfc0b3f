"""Actions on memberships and invitations."""

from study.memberships.actions.github import (
    ClaimChanged,
    GitHubAlreadyLinked,
    GitHubTaken,
    claim_github,
    confirm_claim,
    pin_github,
    set_github_login,
)
from study.memberships.actions.invitations import (
    AlreadyMember,
    ExpiryInPast,
    PartNotInCohort,
    UnknownAccount,
    create_invitation,
    invite_account,
    withdraw_invitation,
)
from study.memberships.actions.joining import (
    InvitationForOtherAccount,
    InvitationOver,
    InvitationUsedUp,
    InvitationWithdrawn,
    LeftSince,
    PartNotChosen,
    join,
    join_error,
)
from study.memberships.actions.memberships import (
    LastOperator,
    PartAlreadyChosen,
    TeamNotInCohort,
    choose_part,
    end_memberships,
    leave,
    update_membership,
)
from study.memberships.actions.operators import NotInCohort, appoint_operator

__all__ = [
    "AlreadyMember",
    "ClaimChanged",
    "ExpiryInPast",
    "GitHubAlreadyLinked",
    "GitHubTaken",
    "InvitationForOtherAccount",
    "InvitationOver",
    "InvitationUsedUp",
    "InvitationWithdrawn",
    "LastOperator",
    "LeftSince",
    "NotInCohort",
    "PartAlreadyChosen",
    "PartNotChosen",
    "PartNotInCohort",
    "TeamNotInCohort",
    "UnknownAccount",
    "appoint_operator",
    "choose_part",
    "claim_github",
    "confirm_claim",
    "create_invitation",
    "end_memberships",
    "invite_account",
    "join",
    "join_error",
    "leave",
    "pin_github",
    "set_github_login",
    "update_membership",
    "withdraw_invitation",
]

"""What can be done to people's places in a cohort, and to the ways in."""

from study.memberships.actions.github import (
    ClaimChanged,
    GithubTaken,
    LinkedAlready,
    claim_github,
    confirm_claim,
    pin_github,
    set_github_login,
)
from study.memberships.actions.invitations import (
    AlreadyIn,
    NotAFutureMoment,
    NotKnown,
    OtherCohortsPart,
    invite_account,
    make_invitation,
    withdraw_invitation,
)
from study.memberships.actions.joining import (
    ForSomeoneElse,
    InvitationOver,
    InvitationUsedUp,
    InvitationWithdrawn,
    join,
    LeftSince,
    PartNotChosen,
    refusal_for,
)
from study.memberships.actions.seats import (
    LastOperator,
    OtherCohortsTeam,
    PartChosen,
    change_seat,
    choose_part,
    end_memberships,
    leave,
)

__all__ = [
    "AlreadyIn",
    "ClaimChanged",
    "ForSomeoneElse",
    "GithubTaken",
    "InvitationOver",
    "InvitationUsedUp",
    "InvitationWithdrawn",
    "LastOperator",
    "LinkedAlready",
    "NotAFutureMoment",
    "NotKnown",
    "OtherCohortsPart",
    "OtherCohortsTeam",
    "change_seat",
    "claim_github",
    "confirm_claim",
    "PartChosen",
    "PartNotChosen",
    "appoint_operator",
    "invite_account",
    "join",
    "leave",
    "make_invitation",
    "pin_github",
    "refusal_for",
    "set_github_login",
    "withdraw_invitation",
]

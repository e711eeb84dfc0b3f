"""What can be done to people's places in a cohort, and to the ways in."""

from study.memberships.actions.appointing import NotInCohort, appoint_operator
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
    LeftSince,
    PartNotChosen,
    join,
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
    "LeftSince",
    "LinkedAlready",
    "NotAFutureMoment",
    "NotInCohort",
    "NotKnown",
    "OtherCohortsPart",
    "OtherCohortsTeam",
    "PartChosen",
    "PartNotChosen",
    "appoint_operator",
    "change_seat",
    "choose_part",
    "claim_github",
    "confirm_claim",
    "end_memberships",
    "invite_account",
    "join",
    "leave",
    "make_invitation",
    "pin_github",
    "refusal_for",
    "set_github_login",
    "withdraw_invitation",
]
